"""The answer of `steinlab csq` as text for people."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from steinlab.checks.csq.answer import LIMITS, Answer, float_up, frame_record
from steinlab.checks.csq.fights import Fight
from steinlab.checks.text import WIDTH, table
from steinlab.theory.statements.csq import ToleranceBound
from steinlab.theory.statements.predictions import power_of_d


def to_text(answer: Answer) -> str:
    """Bounds, the set and the fights if there are any, what they do not imply, and in one line what they mean."""
    problem, k = answer.problem, answer.problem.exponent
    known = str(k) if problem.decided else f"at least {k}"
    heading = f"{problem.text}\nd = {answer.d}, {answer.queries} queries of unit norm, {problem.directions} direction(s)\n"
    heading += f"information exponent {known} ({problem.evidence.value}): "
    heading += f"n of order {power_of_d(Fraction(k, 2))} or more, up to logarithms (heuristic)"
    blocks = [heading, "Tolerance of a learner that succeeds: τ² at most\n" + _bounds(answer.bounds)]
    if answer.printed is not None:
        order = f"log^({k}/2)(qd)/d^({k}/2) = {answer.printed:.3g}"
        blocks[-1] += f"\n  Theorem 2 prints the order {order}; its constant is not printed, so that is no bound."
    if answer.frame is not None:
        blocks += [_frame(frame_record(answer.frame)), "With this set: τ² at most\n" + _bounds(answer.frame_bounds)]
    if answer.fights:
        blocks.append(_fights(answer.fights, blind=all(k % 2 and k >= 3 for k in problem.energies)))
    tips = [textwrap.fill(tip, WIDTH, initial_indent="  * ", subsequent_indent="    ") for tip in LIMITS]
    blocks += ["What this does not imply\n" + "\n".join(tips), _in_short(answer)]
    return "\n\n".join(blocks)


def _in_short(answer: Answer) -> str:
    best = answer.best
    if best.vacuous:
        return f"In short: in dimension {answer.d} these bounds exclude no learner of {_large(answer.queries)} queries."
    tolerance = f"τ² <= {float_up(best.tolerance_squared):.3g} ({best.evidence.value})"
    samples = f"some {_large(best.samples)} samples if τ ≈ n^(-1/2)"
    return f"In short: success with {_large(answer.queries)} queries needs {tolerance}, {samples}."


def _bounds(bounds: Sequence[ToleranceBound]) -> str:
    rows = [
        [
            bound.name,
            "no bound" if bound.vacuous else f"{float_up(bound.tolerance_squared):.4g}",
            "1" if bound.vacuous else _large(bound.samples),
            "" if bound.cosine is None else f"{float(bound.cosine):.4g}",
            "" if bound.size is None else _large(bound.size),
            f"{bound.evidence.value}; {bound.source}",
        ]
        for bound in bounds
    ]
    return table(["bound", "τ²", "n (heuristic)", "δ", "functions", "evidence; source"], rows)


def _large(n: int) -> str:
    if n < 10**7:
        return str(n)
    exponent = int(math.log10(n))
    return f"{n / 10**exponent if exponent < 300 else n // 10 ** (exponent - 3) / 1000:.3f}e{exponent}"


def _frame(record: dict[str, Any]) -> str:
    most = record["levenshtein_size"]
    share = "no polynomial tried proves one"
    if most is not None:
        percent = 100 * record["share_of_levenshtein_size"]
        share = f"at most {_large(int(most))} vectors at this coherence; the set has {percent:.4g}% of them"
    rows = [
        ["set", f"{record['name']}: {record['size']} vectors of dimension {record['dimension']} ({record['source']})"],
        ["coherence", f"{record['coherence_exact']} ≈ {record['coherence']:.6g} (exact; {record['verified']})"],
        ["Welch's bound", f"coherence at least {record['welch_coherence']:.6g} for so many vectors"],
        ["Levenshtein's bound", f"coherence at least {record['levenshtein_coherence']:.6g} for so many vectors"],
        ["", share],
    ]
    if record["random_guarantee"]:
        promised = record["random_guarantee"]
        rows.append(["promised", f"coherence at most {promised['coherence']:.6g} with probability 0.99 ({promised['method']})"])
    return "Construction\n" + table(None, rows)


def _fights(fights: Sequence[Fight], blind: bool) -> str:
    rows = [
        [
            fight.text,
            str(fight.outcome.queries),
            f"{fight.outcome.survivors} of {fight.outcome.size}",
            str(fight.outcome.most_removed),
            f"{fight.outcome.loss:.4g}",
            ("learner wins" if fight.outcome.won else "learner defeated"),
            fight.promise,
        ]
        for fight in fights
    ]
    header = ["class", "queries", "survivors", "most removed", "loss", "outcome", "Lemma 2"]
    tolerance = fights[0].outcome.tolerance
    title = f"Adversary at τ = {tolerance:.4g}: the network's gradient at initialisation, coordinate by coordinate"
    text = f"{title}\n{table(header, rows)}"
    if blind:
        text += "\n  With zero biases the gradient on odd degrees from 3 on is 0: this learner sees nothing at any tolerance."
    return text
