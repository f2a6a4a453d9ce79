"""The checker of polynomial certificates, function by function: arithmetic, intervals, ranks, bounds on work, strict reading.

As long as the program that it is about, which has to stand in one file.
"""

import copy
import json
import math
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from random import Random

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.checks import verify_certificate as vc
from steinlab.checks.assumptions.check import check
from steinlab.checks.certificates import polynomial_certificate as writer
from steinlab.checks.certificates.certificate import certificate
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target


@pytest.fixture(autouse=True)
def fresh():
    vc.Work.start()


def real(a):
    """A combination of radicals as mpmath sees it."""
    return mpmath.fsum(mpmath.mpf(c.numerator) / c.denominator * _radical(r) for r, c in a.items())


def _radical(radical):
    return mpmath.fprod(mpmath.mpf(base) ** (mpmath.mpf(q.numerator) / q.denominator) for base, q in radical)


RATIONALS = st.fractions(-5, 5, max_denominator=12)
ROOTS = st.tuples(RATIONALS, st.integers(1, 60), st.integers(1, 4)).map(
    lambda t: vc.times(vc.rational(t[0]), vc.root(Fraction(t[1]), t[2]))
)
NUMBERS = st.lists(ROOTS, min_size=1, max_size=3).map(lambda terms: _sum(terms))


def _sum(terms):
    out = {}
    for term in terms:
        out = vc.add(out, term)
    return out


# -- numbers


@given(NUMBERS, NUMBERS, RATIONALS)
def test_arithmetic_is_that_of_real_numbers(a, b, scale):
    with mpmath.workdps(60):
        tiny = mpmath.mpf(10) ** -45
        assert abs(real(vc.times(a, b)) - real(a) * real(b)) < tiny
        assert abs(real(vc.add(a, b, scale)) - real(a) - real(b) * mpmath.mpf(scale.numerator) / scale.denominator) < tiny
    assert vc.add(a, a, -1) == {}
    assert all(c and all(0 < q < 1 for _, q in radical) for radical, c in vc.times(a, b).items())
    assert all(list(radical) == sorted(radical) for radical in vc.times(a, b))


@given(NUMBERS)
def test_the_inverse_times_the_number_is_one(a):
    if a:
        assert vc.times(a, vc.inverse(a)) == {(): 1}


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("1/(1+2**(1/3))", lambda: 1 / (1 + mpmath.cbrt(2))),
        ("1/(1+sqrt(2)+sqrt(3)+sqrt(5)+sqrt(7))", lambda: 1 / (1 + sum(map(mpmath.sqrt, (2, 3, 5, 7))))),
        ("3/(2**(1/4)-3**(1/3))**2", lambda: 3 / (mpmath.root(2, 4) - mpmath.cbrt(3)) ** 2),
    ],
)
def test_sums_of_roots_are_divided_by(text, exact):
    with mpmath.workdps(50):
        assert abs(real(vc.number(text)) - exact()) < mpmath.mpf(10) ** -40


@given(st.integers(0, 10**30), st.integers(1, 9))
def test_integer_roots(n, order):
    k = vc.integer_root(n, order)
    assert k**order <= n < (k + 1) ** order


@given(st.fractions(0, 10**7), st.integers(1, 6))
def test_roots_of_rationals(q, order):
    a = vc.root(q, order)
    power = vc.rational(1)
    for _ in range(order):
        power = vc.times(power, a)
    assert power == vc.rational(q)
    assert len(a) == bool(q)


@given(st.integers(1, 2**20), st.integers(0, 3), st.integers(0, 2))
def test_factors_multiply_to_the_number_and_are_coprime(n, e, f):
    large = 1_000_000_000_039, 10**18 + 9
    n *= large[0] ** e * large[1] ** f
    vc.Work.start()  # what was met under other roots decides how a large number is taken apart
    found = vc.factors(n)
    assert math.prod(base**k for base, k in found.items()) == n
    assert all(math.gcd(a, b) == 1 for a in found for b in found if a != b)
    assert all(all(base % p for p in range(2, min(base, 300))) for base in found)


def test_large_numbers_under_roots_are_told_apart():
    """Primes above 10^12 and products of them, in an order that lets each be divided by those before it."""
    p, q = 1_000_000_000_039, 1_000_000_000_061
    assert vc.times(vc.root(Fraction(p), 2), vc.root(Fraction(q), 2)) == vc.root(Fraction(p * q), 2)
    assert vc.root(Fraction(p * p), 2) == vc.rational(p)
    assert vc.root(Fraction(p**3, q**2), 3) == {((q, Fraction(1, 3)),): Fraction(p, q)}
    vc.Work.start()
    vc.root(Fraction(p * q), 2)
    with pytest.raises(vc.Refused, match="share a large factor"):
        vc.root(Fraction(p), 2)


@given(NUMBERS, st.sampled_from([32, 128]))
def test_intervals_enclose_narrowly(a, bits):
    low, high = vc.interval(a, bits)
    with mpmath.workdps(70):
        assert mpmath.mpf(low.numerator) / low.denominator <= real(a) + mpmath.mpf(10) ** -60
        assert mpmath.mpf(high.numerator) / high.denominator >= real(a) - mpmath.mpf(10) ** -60
    assert high - low <= Fraction(10**6, 2**bits)


def test_what_is_not_proved_nonzero_is_refused():
    vc.require_nonzero(vc.number("sqrt(10**40+1)-10**20"), "a")
    vc.require_nonzero(vc.number("sqrt(2)-1.41421356237309504880168872420969807"), "a")
    with pytest.raises(vc.Refused, match="zero is not proved to be nonzero"):
        vc.require_nonzero({}, "zero")


# -- texts and polynomials


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("z1 + 2*z2", {(1, 0): 1, (0, 1): 2}),
        ("-z1**2/4 - +z2", {(2, 0): Fraction(-1, 4), (0, 1): -1}),
        ("He(3, z1)", {(3, 0): 1, (1, 0): -3}),
        ("He(0, z1) - He(1, z2)", {(0, 0): 1, (0, 1): -1}),
        ("(z1 - z2)**3", {(3, 0): 1, (2, 1): -3, (1, 2): 3, (0, 3): -1}),
        ("2**-2*z1 + (1/4)**(-1/2) + 0.5e1", {(1, 0): Fraction(1, 4), (0, 0): 7}),
        ("z1*0 + z2**0", {(0, 0): 1}),
        ("8**(2/3) + 0**2 + .5", {(0, 0): Fraction(9, 2)}),
    ],
)
def test_texts_are_read(text, says):
    assert vc.read(text, 2) == {alpha: {(): Fraction(c)} for alpha, c in says.items()}


@pytest.mark.parametrize(
    "text",
    [
        "z3",
        "z0",
        "z01",
        "z٢",
        "ｚ２",
        "z1 # x",
        "z1\n",
        "z1\x1b[2K",
        "z1\t",
        "0x10",
        "1_000",
        "1j",
        "True",
        "z1.real",
        "z1(2)",
        "sqrt(z1)",
        "sqrt(-1)",
        "0**(-1)",
        "0**(-1/2)",
        "1/0",
        "1/z1",
        "z1**z1",
        "z1**-1",
        "z1**(1/2)",
        "z1**201",
        "z1**1001",
        "2**1001",
        "2**(1/65)",
        "He(-1,z1)",
        "He(1/2,z1)",
        "He(201,z1)",
        "He(z1,2)",
        "He(2)",
        "tanh(z1)",
        "pi",
        "sqrt(2,3)",
        "exp(z1)",
        "sqrt(x=1)",
        "He(2,*z1)",
        "z1 if z1 else 0",
        "z1;z2",
        "lambda: z1",
        "",
        "1e1000000",
        "1e-99999",
        "(-8)**(1/3)",
        "not z1",
        "z1 % 2",
        "z1 // 2",
        "z1 < 2",
        "'z1'",
        "z1 z2",
    ],
)
def test_other_texts_are_refused(text):
    with pytest.raises(vc.Refused):
        vc.read(text, 2)


def test_numbers_hold_no_variables():
    assert vc.number("1/3 + sqrt(2)*0") == vc.rational(Fraction(1, 3))
    for text in ("z1", "z1 - z1", 3, None, 0.5, ["1"]):
        with pytest.raises(vc.Refused):
            vc.number(text)


POINTS = [(Fraction(3, 2), Fraction(-2, 3)), (Fraction(-1, 5), Fraction(7, 4))]
POLYNOMIALS = st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 3)), RATIONALS.filter(bool), max_size=5).map(
    lambda terms: {alpha: vc.rational(c) for alpha, c in terms.items()}
)


def at(p, point):
    return sum(
        (vc.fraction(c) * math.prod(x**e for x, e in zip(point, alpha, strict=True)) for alpha, c in p.items()), Fraction(0)
    )


@given(POLYNOMIALS, POLYNOMIALS, RATIONALS)
def test_polynomials_are_those_functions(p, q, scale):
    for point in POINTS:
        assert at(vc.multiply(p, q), point) == at(p, point) * at(q, point)
        assert at(vc.combine(p, q, scale), point) == at(p, point) + scale * at(q, point)
        forms = [[vc.rational(2), vc.rational(Fraction(1, 3))], [vc.rational(-1), {}]]
        x, y = point
        assert at(vc.substitute(p, [vc.linear(form) for form in forms], 2), point) == at(p, (2 * x + y / 3, -x))
    assert all(vc.multiply(p, q).values())


@given(POLYNOMIALS)
def test_the_hermite_expansion_sums_to_the_polynomial(p):
    def hermite(n, x):
        before, now = 0, 1
        for k in range(n):
            before, now = now, x * now - k * before
        return now

    expansion = vc.hermite_expansion(p)
    for x, y in POINTS:
        found = sum(vc.fraction(c) * hermite(a, x) * hermite(b, y) for (a, b), c in expansion.items())
        assert found == at(p, (x, y))
    rows = vc.gradient_rows(p, 2)
    assert all(any(row) for row in rows)
    monomials = sorted({tuple(np.subtract(alpha, step)) for alpha in p for step in ((1, 0), (0, 1)) if np.dot(alpha, step)})
    assert len(rows) == len(monomials)
    for i, step in enumerate([Fraction(1, 10**9)] * 2):
        point = (Fraction(1, 2), Fraction(2, 3))
        moved = tuple(x + step * (i == j) for j, x in enumerate(point))
        slope = sum(
            vc.fraction(row[i]) * math.prod(x**e for x, e in zip(point, alpha, strict=True))
            for row, alpha in zip(rows, (tuple(map(int, m)) for m in monomials), strict=True)
        )
        assert abs((at(p, moved) - at(p, point)) / step - slope) < Fraction(1, 10**4)


# -- linear algebra


@given(st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), min_size=1, max_size=5))
def test_ranks_are_found_and_never_exceeded(rows):
    rank = np.linalg.matrix_rank(np.array(rows, float), tol=1e-6)
    vectors = [[vc.times(vc.rational(x), vc.root(Fraction(j + 2), 2)) for j, x in enumerate(row)] for row in rows]
    for bits in (64, 256):
        rows = [vc.balls(row, bits) for row in vectors]
        assert vc.certain_rank(rows, bits=bits) == rank
        assert vc.certain_rank(rows, 1, bits) == min(rank, 1)


@given(st.lists(st.tuples(*[st.integers(-4, 4).map(Fraction)] * 3), min_size=1, max_size=4))
def test_echelon_forms_span_the_same(rows):
    def rank(rows):
        return np.linalg.matrix_rank(np.array(rows, float), tol=1e-7) if rows else 0

    found = vc.echelon(rows)
    assert len(found) == rank(rows) == rank([*rows, *found])
    for k, row in enumerate(found):
        assert row[vc.first(row)] == 1
        assert all(other[vc.first(row)] == (other is row) for other in found)
        assert all(vc.first(other) > vc.first(row) for other in found[k + 1 :])


def test_nearly_dependent_rows_need_bits():
    rows = [[vc.number("1"), vc.number("sqrt(2)")], [vc.number("1"), vc.number("1.41421356237309504880168872")]]
    assert [vc.certain_rank([vc.balls(row, bits) for row in rows], 2, bits) for bits in (64, 256)] == [1, 2]


@given(st.integers(-(2**70), 2**70), st.integers(0, 2**60), st.integers(-(2**70), 2**70), st.integers(0, 2**60))
def test_products_of_balls_are_outward_and_tight(a, r, b, s):
    m, radius = vc.ball_product((a, r), (b, s), 64)
    ends = [Fraction((a + i * r) * (b + j * s), 2**64) for i, j in product((-1, 0, 1), repeat=2)]
    assert all(abs(x - m) <= radius for x in ends)
    assert radius <= max(abs(x - m) for x in ends) + 2
    assert vc.ball_sum((a, r), (b, s)) == (a + b, r + s)


@given(st.integers(1, 2**70), st.sampled_from([1, -1]), st.integers(0, 2**60))
def test_inverses_of_balls_are_outward_and_tight(a, side, r):
    m, radius = vc.ball_inverse((side * (a + r), r), 64)
    ends = [Fraction(2**128, side * (a + r) + i * r) for i in (-1, 0, 1)]
    assert max(abs(x - m) for x in ends) <= radius <= max(abs(x - m) for x in ends) + 1


@given(st.lists(NUMBERS, min_size=1, max_size=3))
def test_balls_of_a_row_share_one_scale(row):
    found = vc.balls(row, 64)
    with mpmath.workdps(60):
        exact = [real(x) for x in row]
        top = max(map(abs, exact))
        if not top:
            assert found == [(0, 0)] * len(row)
            return
        scale = mpmath.mpf(2) ** (64 - (_length(row)))
        assert all(abs(x * scale - m) <= r + mpmath.mpf(10) ** -20 for x, (m, r) in zip(exact, found, strict=True))
        assert 2**61 <= max(abs(m) for m, _ in found) <= 2**66
        assert all(r <= 2**16 for _, r in found)
        assert all((m, r) == (0, 0) for x, (m, r) in zip(row, found, strict=True) if not x)


def _length(row):
    top = max(max(map(abs, vc.interval(x, 64))) for x in row if x)
    return top.numerator.bit_length() - top.denominator.bit_length()


def test_echelon_forms_and_kernels():
    def rows(*texts):
        return [[vc.number(x) for x in text.split()] for text in texts]

    assert vc.require_echelon(rows("1 0 0", "0 2 1"), "it") == [0, 2]
    assert vc.require_echelon([], "it") == []
    for wrong in (["2 0"], ["0 0"], ["0 1", "1 0"], ["1 1", "0 1"], ["1 0", "1 0"], ["0 1", "1 1"]):
        with pytest.raises(vc.Refused, match="it is not in echelon form"):
            vc.require_echelon(rows(*wrong), "it")
    assert vc.require_kernel(rows("1 1 0", "2 2 0"), rows("-1 1 0", "0 0 1"), 3, "it") == 1
    assert vc.require_kernel(rows("1 1", "0 1"), [], 2, "it") == 2
    assert vc.require_kernel([], rows("1 0", "0 1"), 2, "it") == 0
    with pytest.raises(vc.Refused, match="not in the kernel"):
        vc.require_kernel(rows("1 1 0", "2 2 1"), rows("-1 1 0", "0 0 1"), 3, "it")
    with pytest.raises(vc.Refused, match="not proved to be 2"):
        vc.require_kernel(rows("1 1 0", "2 2 0"), rows("-1 1 0"), 3, "it")
    with pytest.raises(vc.Refused, match="rows of length 2"):
        vc.vectors([["1", "0"], ["1"]], 2, "it")
    assert vc.dot(*rows("1 2 sqrt(2)", "3 0 sqrt(2)")) == vc.rational(5)
    assert vc.identity(2) == rows("1 0", "0 1")


# -- what is written is accepted


PRIME = 1_000_000_000_039
COEFFICIENTS = st.sampled_from(
    [
        *(
            "1",
            "-2/3",
            "0.1",
            "10**30",
            "sqrt(2)",
            "3**(1/3)",
            f"sqrt({PRIME})",
            "sqrt(6)/7",
            "0.25**0.5",
            "4**(1/4)",
            "sqrt(8/27)",
        ),
        *("1/(1+2**(1/3))", "(1+sqrt(2))**-3", "1/(sqrt(2)+sqrt(3)-sqrt(5))", f"{PRIME}**(2/3)/10**20"),
    ]
)
MONOMIALS = st.sampled_from(
    ["z1", "z2", "z1*z2", "z1**2", "z2**3", "He(4,z1)", "(z1+z2)**3", "z1**2*z2", "He(3,z1-z2/2)", "z2*0"]
)
LINKS = st.lists(st.tuples(COEFFICIENTS, MONOMIALS).map("*".join), min_size=1, max_size=3).map(
    lambda t: "z1 + z2*2 + " + " + ".join(t)
)
ENTRIES = st.sampled_from([0, 1, -2, "1/3", "sqrt(2)", "0.6", 5])
DIRECTIONS = st.none() | st.integers(1, 3).flatmap(
    lambda d: st.lists(st.lists(ENTRIES, min_size=d, max_size=d), min_size=2, max_size=2)
)


@settings(max_examples=30)
@given(LINKS, DIRECTIONS)
def test_what_is_written_is_accepted(link, directions):
    """The writer refuses, with its reason, or the checker accepts: whatever the coefficients and directions."""
    try:
        document = certificate(check(Target.from_expression(link, directions=directions)))
    except InputError:
        return
    assert vc.verify(json.loads(json.dumps(document)))[0] == f"VERIFIED: {document['target']['link']}"
    estimate = vc.estimate(document["target"], 0)
    assert vc.Work.done <= 4 * estimate + 5_000  # what claims take to be read is not estimated
    assert estimate <= 100 * vc.Work.done


@pytest.mark.parametrize(
    ("link", "directions"),
    [
        ("z1**2", [[1, 0]]),
        ("z1*z2", [[1, 0, 0], [0, 1, 0]]),
        ("z1*sqrt(1000000000039)", None),
        ("z1/(1+2**(1/3))", None),
        ("z1", [[2]]),
    ],
)
def test_targets_that_were_refused_once(link, directions):
    lines = vc.verify(certificate(check(Target.from_expression(link, directions=directions))))
    assert ("u_1" in lines[2]) == (directions is not None)
    assert "trusted: the " in lines[-1]


def test_the_writer_refuses_what_takes_too_much_work(monkeypatch):
    monkeypatch.setattr(vc, "MAX_WORK", 100)
    with pytest.raises(InputError, match="more work than this checker allows"):
        certificate(check("z1"))


def test_the_writer_asks_the_estimate_before_it_expands(monkeypatch):
    report = check("z1*z2 + He(3,z3)")
    steps = vc.estimate(GOOD["target"], 0)
    monkeypatch.setattr(vc, "MAX_ESTIMATE", steps)
    assert certificate(report) == GOOD
    monkeypatch.setattr(vc, "MAX_ESTIMATE", steps - 1)
    monkeypatch.setattr(writer, "HermiteExpansion", None)
    with pytest.raises(InputError, match=r"some .* steps, by its text; check without --certificate"):
        certificate(report)


# -- hostile files


def document(link, r=1, directions=None):
    rows = directions or [[str(int(i == j)) for j in range(r)] for i in range(r)]
    return {"schema": vc.SCHEMA, "target": {"link": link, "directions": rows, "latent_dimension": r}}


def _sum_of(n):
    return "+".join(f"z{i}" for i in range(1, n + 1))


HOSTILE = {
    "powers of sums": document(f"({_sum_of(12)})**12", 12),
    "nested polynomials": document("He(200,He(200,z1))"),
    "nested powers": document("z1*" + "**".join(["9"] * 50)),
    "long numbers": document("(9.999e999*z1+1e-999)**200"),
    "large integers": document("z1*10**100000"),
    "many variables": document("*".join(f"(z{i}+1)" for i in range(1, 31)), 30),
    "high roots": document("z1/(1+2**(1/63)+3**(1/64))"),
    "roots of roots": document("z1*(2**(1/64)*2**(1/63))**64"),
    "many roots": document("z1/(" + "+".join(f"sqrt({p})" for p in (2, 3, 5, 7, 11, 13, 17, 19)) + ")"),
    "long decimals": document("z1*0." + "1234567890" * 1900),
    "long numbers under roots": document(f"z1*sqrt({2**2001 + 9})"),
    "nesting": document("(" * 2000 + "z1" + ")" * 2000),
    "signs": document("-" * 19_000 + "z1"),
    "large denominators": document("(" + "+".join(f"z{j}/{j + 10**9}" for j in range(1, 30)) + ")**4", 29),
    "directions": document("z1**5", 1, [[f"sqrt({i})" for i in range(2, 40)]]),
    "long directions": document("z1", 1, [["1"] * 201]),
    "many entries": document("z1+z100", 100, [["1/3"] * 200] * 100),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_for_their_work(name, monkeypatch):
    """By counted work, of which the suite allows less than the checker does, or by a bound before it starts."""
    monkeypatch.setattr(vc, "MAX_WORK", 300_000)
    with pytest.raises(vc.Refused) as refusal:
        vc.verify(HOSTILE[name])
    assert "missing" not in str(refusal.value)
    assert len(str(refusal.value)) < 400


BY_THEIR_TEXT = [
    "powers of sums",
    "nested polynomials",
    "long numbers",
    "many variables",
    "large denominators",
    "directions",
    "many entries",
]


@pytest.mark.parametrize("name", BY_THEIR_TEXT)
def test_hostile_files_are_refused_by_their_text(name):
    """Before anything is expanded: reading the text is all the work there was."""
    with pytest.raises(vc.Refused, match=r"more work than this checker allows: some [0-9.]+e\+[0-9]+ steps"):
        vc.verify(HOSTILE[name])
    assert vc.Work.done < 20_000


def test_hostile_files_take_no_more_memory_than_is_promised(tmp_path):
    """In a process that cannot have more than 500 MB; the work is bounded by its count, which is about 3 s of one core."""
    for name, found in HOSTILE.items():
        (tmp_path / name).write_text(json.dumps(found), encoding="utf-8")
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (500_000_000,) * 2); sys.path.insert(0, sys.argv[1]);"
        "import verify_certificate as vc; sys.exit(any(vc.main([file]) != 1 for file in sys.argv[2:]))"
    )
    command = [sys.executable, "-c", program, str(Path(vc.__file__).parent), *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("REFUSED: ") == len(HOSTILE)


def test_estimates_count_monomials_branches_and_long_numbers():
    def of(link, r=1, degree=0, directions=None):
        return vc.estimate(document(link, r, directions)["target"], degree)

    assert [vc.spread(2, 3), vc.spread(3, 2), vc.spread(0, 5), vc.spread(5, 0), vc.spread(10**6, 10**6)] == [
        10,
        10,
        1,
        1,
        vc.VAST,
    ]
    assert of("(z1+z2)**9", 2) < of("(z1+z2)**10", 2) < of("(z1+z2+z3)**10", 3) < 10 * of("(z1+z2+z3)**9", 3)
    assert of("z1**5*(z2+1)", 2, directions=[["1", "0"], ["0", "1"]]) < of("z1**5*(z2+1)", 2, directions=[["1", "2"], ["3", "1"]])
    assert of("(z1+1.0000000001)**50") < of("(z1+1." + "1" * 200 + ")**50") / 10
    assert of("tanh(z1)", degree=2) < of("tanh(z1)+sin(z1)", degree=2) < of("tanh(sin(z1))*abs(z1-1)", degree=2)
    assert of("(z1+z2)**9", 2) == 20 + 30 * 9 * 2 * 10 + 30 * 30 * 12 * 2  # a sum, 9 products into 10 terms, 30 coefficients
    assert of("9" * 400 + "*z1") == 30 * 2 + 30 * 11  # a product of numbers of 1,334 bits takes twice the time
    nested = [of("abs(" * k + "z1" + "-1)" * k, degree=2) for k in range(1, 6)]
    assert all(b > 2 * a for a, b in pairwise(nested))
    assert of("z1**(1/2+1/2)", degree=2) < of("z1**(1/2)", degree=2) / 10  # a power that is no function
    assert of("He(1000,He(1000,z1)**1000)") <= vc.VAST**2


GOOD = certificate(check("z1*z2 + He(3,z3)"))


def with_steps(extra):
    changed = copy.deepcopy(GOOD)
    changed["subspace_leap"]["steps"] = extra(changed["subspace_leap"]["steps"])
    return changed


@pytest.mark.parametrize(
    "extra",
    [
        lambda steps: [*steps, {**steps[-1], "degree": 0, "gained": 0}],
        lambda steps: [{**steps[0], "degree": 0, "gained": 0}, *steps],
        lambda steps: [*steps, *[{"degree": 0, "gained": 0, "unseen": [], "seen": steps[-1]["seen"], "combinations": []}] * 3],
        lambda steps: steps[::-1],
        lambda steps: steps[:1],
        lambda _: [],
        lambda _: None,
        lambda steps: [*steps, 1],
    ],
)
def test_vacuous_steps_are_refused(extra):
    assert vc.verify(GOOD)
    with pytest.raises(vc.Refused):
        vc.verify(with_steps(extra))


STRICT = {
    "twins": '{"schema": "a", "schema": "b"}',
    "deep twins": '{"schema": [{"a": 1, "a": 1}]}',
    "text behind": "{} x",
    "text before": "x {}",
    "two documents": "{} {}",
    "NaN": '{"a": NaN}',
    "infinity": '{"a": -Infinity}',
    "a float": '{"a": 1.0}',
    "an exponent": '{"a": 1e5}',
    "other letters": '{"a": "\u0661"}',
    "a mark": "\ufeff{}",
    "a comment": "{} // x",
    "nesting": "[" * 100_000,
    "a long integer": '{"a": ' + "9" * 5000 + "}",
    "nothing": "",
}


@pytest.mark.parametrize("name", STRICT)
def test_files_that_are_not_strict_json_cannot_be_read(name, tmp_path, capsys):
    path = tmp_path / "certificate.json"
    path.write_text(STRICT[name], encoding="utf-8")
    assert vc.main([str(path)]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("cannot read ")
    assert err.count("\n") == 1


def test_long_files_are_not_read(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(vc, "MAX_FILE", 20)
    path = tmp_path / "certificate.json"
    path.write_text(" " * 21, encoding="utf-8")
    assert vc.main([str(path)]) == 2
    assert "more than 20 bytes" in capsys.readouterr().err
    path.write_text("{}" + " " * 18, encoding="utf-8")
    assert vc.main([str(path)]) == 1


@pytest.mark.parametrize("text", ["z1\x1b[2K", "z1\nVERIFIED: z2", "z1\\u0007", "z\u0662", "z1 # x"])
@pytest.mark.parametrize("path", [("target", "link"), ("mean",), ("schema",), ("hermite_coefficients", "0,0,3"), ("\x1b",)])
def test_nothing_of_a_file_is_printed_as_it_stands(text, path, tmp_path, capsys):
    changed = copy.deepcopy(GOOD)
    part = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = text
    (tmp_path / "file").write_text(json.dumps(changed), encoding="utf-8")
    assert vc.main([str(tmp_path / "file")]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("REFUSED: ")
    assert (out + err).count("\n") == 1
    assert (out + err).strip().isascii()
    assert (out + err).strip().isprintable()


def test_what_is_printed_names_the_target_and_all_that_is_trusted(tmp_path, capsys):
    (tmp_path / "file").write_text(json.dumps(GOOD), encoding="utf-8")
    assert vc.main([str(tmp_path / "file")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "VERIFIED: z1*z2+He(3,z3)" or lines[0] == "VERIFIED: z1*z2 + He(3,z3)"
    assert lines[1] == "  f*(x) = g(z), z_i = x_i, x ~ N(0, I_3)"
    assert "lines of verify_certificate.py" in lines[-1]
    assert vc.main(["--help"]) == 0
    assert vc.main([]) == 2
    assert "Trusted: " in capsys.readouterr().out


def test_long_texts_are_cut():
    assert vc.shown("x" * 198) == repr("x" * 198)
    assert vc.shown("x" * 199) == "'" + "x" * 199 + "... (201 characters)"
    lines = vc.described({"link": "z1" + "+0" * 249, "directions": [["1", "9" * 700]], "latent_dimension": 1})
    assert [len(line) for line in lines[::2]] == [500, 520]


def test_drawn_alterations_are_refused_in_one_line(tmp_path, capsys):
    """Bytes changed, dropped, doubled, and parts exchanged: never a traceback, never another content accepted."""
    text = json.dumps(GOOD, indent=1)
    random = Random(1)
    path = tmp_path / "file"
    for _ in range(600):
        i, j = sorted(random.randrange(len(text)) for _ in range(2))
        changed = random.choice(
            [
                text[:i] + chr(random.randrange(32, 127)) + text[i + 1 :],
                text[:i] + text[i + 1 :],
                text[:i] + text[i : i + 9] + text[i:],
                text[:i] + text[j:],
                text[:i] + random.choice(["-", "9", '"', "[", "}", ",", "1e9", "\\u001b", "null"]) + text[i:],
            ]
        )
        path.write_text(changed, encoding="utf-8")
        status = vc.main([str(path)])
        out, err = capsys.readouterr()
        if status == 0:
            assert _content(json.loads(changed)) == _content(GOOD)
        else:
            assert (out + err).count("\n") == 1


def _content(node):
    """What a certificate says, numbers by their values and the link by its tokens."""
    if isinstance(node, dict):
        return {key: _content(child) for key, child in node.items()}
    if isinstance(node, list):
        return [_content(child) for child in node]
    try:
        return tuple(sorted(vc.read(node, 3).items())) if isinstance(node, str) else node
    except vc.Refused:
        return node


def test_work_is_allowed_up_to_the_limit():
    vc.spend(vc.MAX_WORK)
    with pytest.raises(vc.Refused, match="more work than this checker allows"):
        vc.spend(1)


# -- what each operation costs, and where the bounds are


def steps(call):
    vc.Work.start()
    call()
    return vc.Work.done


A, B = ({(): Fraction(1), ((base, Fraction(1, 2)),): Fraction(1)} for base in (2, 3))  # 1 + √2 and 1 + √3
ONE = {(): Fraction(1)}
P1, P2 = ({(1, 0): ONE, (0, 2): ONE}, {(0, 0): ONE, (1, 1): ONE, (0, 1): ONE})
PRICES = {
    "a text and its nodes": (lambda: vc.fold("z1+2*z2", lambda *_: 0), 20 + 12 * 5),
    "a sum": (lambda: vc.add(A, B), 2 * 5),
    "products of roots": (lambda: vc.times(A, B), 4 * 5 + 2 * 5),
    "a prime below 2^16 twice": (lambda: vc.factors(10_007 * 10_009), 10_009 // 8),
    "a prime above 2^16": (lambda: vc.factors(131_071), 363 // 8 + 50 * 17),
    "a prime above 2^32": (lambda: vc.factors(1_000_000_000_039), 65_537 // 8 + 50 * 40),
    "an inverse": (lambda: vc.inverse(A), 90),
    "bounds": (lambda: vc.interval(A, 128), 5 + 20 + (258 // 64) ** 2 // 16 * 2 + 5),
    "bounds with many bits": (lambda: vc.interval({((7, Fraction(2, 3)),): Fraction(1)}, 1024), 20 + 48**2 // 16 * 3 + 5 + 4),
    "sums of polynomials": (lambda: vc.combine({(k,): ONE for k in range(17)}, {(0,): ONE}), 17 // 8 + 5 + 5),
    "products of polynomials": (lambda: vc.multiply(P1, P2), 5 * 6 + 2 * 6 * 5),
    "long indices": (lambda: vc.multiply({(0,) * 16: ONE}, {(0,) * 16: ONE}), 5 + 16 // 8 + 2 * 5),
    "Hermite polynomials": (lambda: vc.hermite_expansion({(3, 2): ONE}), (10 + 2 * 2) * 4 + 4 * 5),
    "derivatives": (lambda: vc.along(P2, 1), 5 * 3 + 2 * 5),
    "gradients": (lambda: vc.gradient_rows(P2, 2), 2 * 5 * 3 + 3 * 5 + 2 * 3),
    "an identity": (lambda: vc.identity(7), 49),
    "inner products": (lambda: vc.dot([{}] * 17, [{}] * 17), 1 + 17 // 8),
    "inner products of numbers": (lambda: vc.dot([ONE, A], [ONE, ONE]), 1 + 3 * 5 + 3 * 5),
    "balls": (lambda: vc.balls([ONE, {}], 64), 5 + 3 * 2),
    "elimination": (lambda: vc.certain_rank([[(1 << vc.P, 0)] * 2, [(1 << vc.P, 0), (0, 0)]]), 2),
    "plain JSON": (lambda: vc.require_plain({"a": [1, 2, {"b": None}]}), 8),
}


@pytest.mark.parametrize("name", PRICES)
def test_each_operation_has_its_price(name):
    call, price = PRICES[name]
    assert steps(call) == price


def test_expanding_takes_what_it_took():
    """The work of a target, before what a file claims of it is read: what is accepted does not change unawares."""

    def expand(link, rows):
        checker = object.__new__(vc.Checker)
        checker.parts = {"target": {"link": link, "directions": rows, "latent_dimension": len(rows)}}
        checker.target()

    turned = [["1", "0", "sqrt(2)"], ["1/3", "0.5", "1"]]
    assert steps(lambda: expand("z1*z2 + He(3,z2)", [["1", "0"], ["0", "1"]])) == 569
    assert steps(lambda: expand("z1*z2 + z2**3/7", turned)) == 2_189


def framed(rows, r):
    return vc.frame({"link": "z1", "directions": rows, "latent_dimension": r})


EDGES = {
    "characters": ("cannot read", lambda n: vc.fold("z1" + " " * (n - 2), lambda *_: 0), 20_000),
    "nodes": ("the expression is too long", lambda n: vc.fold(f"Max({','.join(['1'] * (n - 1))})", lambda *_: 0), 5_000),
    "digits": ("is not a number", lambda n: vc.fold("9" * n, lambda *_: 0), 4_000),
    "degrees": ("the degree is beyond 200", lambda n: vc.read(f"z1**100*z1**{n - 100}", 1), 200),
    "powers": (r"the exponent '[0-9]+' is too large", lambda n: vc.number(f"2**{n}"), 1_000),
    "orders of He": ("not a natural number of moderate size", lambda n: vc.read(f"He({n},0)", 1), 1_000),
    "roots": ("is too large", lambda n: vc.number(f"2**(1/{n})"), 64),
    "bits": ("a number is too long", lambda n: vc.weigh(Fraction(2 ** (n - 4)), Fraction(1)), 100_000),
    "bits under a root": ("a number under a root is too long", lambda n: vc.factors(2 ** (n - 1)), 2_000),
    "latents": ("the latent dimension is not a number from 1 to 200", lambda n: framed(None, n), 200),
    "coordinates": ("a direction has more than 200 entries", lambda n: framed([["1"] * n], 1), 200),
}


@pytest.mark.parametrize("name", EDGES)
def test_bounds_are_where_they_are_said_to_be(name):
    words, call, most = EDGES[name]
    call(most)
    vc.Work.start()
    with pytest.raises(vc.Refused, match=words):
        call(most + 1)


def test_limits_stay_for_who_keeps_certificates():
    assert (vc.MAX_WORK, vc.MAX_ESTIMATE, vc.MAX_FILE) == (3_000_000, 30_000_000, 4_000_000)
    assert (vc.MAX_SHORT, vc.VAST) == (1_000, 10**9)


def test_products_of_roots_stay_within_the_order_of_a_root():
    vc.number("2**(1/7)*2**(1/9)")  # 2^(16/63)
    with pytest.raises(vc.Refused, match="a root is of too high an order"):
        vc.number("2**(1/8)*2**(1/9)")


def test_a_number_is_told_from_zero_by_1024_bits():
    """x = √n - ⌊√n 2^k⌋/2^k is a difference in the bits after the k-th."""

    def difference(n, k):
        return vc.add(vc.root(Fraction(n), 2), vc.rational(Fraction(-math.isqrt(n << 2 * k), 2**k)))

    for n in (2, 3, 5, 7, 11):
        with pytest.raises(vc.Refused, match="x is not proved to be nonzero"):
            vc.require_nonzero(difference(n, 1024), "x")
    last_bit = [n for n in (2, 3, 5, 7, 11) if math.isqrt(n << 2048) % 2]
    assert last_bit
    for n in last_bit:
        vc.require_nonzero(difference(n, 1023), "x")


def test_bounds_of_one_root_are_its_bits():
    assert vc.interval(vc.root(Fraction(2), 2), 32) == (
        Fraction(math.isqrt(2 << 64), 2**32),
        Fraction(math.isqrt(2 << 64) + 1, 2**32),
    )
    low, high = vc.interval({((3, Fraction(1, 2)), (5, Fraction(2, 3))): Fraction(-7, 2), (): Fraction(1)}, 40)
    root, cube = math.isqrt(3 << 80), vc.integer_root(25 << 120, 3)
    ends = [1 - Fraction(7, 2) * Fraction((root + i) * (cube + i), 2**80) for i in (0, 1)]
    assert (low, high) == (ends[1], ends[0])


def test_powers_of_a_base_just_above_two_to_the_sixteen_are_known():
    p = 65_537
    for e in (2, 3, 5):
        assert vc.factors(p**e) == {p: e}
        vc.Work.start()
    assert vc.factors(65_521 * 65_519) == {65_519: 1, 65_521: 1}
    assert vc.Work.bases == []
    assert vc.factors(p * 2**20) == {2: 20, p: 1}
    assert vc.Work.bases == [p]


WORDS = [
    ("z1 z2", "cannot read 'z1 z2'"),
    ("~z1", "cannot read '~z1'"),
    ("foo", "'foo' is not a variable"),
    ("z1.real", "'z1.real' is not understood"),
    ("1 < 2 < 3", "'1 < 2 < 3' is not understood"),
    ("f(x=1)", r"'f\(x=1\)' is not understood"),
    ("f()", r"'f\(\)' is not understood"),
    ("None", "'None' is not a number"),
    ("False", "'False' is not a number"),
    ("1e1000", "'1e1000' is not a number"),
    ("Piecewise((z1,z2,z1))", "a Piecewise is not made of pairs of a value and a condition"),
    ("Piecewise((1,True),2)", "a Piecewise is not made of pairs"),
    ("True", "True is not understood in a polynomial"),
    ("z1 < 2", "< is not understood in a polynomial"),
    ("He(2)", "He is not understood in a polynomial"),
    ("sqrt(2,3)", "sqrt is not understood in a polynomial"),
    ("z3", "a variable stands where none is expected"),
    ("z1**z1", "a constant is expected"),
    ("z1**sqrt(2)", "a rational number is expected"),
    ("sqrt(sqrt(2))", "a rational number is expected"),
    ("sqrt(-2)", "the root of '-2' is not real"),
    ("1/0", "division by zero"),
    ("He(-1,z1)", "the order of He is not a natural number"),
    ("He(1/2,z1)", "the order of He is not a natural number"),
    ("z1**(1/65)", "the exponent '1/65' is too large"),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_texts_are_refused_for_their_reason(text, words):
    with pytest.raises(vc.Refused, match=f"^{words}"):
        vc.read(text, 2)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (None, "the target needs link, directions and latent_dimension"),
        ({"link": "z1", "directions": None}, "the target needs link"),
        ({"link": "z1", "directions": None, "latent_dimension": 0}, "from 1 to 200"),
        ({"link": "z1", "directions": None, "latent_dimension": True}, "from 1 to 200"),
        ({"link": "z1", "directions": {}, "latent_dimension": 1}, "directions: one row for each z_i"),
        ({"link": "z1", "directions": [["1"], ["1"]], "latent_dimension": 1}, "directions: one row for each z_i"),
        ({"link": "z1", "directions": [["1"], []], "latent_dimension": 2}, "directions: one row for each z_i"),
        ({"link": "z1", "directions": [["1"], ["1", "2"]], "latent_dimension": 2}, "all of one length"),
        ({"link": "z1", "directions": ["11"], "latent_dimension": 1}, "directions: one row for each z_i"),
        ({"link": "z1+z2", "directions": None, "latent_dimension": 1}, "z2 is not a variable here"),
        ({"link": "z1", "directions": None, "latent_dimension": 2}, "latent_dimension is wrong"),
    ],
)
def test_frames_are_refused_for_their_reason(target, words):
    with pytest.raises(vc.Refused, match=words):
        vc.admitted(target)


ESTIMATES = [  # of what stands in a text, in steps
    (("z1*2",), 30 + 30 * 11),
    (("z1/2 + z1",), 30 + 10 * 2 + 30 * 2 * 11),
    (("z1 - 3*z1",), 30 + 10 * 2 + 30 * 2 * 11),
    (("-z1**3",), 30 * 3 + 10 + 30 * 2 * 11),
    (("He(3,z1)",), 30 * 3 * 2 * 4 + 30 * 4 * 11),
    (("2**-3*z1",), 30 * 3 + 30 + 10 + 30 * 11),
    (("(z1+z2)**0", 2), 20 + 30 * 0 * 2 + 30 * 12 * 2),
    (("z1/0",), 530),
    (("tanh(z1)", 1, 2), 100 + 200 * 3 + 80 * 950),
    (("abs(z1)", 1, 2), 100 + 200 * 3 + 80 * 950),
    (("abs(z1)*sign(z2)+1", 2, 3), 156_250),
    (("relu(tanh(z1)+z2)", 2, 2), 242_720),
    (("tanh(abs(z1)+1)", 1, 2), 483_320),
    (("z1/(1+z1**2)", 1, 2), 100_980),
    (("Piecewise((z1,z1>0),(0,True))", 1, 2), 3_014_200),
    (("Max(z1,z2,3)", 2, 2), 303_900),
    (("z1**(1/2)", 1, 2), 88_830),
    (("z1**z2", 2, 2), 89_400),
    (("He(z1,z2)", 2, 2), 89_400),
    (("sin(cos(z1))+pi", 1, 4), 218_220),
    (("z1*z2", 2, 0, [["1", "2"], ["3", "0"]]), 1_500),
    (("tanh(z1)*z2", 2, 2, [["1", "2"], ["3", "0"]]), 89_430),
    (("z1*" + "9" * 1200, 1, 0, [["1/" + "7" * 900]]), 1_980),
    (("z1*sqrt(2)*(1/3-2)",), 870),
]


@pytest.mark.parametrize(("arguments", "expected"), ESTIMATES, ids=lambda x: str(x)[:40])
def test_estimates_are_what_they_were(arguments, expected):
    """Writer and checker ask the same estimate, so that a certificate written by one version is refused by none for its text."""
    link, r, degree, rows = (*arguments, *(1, 0, None)[len(arguments) - 1 :])
    assert vc.estimate({"link": link, "directions": rows, "latent_dimension": r}, degree) == expected


DRAWN = [  # as a polynomial of two variables, and as a link of three coordinates with coefficients of degree 3
    ("Piecewise((((pi)**2/3),z1>0),(((1/7)**0-(-z1)),True))+z1+z2", 50060, 6004370),
    ("(((3/(1+z1**2))*(z2*pi))*(relu(3)*relu(z2)))+z1+z2", 7230, 737640),
    ("(((2.5/3))**2-((3)**(1/2)/(1+z1**2)))+z1+z2", 5110, 1081340),
    ("(((z1/7/2)+exp(z1))*(exp(2.5))**3)+z1+z2", 6260, 520750),
    ("He(3,((z1+2.5)*(-1/7)))+z1+z2", 4900, 52000),
    ("He(3,((z1*1/7))**(1/2))+z1+z2", 7600, 833310),
    ("(((z2+z1)*(z2)**3)*(-(1/7+1/7)))+z1+z2", 6150, 82190),
    ("Piecewise((((pi*3)*(3+1/7)),z1>z2),((sign(z1)/3),True))+z1+z2", 187190, 21136010),
    ("(He(3,(z2+1/7))*He(3,Piecewise((1/7,z1>0),(2.5,True))))+z1+z2", 3003350, 1066289440),
    ("((He(2,z2)/3)*((-z1)+relu(pi)))+z1+z2", 12430, 2334370),
    ("He(2,He(2,(z1)**2))+z1+z2", 24380, 221400),
    ("(((z2/(1+z1**2))-(z1*1/7))/7/2)+z1+z2", 4970, 701440),
]


@pytest.mark.parametrize(("text", "plain", "turned"), DRAWN)
def test_estimates_of_drawn_texts_are_what_they_were(text, plain, turned):
    rows = [["1", "2", "0"], ["0", "1/3", "1"]]
    assert vc.estimate({"link": text, "directions": None, "latent_dimension": 2}, 0) == plain
    assert vc.estimate({"link": text, "directions": rows, "latent_dimension": 2}, 3) == turned


def test_what_takes_too_long_is_refused_with_its_steps(monkeypatch):
    target = {"link": "z1*2", "directions": None, "latent_dimension": 1}
    monkeypatch.setattr(vc, "MAX_ESTIMATE", 360)
    assert vc.admitted(target)[0] == "z1*2"
    monkeypatch.setattr(vc, "MAX_ESTIMATE", 359)
    with pytest.raises(vc.Refused, match=r"more work than this checker allows: some 3\.6e\+02 steps, by its text"):
        vc.admitted(target)


def test_files_are_read_or_not(tmp_path, capsys):
    assert vc.main([str(tmp_path / "missing")]) == 2
    assert capsys.readouterr().err.startswith("cannot read ")
    for arguments in ([], ["a", "b"], ["-h", "a"]):
        assert vc.main(arguments) == (0 if arguments[:1] == ["-h"] else 2)
        assert "Trusted: this program; " in capsys.readouterr().out
    assert vc.main(["-h"]) == 0
    assert capsys.readouterr().out.startswith("Re-check a certificate of `steinlab check`")


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (None, ["f*(x) = g(z), z_i = x_i, x ~ N(0, I_2)"]),
        ([["1", "0"], ["0", "1"]], ["f*(x) = g(z), z_i = x_i, x ~ N(0, I_2)"]),
        (
            [["1", "0", "0"], ["0", "1", "0"]],
            ["f*(x) = g(z), z_i = <u_i, x>, x ~ N(0, I_3)", "u_1 = (1, 0, 0)", "u_2 = (0, 1, 0)"],
        ),
        ([["0", "1"], ["1", "0"]], ["f*(x) = g(z), z_i = <u_i, x>, x ~ N(0, I_2)", "u_1 = (0, 1)", "u_2 = (1, 0)"]),
    ],
)
def test_targets_are_shown_with_their_directions(rows, lines):
    assert vc.described({"link": "z1*z2", "directions": rows, "latent_dimension": 2}) == ["z1*z2", *lines]


def test_statements_are_what_was_verified():
    lines = vc.verify(certificate(check("z1**2 + z2**3")))
    assert lines[2:6] == [
        "  proved, as exact numbers: 4 Hermite coefficients, energies, mean and variance",
        "  degree 3, effective dimension 2, rank of the expected Hessian 1",
        "  information exponent 1, the steps of the leap",
        "  damian.assumption1 holds, damian.assumption2 fails",
    ]
    for text, exponent in (("z1**2", 2), ("z1**3 + z1**2", 1)):
        document = certificate(check(text))
        assert document["generative_exponent"] == exponent
        assert (
            "generative exponent, trusting that a polynomial of one direction has generative exponent 2"
            in vc.verify(document)[-2]
        )
    assert lines[-1].startswith(
        f"  trusted: the {len(Path(vc.__file__).read_text().splitlines())} lines of verify_certificate.py; Python"
    )


@pytest.mark.parametrize("length", [64, 1_024, 8_192, 65_536])
def test_long_numbers_cost_the_square_of_their_length(length):
    vc.weigh(Fraction(2 ** (length - 4)), Fraction(1))  # length - 3 bits over 1, and two
    assert vc.Work.done == 5 + (length // 64) ** 2 // 256
    vc.Work.start()
    vc.weigh(*[Fraction(2 ** (length - 4)), Fraction(1)] * 3, count=7)
    assert vc.Work.done == 7 * (5 + (length // 64) ** 2 // 256)
    vc.weigh(count=2)
    assert vc.Work.done == 7 * (5 + (length // 64) ** 2 // 256) + 10


def test_a_divisor_may_have_a_hundred_different_roots():
    found = vc.inverse({((2, Fraction(1, 20)), (3, Fraction(1, 25))): Fraction(1)})
    assert found == {((2, Fraction(19, 20)), (3, Fraction(24, 25))): Fraction(1, 6)}
    with pytest.raises(vc.Refused, match="too many different roots"):
        vc.inverse(
            {((2, Fraction(1, 4)), (3, Fraction(1, 26))): Fraction(1), (): Fraction(1), ((3, Fraction(1, 2)),): Fraction(1)}
        )


def put(*path):
    """A change of one entry: its place, then its new value; a place alone is taken out."""

    def change(document):
        *place, last = path[:-1] if len(path) > 1 else path
        part = document
        for key in place:
            part = part[key]
        if len(path) > 1:
            part[last] = path[-1]
        else:
            del part[last]

    return change


FIRST = ("subspace_leap", "steps", 0)
FALSE = [
    (put("mean"), "the part 'mean' is missing"),
    (put("x", 1), r"unknown parts: \['x'\]"),
    (put("schema", "a"), "the schema is not steinlab/certificate/1"),
    (put("target", "x", 1), "the target needs link, directions and latent_dimension"),
    (put("hermite_coefficients", "0,0,3", "2"), "the Hermite coefficient of 0,0,3 is wrong"),
    (put("hermite_coefficients", "9,0,0", "2"), "hermite_coefficients names other monomials than the expansion has"),
    (put("hermite_coefficients", []), "hermite_coefficients names other monomials"),
    (put("degree_energy", "9", "1"), "degree_energy has the wrong degrees"),
    (put("degree_energy", "3", "1"), "a degree energy is wrong"),
    (put("mean", "1"), "the mean is wrong"),
    (put("variance", "1"), "the variance is wrong"),
    (put("degree", 4), "degree is 3, the certificate says 4"),
    (put("degree", True), "degree is 3, the certificate says True"),
    (put("degree", 3.0), "3.0 has no place in a certificate"),
    (put("effective_subspace", "dimension", 2), "the effective dimension is 3, the certificate says 2"),
    (put("effective_subspace", {}), "effective_subspace needs dimension, invariant"),
    (put("effective_subspace", "invariant", None), "effective_subspace: rows of length 3 expected"),
    (put("expected_hessian", "matrix", 0, 0, "1"), "the expected Hessian is wrong"),
    (put("expected_hessian", "rank", 3), "the rank is 2, the certificate says 3"),
    (put("expected_hessian", "kernel", [["1", "0", "0"]]), "the expected Hessian: a kernel vector is not in the kernel"),
    (put("subspace_leap", "value", 4), "the leap is 3, the certificate says 4"),
    (put("subspace_leap", "steps", []), "subspace_leap has no steps"),
    (put("subspace_leap", "steps", 1), "subspace_leap has no steps"),
    (put(*FIRST, "degree", 1), "the degree of a step of the leap is 2, the certificate says 1"),
    (put(*FIRST, "gained", 1), "the gained dimension is 2, the certificate says 1"),
    (put(*FIRST, "unseen", [["1", "0", "0"]]), "what stays unseen is wrong"),
    (put(*FIRST, "seen", [["1", "0", "0"]]), "what is seen has the wrong dimension"),
    (put(*FIRST, "seen", [["1", "0", "0"], ["0", "0", "1"]]), "what is seen is not orthogonal to what is not"),
    (put(*FIRST, "seen", [["2", "0", "0"], ["0", "1", "0"]]), "what is seen is not in echelon form"),
    (put(*FIRST, "combinations", []), "a step of the leap: the rank is not proved to be 3"),
    (put(*FIRST, 1), "a step of the leap needs degree, gained, unseen, seen, combinations"),
    (put("subspace_leap", "steps", GOOD["subspace_leap"]["steps"][:1]), "the leap does not end at the effective subspace"),
    (put("subspace_leap", "steps", GOOD["subspace_leap"]["steps"] * 2), "a step of the leap comes after everything is seen"),
    (put("information_exponent", 1), "information_exponent is 2, the certificate says 1"),
    (put("coordinate_leap", None), "coordinate_leap is 3, the certificate says None"),
    (put("generative_exponent", 1), "generative_exponent is None, the certificate says 1"),
    (put("verdicts", "damian.assumption2", "holds"), "verdicts is {"),
]


@pytest.mark.parametrize(("change", "words"), FALSE)
def test_false_statements_are_refused_for_their_reason(change, words):
    document = copy.deepcopy(GOOD)
    change(document)
    with pytest.raises(vc.Refused, match=f"^{words}"):
        vc.verify(document)


def test_what_is_no_object_or_constant_is_refused():
    with pytest.raises(vc.Refused, match="the certificate is not an object"):
        vc.verify([1])
    with pytest.raises(vc.Refused, match="the target is constant"):
        vc.verify({**GOOD, "target": {"link": "z1*0 + 3", "directions": [["1"]], "latent_dimension": 1}})
