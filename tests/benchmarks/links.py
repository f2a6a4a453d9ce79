"""Time the full decision on named links: python tests/benchmarks/links.py [SECONDS]

The full decision: effective dimension, expected Hessian with its rank, information exponent, both leaps, generative exponent
where the link has one direction, and E f*². Each link is decided in a process of its own, so that nothing is known from another
one; the start of that process is not counted, and the time is that of the processor, which a busy machine does not stretch. A
link that takes more than SECONDS (default 120) by the clock is stopped and listed as such.
"""

import subprocess
import sys
import time

LINKS = {
    1: [
        "relu(z1)",
        "relu(z1-1/2)",
        "abs(z1)",
        "sign(z1)",
        "tanh(z1)",
        "sigmoid(z1)",
        "erf(z1)",
        "sin(z1)",
        "cos(z1)",
        "exp(z1)",
        "log(1+exp(z1))",
        "sqrt(1+z1**2)",
        "z1**2*exp(-z1**2)",
        "exp(-(z1**2-1)**2)",
        "pi*z1 + z1**2",
        "Piecewise((-1, z1 < -1), (z1, z1 < 1), (1, True))",
    ],
    2: [
        "Max(z1,z2)",
        "relu(z1)*relu(z2)",
        "sin(z1)*cos(z2)",
        "z1*tanh(z2) + tanh(z1)",
        "tanh(z1*z2)",
        "sqrt(1+z1**2+z2**2)",
        "abs(z1*z2-1)",
        "relu(z1**2-z2)",
        "relu(1-z1**2-z2**2)",
        "sign(z1**2+z2**2-1)",
        "sign(z1**2+2*z2**2-1)",
        "Max(z1*z2,z2**2)",
        "Max(z1*z2,cos(z1))",
        "log(1+(z1**2-z2)**2)",
        "Piecewise((z1, z1*z2 > 1), (z2**2, True))",
    ],
    3: [
        "Max(z1,z2,z3)",
        "Max(abs(z1),abs(z2),abs(z3))",
        "relu(z1+z2)*abs(z3-z1)",
        "abs(z1*z2+z3)",
        "sin(z1*z2*z3)",
        "tanh(z1*z2*z3)",
        "tanh(z1*z2+z3)",
        "sigmoid(z1+z2*z3)",
        "exp(-(z1*z2*z3)**2)",
        "relu(1-z1**2-z2**2-z3**2)",
        "sign(z1*z2*z3-1)",
        "log(1+(z1*z2+z3)**2)",
    ],
}
AIMS = {1: 2.0, 2: 20.0}
"""Seconds that a link of so many variables should take at most."""


def decide(text: str) -> None:
    """Print the decisions on one link and the seconds they took."""
    from steinlab.theory.expansions.link_expansion import LinkExpansion
    from steinlab.theory.targets.exponents import coordinate_leap, information_exponent, subspace_leap
    from steinlab.theory.targets.hessian import ExpectedHessian

    start = time.process_time()
    e = LinkExpansion.from_expression(text)
    coordinate, generative = coordinate_leap(e), e.generative_exponent()
    found = [
        e.effective_dimension.value,
        ExpectedHessian(e).rank.value,
        information_exponent(e).value,
        subspace_leap(e).value.value,
        coordinate and coordinate.value,
        generative.value.value if generative else "-",
        e.second_moment.ball().str(5),
    ]
    print(f"{time.process_time() - start:7.2f}", *("?" if x is None else x for x in found), sep="|")


def main(limit: float) -> None:
    row = "{:50} {:>8} {:>4} {:>5} {:>5} {:>5} {:>6} {:>5}  {}"
    for size, links in LINKS.items():
        aim = f", aim {AIMS[size]:g} s" if size in AIMS else ""
        print(
            row.format(
                f"{size} variable{'s' if size > 1 else ''}{aim}",
                "seconds",
                "dim",
                "rank",
                "inf.",
                "leap",
                "coord.",
                "gen.",
                "E f²",
            )
        )
        for text in links:
            try:
                done = subprocess.run([sys.executable, __file__, "--one", text], capture_output=True, text=True, timeout=limit)
            except subprocess.TimeoutExpired:
                print(row.format(text, f"> {limit:g}", *"??????", ""))
                continue
            if done.returncode:
                print(row.format(text, "failed", *"??????", done.stderr.strip().splitlines()[-1]))
                continue
            cells = done.stdout.strip().split("|")
            late = " (over the aim)" if float(cells[0]) > AIMS.get(size, float("inf")) else ""
            print(row.format(text, *cells) + late, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        decide(sys.argv[2])
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 120.0)
