"""bound what correlational statistical queries can learn: Theorem 2 in numbers, constructions, the adversary

The class is He_K(v·x)/sqrt(K!) over unit vectors v (--degree K), or a TARGET seen from unknown directions, whose information
exponent decides. Bounds are on the tolerance τ of a learner that finds every member; n = 1/τ² is a heuristic."""

from __future__ import annotations

import argparse
import json
import math
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from steinlab.checks.commands.arguments import exact_fraction, whole_number
from steinlab.theory.errors import InputError
from steinlab.theory.statements.predictions import power_of_d
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from steinlab.numerics.constructions.csq_adversary import Defeat
    from steinlab.theory.statements.csq import ToleranceBound
    from steinlab.theory.statements.line_sets import NearOrthogonalSet
    from steinlab.theory.targets.target import Target

EXAMPLE = "steinlab csq --degree 4 -d 100 --queries 1e6"
SCHEMA = "steinlab/csq/1"
CONSTRUCTIONS = ("random", "kerdock", "mub", "devore", "paley")
MAX_DEGREE = 100
MAX_QUERIES = int(1e100)
_WIDTH = 110

LIMITS = (
    "Samples are not queries: n = 1/τ² reads a tolerance as the error of an average over n samples (τ ≈ n^(-1/2)), a heuristic. "
    "Learners that use samples in other ways are not bound; for one direction, the generative exponent says what they can do.",
    "Worst case over the class: some member resists each learner. A single known target is learned with no query at all. The "
    "mean of the target counts as known.",
    "Queries have unit norm, E h² = 1. A query scaled by s is as good as one with tolerance τ/s.",
    "The learner outputs a member of the class, as in Lemma 2; the loss is at least 2 - 2ε for some truth otherwise.",
)


@dataclass(frozen=True)
class Class:
    """What is asked about: its energies {k: e_k} (variance 1), its information exponent (a lower bound where that is not
    decided), and its Hermite coefficients where the adversary can run."""

    text: str
    energies: dict[int, Fraction]
    exponent: int
    evidence: Evidence
    directions: int
    coefficients: dict[int, float] | None
    decided: bool = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", nargs="?", help="an expression in z1, z2, ..., or a .toml file")
    parser.add_argument("--degree", metavar="K", help="the class He_K(v·x)/sqrt(K!) in place of a TARGET")
    parser.add_argument("-d", metavar="D", required=True, help="dimension of the inputs")
    parser.add_argument("--queries", default="1e6", metavar="Q", help="queries of the learner (default 1e6)")
    parser.add_argument("--construction", choices=CONSTRUCTIONS, help="build this set in dimension D and bound with it")
    parser.add_argument("--vectors", metavar="N", help="size of the random construction (default 1000)")
    parser.add_argument("--code-degree", metavar="R", help="degree of the devore construction (default 2)")
    parser.add_argument("--adversary", action="store_true", help="run Lemma 2's adversary against the network's gradient")
    parser.add_argument("--tolerance", metavar="TAU", help="the adversary's tolerance (default 1/(2D))")
    parser.add_argument("-m", metavar="M", help="neurons that query their gradient (default 32)")
    parser.add_argument("--seed", default="0", help="whole number that random vectors and weights derive from (default 0)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    from steinlab.theory.statements.csq import theorem2_printed

    d, queries = whole_number("-d", args.d), whole_number("--queries", args.queries)
    if not 1 <= queries <= MAX_QUERIES:
        raise InputError(f"--queries {args.queries}: give a whole number from 1 to 1e100")
    seed = whole_number("--seed", args.seed)
    problem = _class(args)
    bounds = _bounds(problem, d, queries)
    printed = theorem2_printed(d, problem.exponent, queries) if problem.directions == 1 else None
    chosen = args.construction or (_default_construction(d) if args.adversary else None)
    if chosen and problem.directions > 1:
        raise InputError(f"a target of {problem.directions} directions: constructions and the adversary are for one")
    if args.adversary and problem.coefficients is None:
        raise InputError("--adversary needs --degree K, or a polynomial TARGET in z1 alone")
    _refuse_idle(args, chosen)
    frame = _build(chosen, d, args, seed) if chosen else None
    with_frame = [] if frame is None else _construction_bounds(problem, frame, queries)
    fights = _fights(problem, frame, args, seed) if args.adversary and frame is not None else []
    if args.json:
        record = {
            "schema": SCHEMA,
            "d": d,
            "queries": queries,
            "seed": seed,
            "class": _class_json(problem),
            "bounds": [_bound_json(b) for b in bounds],
            "theorem2_printed": None if printed is None else {"tolerance_squared_order": printed, "evidence": "numerical"},
            "construction": None if frame is None else {**_frame_json(frame), "bounds": [_bound_json(b) for b in with_frame]},
            "adversary": [_fight_json(text, fight, count) for text, fight, count in fights] or None,
            "limits": list(LIMITS),
        }
        text = json.dumps(record, indent=2, ensure_ascii=False)
    else:
        text = "\n\n".join(_render(problem, d, queries, bounds, printed, frame, with_frame, fights))
    sys.stdout.write(text + "\n")
    return 0


def _refuse_idle(args: argparse.Namespace, construction: str | None) -> None:
    """InputError for an option that nothing would read."""
    readers = {
        "--tolerance": (args.tolerance, args.adversary, "--adversary"),
        "-m": (args.m, args.adversary, "--adversary"),
        "--vectors": (args.vectors, construction == "random", "the random construction"),
        "--code-degree": (args.code_degree, construction == "devore", "the devore construction"),
    }
    for flag, (given, read, reader) in readers.items():
        if given is not None and not read:
            raise InputError(f"{flag} {given} is for {reader} only: leave it out")


# -- the class


def _class(args: argparse.Namespace) -> Class:
    if (args.target is None) == (args.degree is None):
        raise InputError("give either a TARGET or --degree K")
    if args.degree is None:
        return _class_of_target(args.target)
    k = whole_number("--degree", args.degree)
    if not 1 <= k <= MAX_DEGREE:
        raise InputError(f"--degree {k}: give a degree from 1 to {MAX_DEGREE}")
    return Class(f"He_{k}(v·x)/sqrt({k}!)", {k: Fraction(1)}, k, Evidence.EXACT, 1, {k: 1.0})


def _class_of_target(text: str) -> Class:
    from steinlab.checks.commands.check import load_target
    from steinlab.theory.targets.target import PolynomialTarget

    target = load_target(text)
    if not isinstance(target, PolynomialTarget):
        return _class_of_link(target)
    from steinlab.theory.exact.numbers import working_precision
    from steinlab.theory.statements.near_orthogonal import upper_fraction
    from steinlab.theory.targets.polynomial_exponents import information_exponent

    expansion = target.expansion
    shares = {k: energy / expansion.variance for k, energy in expansion.degree_energies.items() if k >= 1}
    with working_precision(128):
        energies = {k: share.fraction if share.is_rational else upper_fraction(share.ball()) for k, share in shares.items()}
    coefficients = None
    if target.latent_dimension == 1 and target.directions is None:
        part = {k: float(expansion.symbol.homogeneous_part(k).coefficient((k,))) for k in energies}
        coefficients = {k: c * math.sqrt(math.factorial(k)) for k, c in part.items()}
    return Class(
        f"f(x) = {target.link} seen along unknown directions",
        energies,
        information_exponent(expansion),
        Evidence.EXACT,
        target.effective_dimension,
        coefficients,
    )


def _class_of_link(target: Target) -> Class:
    """A link that is not polynomial: all its energy may lie in the degree of its information exponent."""
    from steinlab.theory.targets.link_exponents import information_exponent
    from steinlab.theory.targets.link_target import LinkTarget

    assert isinstance(target, LinkTarget), "the only other kind"
    exponent, directions = information_exponent(target.expansion), target.effective_dimension
    if directions.upper is None:
        raise InputError(f"{target.link}: its number of directions is undecided ({directions.reason})")
    k = exponent.lower
    name = f"f(x) = {target.link} seen along unknown directions"
    decided = exponent.value is not None
    return Class(name, {k: Fraction(1)}, k, Evidence.CERTIFIED, directions.upper, None, decided)


def _bounds(problem: Class, d: int, queries: int) -> list[ToleranceBound]:
    from steinlab.theory.statements.csq import largest_class_bound, random_class_bound, theorem2_quarter

    bounds = [largest_class_bound(d, problem.energies, queries, problem.directions)]
    if problem.directions == 1:
        bounds += [random_class_bound(d, problem.exponent, queries), theorem2_quarter(d, problem.exponent, queries)]
    return bounds


# -- constructions


def _default_construction(d: int) -> str:
    return "kerdock" if d >= 4 and d & (d - 1) == 0 and d.bit_length() % 2 == 1 else "random"


def _build(name: str, d: int, args: argparse.Namespace, seed: int) -> NearOrthogonalSet:
    from steinlab.theory.statements import line_sets as frames

    if name == "devore":
        return frames.devore(d, whole_number("--code-degree", "2" if args.code_degree is None else args.code_degree))
    if name != "random":
        builders: dict[str, Callable[[int], NearOrthogonalSet]] = {
            "kerdock": frames.kerdock,
            "mub": frames.complex_bases,
            "paley": frames.paley,
        }
        return builders[name](d)
    import numpy as np

    from steinlab.numerics.samples.streams import generator

    size = whole_number("--vectors", "1000" if args.vectors is None else args.vectors)
    if size < 2 or d < 1:
        raise InputError(f"--vectors {size} in dimension {d}: give at least 2 vectors and d >= 1")
    frames.require_gram(size, d)
    signs = 2 * generator(seed, "csq", "signs").integers(0, 2, size=(size, d), dtype=np.int8) - 1
    return frames.random_signs(signs.astype(np.int8))


def _construction_bounds(problem: Class, frame: NearOrthogonalSet, queries: int) -> list[ToleranceBound]:
    from steinlab.theory.statements.csq import ToleranceBound, class_correlation, tolerance_from_class, tolerance_from_class_sharp
    from steinlab.theory.statements.near_orthogonal import root_up

    cosine = root_up(frame.coherence_squared)
    correlation = class_correlation(problem.energies, cosine)
    rules = (("Lemma 2 sharpened", tolerance_from_class_sharp), ("Lemma 2 as printed", tolerance_from_class))
    return [
        ToleranceBound(
            f"{frame.name}, {name}",
            rule(frame.size, min(correlation, Fraction(1)), queries),
            "derived" if rule is tolerance_from_class_sharp else "Lemma 2",
            Evidence.EXACT,
            cosine,
            frame.size,
            correlation,
        )
        for name, rule in rules
    ]


# -- the adversary


def _fights(problem: Class, frame: NearOrthogonalSet, args: argparse.Namespace, seed: int) -> list[tuple[str, Defeat, str]]:
    """The learner on the class and on He_2, where H is not zero: (class, outcome, what Lemma 2 promised)."""
    from steinlab.numerics.constructions.csq_adversary import RidgeClass, gradient_learner

    assert problem.coefficients is not None
    neurons = whole_number("-m", "32" if args.m is None else args.m)
    tolerance = _tolerance(args.tolerance, frame.dimension)
    vectors = frame.vectors()
    out = []
    rivals = {problem.text: (problem.coefficients, problem.energies), "control: He_2(v·x)/sqrt(2)": ({2: 1.0}, {2: Fraction(1)})}
    for count, (text, (coefficients, energies)) in enumerate(rivals.items(), 1):
        started = time.perf_counter()
        outcome = gradient_learner(RidgeClass(vectors, coefficients), tolerance=float(tolerance), neurons=neurons, seed=seed)
        seconds = time.perf_counter() - started
        print(f"[{count}/2] {text}: {outcome.survivors} of {outcome.size} survive ({seconds:.1f} s)", file=sys.stderr)
        out.append((text, outcome, _promise(frame, energies, tolerance)))
    return out


def _promise(frame: NearOrthogonalSet, energies: dict[int, Fraction], tolerance: Fraction) -> str:
    from steinlab.theory.statements.csq import class_correlation, queries_needed
    from steinlab.theory.statements.near_orthogonal import root_up

    correlation = class_correlation(energies, root_up(frame.coherence_squared))
    if tolerance**2 <= correlation:
        return f"silent: τ² = {float(tolerance**2):.3g} <= ε = {float(correlation):.3g}"
    return f"{float(queries_needed(frame.size, tolerance**2, correlation)):.6g} queries needed"


def _tolerance(text: str | None, d: int) -> Fraction:
    if text is None:
        return Fraction(1, 2 * d)
    try:
        value = exact_fraction("--tolerance", text)
    except InputError:
        value = Fraction(0)
    if not 0 < value < 1:
        raise InputError(f"--tolerance {text}: give a number strictly between 0 and 1")
    return value


# -- JSON


def _up(x: Fraction) -> float:
    """The least float at or above x."""
    value = float(x)
    return value if Fraction(value) >= x else math.nextafter(value, math.inf)


def _class_json(problem: Class) -> dict[str, Any]:
    return {
        "text": problem.text,
        "energies": {str(k): _up(energy) for k, energy in problem.energies.items()},
        "information_exponent": {
            "value": problem.exponent if problem.decided else None,
            "lower": problem.exponent,
            "evidence": problem.evidence.value,
        },
        "directions": problem.directions,
    }


def _bound_json(bound: ToleranceBound) -> dict[str, Any]:
    return {
        "name": bound.name,
        "tolerance_squared": _up(bound.tolerance_squared),
        "direction": "upper",
        "samples": bound.samples,
        "samples_direction": "lower, under the heuristic τ ≈ n^(-1/2)",
        "vacuous": bound.vacuous,
        "cosine": None if bound.cosine is None else _up(bound.cosine),
        "size": bound.size,
        "correlation": None if bound.correlation is None else _up(bound.correlation),
        "evidence": bound.evidence.value,
        "source": bound.source,
    }


def _frame_json(frame: NearOrthogonalSet) -> dict[str, Any]:
    from steinlab.theory.statements.near_orthogonal import levenshtein_coherence, levenshtein_size, welch_bound

    most = levenshtein_size(frame.dimension, frame.coherence_squared) if frame.coherence_squared < 1 else None
    return {
        "name": frame.name,
        "dimension": frame.dimension,
        "size": frame.size,
        "coherence": float(frame.coherence),
        "coherence_exact": str(frame.coherence),
        "coherence_squared": str(frame.coherence_squared),
        "verified": frame.verified,
        "evidence": "exact",
        "welch_coherence": math.sqrt(welch_bound(frame.dimension, frame.size)),
        "levenshtein_coherence": math.sqrt(levenshtein_coherence(frame.dimension, frame.size)),
        "levenshtein_size": None if most is None else float(most),
        "share_of_levenshtein_size": None if most is None else float(frame.size / most),
        "random_guarantee": _guarantee(frame),
        "source": frame.source,
    }


def _guarantee(frame: NearOrthogonalSet) -> dict[str, Any] | None:
    if frame.name != "random":
        return None
    from steinlab.theory.statements.near_orthogonal import sign_coherence_bound

    return {
        "coherence": float(sign_coherence_bound(frame.dimension, frame.size, Fraction(1, 100))),
        "probability": 0.99,
        "evidence": "exact",
        "method": "exact binomial law of a product of sign vectors, union bound over pairs",
    }


def _fight_json(text: str, outcome: Defeat, promise: str) -> dict[str, Any]:
    from dataclasses import asdict

    return {"class": text, **asdict(outcome), "lemma2": promise, "evidence": "numerical"}


# -- text for people


def _render(
    problem: Class,
    d: int,
    queries: int,
    bounds: list[ToleranceBound],
    printed: float | None,
    frame: NearOrthogonalSet | None,
    with_frame: list[ToleranceBound],
    fights: list[tuple[str, Defeat, str]],
) -> list[str]:
    k = problem.exponent
    known = str(k) if problem.decided else f"at least {k}"
    heading = f"{problem.text}\nd = {d}, {queries} queries of unit norm, {problem.directions} direction(s)\n"
    heading += f"information exponent {known} ({problem.evidence.value}): "
    heading += f"n of order {power_of_d(Fraction(k, 2))} or more, up to logarithms (heuristic)"
    blocks = [heading, "Tolerance of a learner that succeeds: τ² at most\n" + _bound_table(bounds)]
    if printed is not None:
        order = f"log^({k}/2)(qd)/d^({k}/2) = {printed:.3g}"
        blocks[-1] += f"\n  Theorem 2 prints the order {order}; its constant is not printed, so that is no bound."
    if frame is not None:
        blocks += [_frame_text(_frame_json(frame)), "With this set: τ² at most\n" + _bound_table(with_frame)]
    if fights:
        blocks.append(_fight_text(fights, blind=all(k % 2 and k >= 3 for k in problem.energies)))
    tips = [textwrap.fill(tip, _WIDTH, initial_indent="  * ", subsequent_indent="    ") for tip in LIMITS]
    blocks.append("What this does not imply\n" + "\n".join(tips))
    return blocks


def _bound_table(bounds: list[ToleranceBound]) -> str:
    from steinlab.checks.commands.check import table

    rows = [
        [
            b.name,
            "no bound" if b.vacuous else f"{_up(b.tolerance_squared):.4g}",
            "1" if b.vacuous else _large(b.samples),
            "" if b.cosine is None else f"{float(b.cosine):.4g}",
            "" if b.size is None else _large(b.size),
            f"{b.evidence.value}; {b.source}",
        ]
        for b in bounds
    ]
    return table(["bound", "τ²", "n (heuristic)", "δ", "functions", "evidence; source"], rows)


def _large(n: int) -> str:
    if n < 10**7:
        return str(n)
    exponent = int(math.log10(n))
    return f"{n / 10**exponent if exponent < 300 else n // 10 ** (exponent - 3) / 1000:.3f}e{exponent}"


def _frame_text(record: dict[str, Any]) -> str:
    from steinlab.checks.commands.check import table

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


def _fight_text(fights: list[tuple[str, Defeat, str]], blind: bool) -> str:
    from steinlab.checks.commands.check import table

    rows = [
        [
            text,
            str(o.queries),
            f"{o.survivors} of {o.size}",
            str(o.most_removed),
            f"{o.loss:.4g}",
            ("learner wins" if o.won else "learner defeated"),
            promise,
        ]
        for text, o, promise in fights
    ]
    header = ["class", "queries", "survivors", "most removed", "loss", "outcome", "Lemma 2"]
    title = f"Adversary at τ = {fights[0][1].tolerance:.4g}: the network's gradient at initialisation, coordinate by coordinate"
    text = f"{title}\n{table(header, rows)}"
    if blind:
        text += "\n  With zero biases the gradient on odd degrees from 3 on is 0: this learner sees nothing at any tolerance."
    return text
