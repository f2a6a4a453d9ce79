"""Time the exact side against baselines in the same run: python tests/benchmarks/exact.py

Prints the whole-process time of `steinlab check` as a ratio to `python -c "import sympy"`, and the Hermite expansion of a
polynomial beside the same heat operator on SymPy's Poly. Runs alternate, and medians are compared, so that a busy machine
disturbs both alike.
"""

import statistics
import subprocess
import sys
import time
from fractions import Fraction

import sympy

from steinlab.theory.exact.gaussian import heat
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import polynomial

LINK = "(z1+z2+z3+z4+z5)**8 + z1*z2*z3"
CHECKS = ("He(2,z1)/2 + He(4,z1)/sqrt(48)", "z1*z2 + He(3,z3)", LINK)


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def process_times(repeats: int = 9) -> None:
    print("whole process, median seconds")
    for link in CHECKS:
        ours, baseline = [], []
        for _ in range(repeats):
            ours.append(seconds([sys.executable, "-m", "steinlab", "check", link]))
            baseline.append(seconds([sys.executable, "-c", "import sympy"]))
        a, b = statistics.median(ours), statistics.median(baseline)
        print(f"  check {link!r}: {a:.3f}; import sympy: {b:.3f}; ratio {a / b:.2f}")


def sympy_heat(p: sympy.Poly) -> sympy.Poly:
    """exp(½Δ) p on SymPy's Poly, by the series that `heat` uses."""
    total = term = p
    j = 0
    while not (laplacian := sum((term.diff(x).diff(x) for x in p.gens), p * 0)).is_zero:
        j += 1
        term = laplacian * sympy.Rational(1, 2 * j)
        total = total + term
    return total


def expansion_times(repeats: int = 15) -> None:
    link = polynomial(parse(LINK))
    names = sympy.symbols(f"z1:{link.variables + 1}")
    terms = {a: c.fraction for a, c in link.terms().items()}
    mirror = sympy.Poly({a: sympy.Rational(c.numerator, c.denominator) for a, c in terms.items()}, *names)
    expected = {a: Fraction(int(c.p), int(c.q)) for a, c in sympy_heat(mirror).terms()}
    assert {a: c.fraction for a, c in heat(link).terms().items()} == expected
    ours, baseline = [], []
    for _ in range(repeats):
        start = time.perf_counter()
        heat(link)
        middle = time.perf_counter()
        sympy_heat(mirror)
        ours.append(middle - start)
        baseline.append(time.perf_counter() - middle)
    a, b = statistics.median(ours), statistics.median(baseline)
    print(f"Hermite expansion of {LINK}: {a * 1e3:.2f} ms; SymPy Poly: {b * 1e3:.1f} ms; {b / a:.0f} times faster")


if __name__ == "__main__":
    process_times()
    expansion_times()
