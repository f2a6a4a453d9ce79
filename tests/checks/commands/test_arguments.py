"""Values of the command line: read exactly, or refused with the option, what was typed and what to type."""

from fractions import Fraction

import pytest

from steinlab.checks.commands.arguments import exact_fraction, read_target, whole_number
from steinlab.theory.errors import InputError


@pytest.mark.parametrize(
    ("text", "value"), [("10000", 10**4), ("10_000", 10**4), ("1e23", 10**23), ("10**4", 10**4), ("-3", -3), ("4/2", 2)]
)
def test_whole_numbers_are_read_exactly(text, value):
    assert whole_number("-n", text) == value


@pytest.mark.parametrize("text", ["1.5", "ten", "", "1e309", "nan", "1/3"])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(InputError, match=r"^-n is .*; give a whole number"):
        whole_number("-n", text)


def test_fractions_are_read_exactly():
    assert exact_fraction("--tolerance", "0.1") == exact_fraction("--tolerance", "1/10") == Fraction(1, 10)
    with pytest.raises(InputError, match=r"^--tolerance is 'sqrt\(2\)'; give a fraction"):
        exact_fraction("--tolerance", "sqrt(2)")
    with pytest.raises(InputError, match=r"^--tolerance: "):
        exact_fraction("--tolerance", "0.1.2")


def test_a_target_is_an_expression_or_a_file(tmp_path):
    path = tmp_path / "t.toml"
    path.write_text('link = "He(3,z1)"\n')
    assert read_target(str(path)).link == read_target("He(3,z1)").link
    with pytest.raises(InputError, match=r"missing\.toml"):
        read_target("missing.toml")
