"""Targets: construction, files, refusals, immutability and display."""

import dataclasses
import re
import tomllib
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import matrices, polynomials
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.language.polynomial_reader import number
from steinlab.theory.language.toml_text import MAX_FILE_BYTES
from steinlab.theory.targets.reading import MAX_AMBIENT
from steinlab.theory.targets.target import Noise, Target, mean_label_power


def plain(p):
    return {alpha: c.fraction for alpha, c in p.terms().items()}


def test_attributes_of_an_expression():
    target = Target.from_expression(" He(2,z1)/2 +\n z3 ", name="example", noise=Noise("gaussian", "0.1"))
    assert target.link == "He(2,z1)/2 + z3"
    assert (target.name, target.degree) == ("example", 2)
    assert (target.latent_dimension, target.ambient_dimension, target.effective_dimension.value) == (3, 3, 2)
    assert target.directions is None
    assert plain(target.polynomial) == {(2, 0, 0): Fraction(1, 2), (0, 0, 0): Fraction(-1, 2), (0, 0, 1): 1}
    assert target.noise.scale == Fraction(1, 10)
    assert target.principal_subspace() == ((1, 0, 0), (0, 0, 1))
    assert target.expansion is target.expansion


@given(polynomials(2, 3), matrices(2, 3))
def test_directions_mean_substitution(link, rows):
    """The target with directions U is the polynomial with U put into the link, seen in x-space."""
    f = oracles.substitute(link, rows, 3)
    assume(oracles.degree(f) > 0 and oracles.degree(link) > 0)
    written = Target.from_polynomial(Polynomial.from_terms(link), rows)
    direct = Target.from_polynomial(Polynomial.from_terms(f))
    assert (written.degree, written.effective_dimension) == (direct.degree, direct.effective_dimension)
    assert written.expansion.degree_energies == direct.expansion.degree_energies
    assert (written.latent_dimension, written.ambient_dimension, direct.ambient_dimension) == (2, 3, 3)
    spans = [[[sympy.Rational(str(x)) for x in row] for row in t.principal_subspace()] for t in (written, direct)]
    ranks = {sympy.Matrix(span).rank() for span in (*spans, spans[0] + spans[1])}
    assert ranks == {written.effective_dimension.value}


@given(polynomials(2, 3), matrices(2, 2))
def test_a_mapping_reads_back(link, rows):
    assume(oracles.degree(oracles.substitute(link, rows, 2)) > 0)
    variables = max(i + 1 for alpha in link for i, a in enumerate(alpha) if a)
    assume(variables == 2)
    target = Target.from_polynomial(Polynomial.from_terms(link), rows, Noise("rademacher", Fraction(1, 3)))
    assert Target.from_mapping(target.to_mapping()) == target
    assert hash(Target.from_mapping(target.to_mapping())) == hash(target)


def test_the_mapping_is_text():
    target = Target.from_expression("sqrt(2)*z1", [["sqrt(3)/2", Fraction(1, 2)]])
    assert target.to_mapping() == {
        "link": "sqrt(2)*z1",
        "directions": [["sqrt(3)/2", "1/2"]],
        "noise": {"kind": "none"},
    }
    noisy = Target.from_expression("z1", noise=Noise("gaussian", "sqrt(2)"))
    assert noisy.to_mapping() == {"link": "z1", "noise": {"kind": "gaussian", "scale": "sqrt(2)"}}


# -- files

EVERYTHING = """
link = '''He(2, z1)/2
  + 0.1*z2'''
name = "both"
directions = [[1, "sqrt(2)"], [0.1, -1_0.5e-1]]
[noise]
kind = "gaussian"
scale = 0.3
"""


def write(tmp_path, text):
    path = tmp_path / "target.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_is_read_exactly(tmp_path):
    target = Target.load(write(tmp_path, EVERYTHING))
    assert target.link == "He(2, z1)/2 + 0.1*z2"
    assert target.name == "both"
    assert target.polynomial.coefficient((0, 1)) == Fraction(1, 10)
    assert target.directions == ((1, number("sqrt(2)")), (Fraction(1, 10), Fraction(-105, 100)))
    assert target.noise == Noise("gaussian", Fraction(3, 10))
    assert target == Target.load(str(write(tmp_path, EVERYTHING)))


@pytest.mark.parametrize(
    ("table", "noise"),
    [
        ("", Noise("none", 0)),
        ("[noise]", Noise("none", 0)),
        ("[noise]\nkind = 'none'", Noise("none", 0)),
        ("[noise]\nkind = 'none'\nscale = 0", Noise("none", 0)),
        ("[noise]\nscale = 2", Noise("rademacher", 2)),
        ("[noise]\nkind = 'rademacher'", Noise("rademacher", 1)),
        ("[noise]\nkind = 'gaussian'\nscale = 'sqrt(2)'", Noise("gaussian", "sqrt(2)")),
        ("noise = {kind = 'gaussian', scale = 1e-3}", Noise("gaussian", Fraction(1, 1000))),
    ],
)
def test_noise_defaults(tmp_path, table, noise):
    assert Target.load(write(tmp_path, f"link = 'z1'\n{table}\n")).noise == noise


BAD_FILES = {
    "link = ": "is not valid TOML",
    "link = 'z1'\nlink = 'z2'": "is not valid TOML",
    "": "link is None",
    "link = 3": "link is 3: expected an expression as text",
    "link = 1.5": "does not depend on x",
    "link = ['z1']": "link is \\['z1'\\]",
    "link = '2'": "'2' does not depend on x",
    "link = 'z1 - z1'": "'z1 - z1' does not depend on x",
    "link = 'z1*0'": "does not depend on x",
    "link = 'z1 +'": "cannot read 'z1 \\+'",
    "link = 'z1'\ncolour = 'red'": "unknown key 'colour': expected directions, link, name, noise",
    "link = 'z1'\nname = 3": "name is 3: expected text",
    "link = 'z1'\nname = 1.5": "name is '1.5': expected text",
    "link = 'z1'\nnoise = 'gaussian'": "noise is 'gaussian': expected a table",
    "link = 'z1'\n[noise]\nsigma = 1": "noise: unknown key 'sigma': expected kind, scale",
    "link = 'z1'\n[noise]\nkind = 'cauchy'": "noise kind 'cauchy' is unknown: use one of rademacher, gaussian, none",
    "link = 'z1'\n[noise]\nkind = 3": "noise kind 3 is unknown",
    "link = 'z1'\n[noise]\nkind = ['none']": "noise kind \\['none'\\] is unknown",
    "link = 'z1'\n[noise]\nscale = -1": "the noise scale is -1: expected a number >= 0",
    "link = 'z1'\n[noise]\nscale = nan": "the noise scale: unknown name 'nan'",
    "link = 'z1'\n[noise]\nscale = -inf": "the noise scale: unknown name 'inf'",
    "link = 'z1'\n[noise]\nscale = true": "the noise scale is True: expected a number",
    "link = 'z1'\n[noise]\nscale = 1979-05-27": "the noise scale is datetime.date",
    "link = 'z1'\n[noise]\nscale = 'z1'": "the noise scale: 'z1' is not a constant",
    "link = 'z1'\n[noise]\nkind = 'none'\nscale = 1": "noise kind 'none' has scale 1",
    "link = 'z1'\n[noise]\nscale = " + "9" * 5000: "too many digits",
    "link = 'z1'\ndirections = 3": "directions is 3: expected a list of rows",
    "link = 'z1'\ndirections = [1, 0]": "directions is \\[1, 0\\]: expected a list of rows",
    "link = 'z1'\ndirections = []": "directions have rows of lengths \\[\\]",
    "link = 'z1'\ndirections = [[]]": "directions have rows of lengths \\[0\\]",
    "link = 'z1 + z2'\ndirections = [[1, 0], [1]]": "directions have rows of lengths \\[2, 1\\]",
    "link = 'z1 + z2'\ndirections = [[1, 0]]": "directions have 1 rows but the link uses z1..z2",
    "link = 'z1'\ndirections = [[1, 0], [0, 1]]": "directions have 2 rows but the link uses z1..z1",
    "link = 'z1'\ndirections = [[0, 0]]": "does not depend on x",
    "link = 'z1 - z2'\ndirections = [[1, 2], [1, 2]]": "does not depend on x",
    "link = 'z1'\ndirections = [[nan]]": "directions, row 1, column 1: unknown name 'nan'",
    "link = 'z1 + z2'\ndirections = [[1, 2], [3, inf]]": "directions, row 2, column 2: unknown name 'inf'",
    "link = 'z1'\ndirections = [['z1']]": "'z1' is not a constant",
    "link = 'z1'\ndirections = [[true]]": "directions, row 1, column 1 is True",
    "link = 'z1'\ndirections = [[[1]]]": "directions, row 1, column 1 is \\[1\\]: expected an exact number",
    f"link = 'z1'\ndirections = [[{'0, ' * MAX_AMBIENT}1]]": f"more than {MAX_AMBIENT} columns",
    "link = '1e200*z1'": "sqrt\\(E f\\*²\\) is about 1e.*floats are safe from 1e-150 to 1e150",
    "link = '1e-200*z1'": "sqrt\\(E f\\*²\\) is about 1e.*floats are safe from 1e-150 to 1e150",
    "a=" + "[" * 5000: "nested too deeply|not valid TOML",
    "link = '" + "z1+" * 400_000 + "z1'": f"larger than {MAX_FILE_BYTES} bytes",
}


@pytest.mark.parametrize(("text", "match"), BAD_FILES.items(), ids=[text[:50] for text in BAD_FILES])
def test_a_bad_file_is_refused_on_one_line_that_names_it(tmp_path, text, match):
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=match) as caught:
        Target.load(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_what_is_not_a_text_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*No such file"):
        Target.load(tmp_path / "missing.toml")
    with pytest.raises(InputError, match=r"not a regular file"):
        Target.load(tmp_path)
    with pytest.raises(InputError, match="is not UTF-8 text"):
        Target.load(write(tmp_path, b"link = '\xff\xfe\x00\x80'"))
    with pytest.raises(InputError, match="not valid TOML"):
        Target.load(write(tmp_path, bytes(range(32))))
    with pytest.raises(InputError, match=r"cannot read .*null"):
        Target.load("a\0.toml")


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    try:
        mapping = tomllib.loads(data.decode())
    except (UnicodeDecodeError, ValueError):
        return
    with pytest.raises(InputError):
        Target.from_mapping(mapping)


# -- entries, equality, immutability, display


def test_entries_of_directions_are_exact():
    rows = [[1, Fraction(1, 3), "sqrt(2)/2", 0.1, Number.of(5).root(2), np.float64(0.25)]]
    got = Target.from_expression("z1", rows).directions
    assert got == ((1, Fraction(1, 3), number("sqrt(1/2)"), Fraction(1, 10), number("sqrt(5)"), Fraction(1, 4)),)
    for bad in (float("nan"), float("inf"), None, 1j, b"1"):
        with pytest.raises(InputError, match="row 1, column 1"):
            Target.from_expression("z1", [[bad]])
    assert Target.from_expression("z1", [[0] * (MAX_AMBIENT - 1) + [1]]).ambient_dimension == MAX_AMBIENT


@pytest.mark.parametrize("text", ["5", "sqrt(2)", "z1 - z1", "0*z1", "z1**0", "He(0, z1)", "z1*z2 - z2*z1"])
def test_constants_are_refused(text):
    with pytest.raises(InputError, match="does not depend on x"):
        Target.from_expression(text)


def test_constant_polynomials_are_refused():
    with pytest.raises(InputError, match="'3' does not depend on x"):
        Target.from_polynomial(Polynomial.constant(3, 2))


@pytest.mark.parametrize("text", ["1e150*z1", "1e-150*z1"])
def test_the_bounds_of_magnitude_are_inclusive(text):
    assert Target.from_expression(text).degree == 1


def test_noise():
    assert str(Noise()) == "no noise"
    assert str(Noise("gaussian", "1/2")) == "gaussian noise of scale 1/2"
    assert Noise("rademacher", 0.1) == Noise("rademacher", "1/10")
    assert Noise("rademacher", 0).scale == 0
    assert float(Noise("gaussian", "sqrt(2)").scale) == 2**0.5


def test_a_target_is_an_immutable_value():
    target = Target.from_expression("z1 + z2**2", [[1, 0], [1, 1]])
    before = hash(target)
    for name in ("link", "directions", "noise", "name", "polynomial"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(target, name, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        target.noise.scale = 3
    with pytest.raises(TypeError):
        target.directions[0][0] = 2
    assert target.expansion.degree == 2  # filling the cache is not a change
    assert hash(target) == before
    again = Target.from_expression("z1 + z2**2", [["1", 0], [1, 1]])
    assert again == target
    assert len({again, target}) == 1
    assert target != Target.from_expression("z1 + z2**2")
    assert target != Target.from_expression("z1 + z2**2", [[1, 0], [1, 2]])
    assert target != dataclasses.replace(target, noise=Noise("gaussian", 1))
    assert dataclasses.replace(target, name="a").name == "a"


def test_the_target_of_a_polynomial_in_more_variables_is_another():
    one, two = (Target.from_polynomial(Polynomial.variable(0, n)) for n in (1, 2))
    assert one.link == two.link
    assert one != two


def test_repr_is_short_and_shows_what_was_written():
    text = repr(Target.from_expression("z1 + 0.1*z2", [[1, "1/2"], [0, 1]], Noise("gaussian", "1/3"), "t"))
    for part in ("'z1 + 0.1*z2'", "'1/2'", "gaussian", "1/3", "'t'"):
        assert part in text
    assert len(text) < 300


def test_html_is_escaped():
    html = Target.from_expression("z1", [["1", "sqrt(2)"]], name="<script>alert(1)</script> & co")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in html
    cells = [re.sub("<[^>]*>", " ", row).split() for row in html.split("<tr>")]
    assert ["link", "z1"] in cells
    assert ["degree", "1"] in cells
    assert "sqrt(2)" in html
    assert "<caption>target</caption>" in Target.from_expression("z1")._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": None}, "the expression is None: write it as text"),
        ({"text": "z1", "directions": [1]}, "directions is \\[1\\]: expected a list of rows"),
        ({"text": "z1", "directions": "1"}, "directions is '1': expected a list of rows"),
        ({"text": "z1", "directions": ["1"]}, "directions is \\['1'\\]: expected a list of rows"),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        Target.from_expression(**arguments)


@pytest.mark.parametrize("size", [0, 11, 1.5, True, "2"])
def test_the_latent_dimension_of_a_callable_is_bounded(size):
    with pytest.raises(InputError, match="give a whole number from 1 to 10"):
        Target.from_callable(lambda z: z[:, 0], latent_dimension=size)


def test_a_callable_is_a_target_with_moments_and_a_name():
    target = Target.from_callable(lambda z: z[:, 0] + 2, latent_dimension=2, noise=Noise("gaussian", "1/2"), name="shifted")
    assert target.moments == pytest.approx((2, 5))
    assert (target.latent_dimension, target.ambient_dimension, target.link, target.degree) == (2, 2, "f(z1, z2)", None)
    assert target.name == "shifted"
    assert len(target.principal_subspace()) == 2
    assert "f(z1, z2)" in target._repr_html_()
    assert repr(target) == "CallableTarget('f(z1, z2)', noise=Noise('gaussian', '1/2'), name='shifted')"


@pytest.mark.parametrize("f", [lambda z: 0 * z[:, 0] + 3, lambda z: 3 + 1e-18 * z[:, 0]])
def test_a_callable_that_seems_constant_is_refused(f):
    with pytest.raises(InputError, match="seems constant"):
        Target.from_callable(f, latent_dimension=1)


@pytest.mark.parametrize("power", [2, 3])
@pytest.mark.parametrize("ends", [(-2, 2), (-3, 0, 0, 3)])
def test_powers_of_labels_are_their_means_over_the_noise(power, ends):
    """Over noise that takes these values alike."""
    variance = Fraction(sum(e * e for e in ends), len(ends))
    for f in (Fraction(5), Fraction(-1, 3), Fraction(0)):
        assert mean_label_power(f, power, variance) == Fraction(sum((f + e) ** power for e in ends), len(ends))
