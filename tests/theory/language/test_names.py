"""Names that may be called: each is known in one way only, and plain polynomials do not ask for them."""

import subprocess
import sys

import pytest

from steinlab.theory.errors import InputError
from steinlab.theory.language.names import POLYNOMIAL_FUNCTIONS, every_name, names
from steinlab.theory.language.parsing import parse


def test_each_name_is_known_in_one_way():
    ways = [set(POLYNOMIAL_FUNCTIONS), set(names().known), set(names().renamed), set(names().composed)]
    assert sum(map(len, ways)) == len(every_name())
    assert set(names().renamed.values()) | set(names().floats) <= names().known
    assert names().known - set(names().floats) == {"Max", "Min", "Piecewise"}


@pytest.mark.parametrize("name", sorted(names().floats))
def test_what_has_values_is_a_function_of_one_argument(name):
    assert parse(f"{name}(2 + z1**2)").canonical == f"{name}(2 + z1**2)"


@pytest.mark.parametrize("name", ["asin", "base", "z", "E", "unknown"])
def test_what_stands_in_results_only_cannot_be_typed(name):
    with pytest.raises(InputError):
        parse(f"{name}(z1)")


def test_the_table_is_not_loaded_for_polynomials():
    code = (
        "import sys; from steinlab.theory.language.parsing import parse; "
        "parse('He3(z1)^2 + He(2, z1)*z2*sqrt(2) - (z1 + 0.5)'); "
        "print([m for m in sys.modules if m.startswith('steinlab.theory.links')])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
