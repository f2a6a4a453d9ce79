"""Bad input is a ValueError that says what to do."""

from steinlab.theory.errors import InputError


def test_bad_input_is_a_value_error():
    assert issubclass(InputError, ValueError)
    assert str(InputError("d is 0: give at least 1")) == "d is 0: give at least 1"
