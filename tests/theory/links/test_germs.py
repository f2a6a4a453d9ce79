"""Germs are values: many results share one, so that none may change."""

from dataclasses import FrozenInstanceError, fields

import pytest

from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.germs import End, germ


@pytest.mark.parametrize("text", ["z1*tanh(z1)", "sqrt(1 + z1**2)"])
def test_a_germ_cannot_be_changed(text):
    for value in (End(None, 1), germ(read(parse(text)), End(None, 1))):
        for field in fields(value):
            with pytest.raises(FrozenInstanceError):
                setattr(value, field.name, None)
