"""What steinlab says of a target: the JSON of its report, a refusal, or the end of it in a traceback or beyond the time."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from fuzz.drawn import Drawn


@dataclass(frozen=True)
class Answer:
    """`state` is "report", "refused", "crashed" or "hung"; `reason` says why there is no report.

    `balls` are those of the moments at the precisions that were asked for before the report, by their names.
    """

    state: str
    report: dict[str, Any] | None = None
    reason: str = ""
    seconds: float = 0.0
    """Processor time."""
    balls: dict[str, str] | None = None


class TimeIsUp(BaseException):
    """Raised by the alarm; no handler of Exception stops it."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise TimeIsUp after so much processor time, again every second until it is heeded."""

    def ring(_: int, __: FrameType | None) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


PRECISIONS = (53, 212)
"""Bits at which balls are asked for before a report, in one order or the other."""


def ask(drawn: Drawn, seconds: float = 20, precisions: Sequence[int] = ()) -> Answer:
    """The answer, in this process: what `steinlab check --json` would print, after balls at some precisions."""
    from steinlab.checks.assumptions.check import check
    from steinlab.theory.errors import InputError

    start = time.process_time()
    try:
        with limit(seconds):
            target = _target(drawn)
            balls = dict(_balls(target, precisions))
            report = check(target).to_dict()
            text = json.dumps(report, allow_nan=False)
    except InputError as error:
        return Answer("refused", reason=str(error), seconds=time.process_time() - start)
    except TimeIsUp:
        return Answer("hung", reason=f"no report after {seconds:g} s of processor time", seconds=seconds)
    except Exception as error:  # what this program is there to find
        if isinstance(error, SystemError):  # the alarm, wrapped by compiled code
            return Answer("hung", reason=f"no report after {seconds:g} s of processor time", seconds=seconds)
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {str(error)[:200]} ({Path(where.filename).name}, {where.name})"
        return Answer("crashed", reason=reason, seconds=time.process_time() - start)
    return Answer("report", json.loads(text), seconds=time.process_time() - start, balls=balls)


def _target(drawn: Drawn) -> Any:
    from steinlab.theory.targets.target import Target

    network = drawn.network
    if network is None:
        return Target.from_expression(drawn.text, drawn.directions)
    numbers = [network[name] for name in ("weights", "head", "biases")]
    if network["arrays"]:
        numbers = [np.array(x, dtype=float) for x in numbers]
    return Target.from_network(*numbers, activation=network["activation"], directions=drawn.directions)


def _balls(target: Any, precisions: Sequence[int]) -> Iterator[tuple[str, str]]:
    """The balls of the mean, the second moment and the first energies of a link, by what they enclose and their precision."""
    from steinlab.theory.targets.target import LinkTarget

    for bits in precisions if isinstance(target, LinkTarget) else ():
        f = target.expansion
        for name, value in (("mean", f.mean), ("second moment", f.second_moment), ("energy 1", f.energy(1))):
            yield f"{name} at {bits} bits", value.ball(bits).str(bits, more=True)


class Worker:
    """A process that answers; ended and begun anew when a call into compiled code does not heed the alarm."""

    def __init__(self, seconds: float, precisions: Sequence[int] = ()) -> None:
        self.seconds, self.precisions = seconds, precisions
        self.process: subprocess.Popen[str] | None = None

    def ask(self, drawn: Drawn) -> Answer:
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, str(Path(__file__).with_name("run.py")), "--serve", str(self.seconds)]
            command += ["--precisions", *map(str, self.precisions)] if self.precisions else []
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(drawn.to_line() + "\n")
        process.stdin.flush()
        begun = _processor_time(process.pid)
        while not select.select([process.stdout], [], [], 1)[0]:
            if _processor_time(process.pid) - begun > 1.5 * self.seconds + 5:
                self.close()
                return Answer("hung", reason=f"no heed of the alarm after {self.seconds:g} s", seconds=self.seconds)
        line = process.stdout.readline()
        if not line:
            self.close()
            return Answer("crashed", reason=f"the process ended with status {process.returncode}")
        return Answer(**json.loads(line))

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


def _processor_time(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serve(seconds: float, precisions: Sequence[int]) -> None:
    """Answer the targets on standard input, a line each."""
    for line in sys.stdin:
        answer = ask(Drawn.of_line(line), seconds, precisions)
        sys.stdout.write(json.dumps(answer.__dict__) + "\n")
        sys.stdout.flush()


def undecided(answer: Answer) -> Sequence[str]:
    """The facts that a report leaves undecided, by name."""
    r = answer.report
    if r is None:
        return []
    out = [name for name in ("mean", "variance") if not _says_something(r[name])]
    shown = r["degree_energy"].items()
    out += [f"energy {k}" for k, v in shown if not _says_something(v)]
    if r["target"].get("effective_dimension") is None:
        out.append("effective dimension")
    if r["expected_hessian"]["rank"] is None:
        out.append("rank H")
    for name in ("information_exponent", "subspace_leap", "coordinate_leap", "generative_exponent"):
        fact = r[name]
        if isinstance(fact, dict) and fact["value"] is None and "defined for" not in fact.get("reason", ""):
            out.append(name.replace("_", " "))
    out += [f["id"] for f in r["assumptions"] if f["verdict"] == "undecided"]
    return out


def _says_something(text: str | None) -> bool:
    """Whether a value is shown with at least two digits, or exactly."""
    if text is None or text.startswith("["):
        return False
    try:
        float(text)
    except ValueError:
        return True  # in closed form
    mantissa, _, exponent = text.lstrip("-").lower().partition("e")
    return not exponent or (mantissa.strip("0.") != "" and len(mantissa.replace(".", "")) > 1)
