import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError

labels = st.lists(st.one_of(st.integers(), st.text()), max_size=3)


def _draw(seed, *names):
    return generator(seed, *names).random(4).tolist()


@given(st.integers(), labels)
def test_a_stream_is_a_function_of_seed_and_labels(seed, names):
    assert _draw(seed, *names) == _draw(seed, *names)


@given(st.integers(), labels, st.integers(), labels)
def test_different_seeds_or_labels_give_different_streams(seed, names, other_seed, other_names):
    if (seed, names) != (other_seed, other_names):
        assert _draw(seed, *names) != _draw(other_seed, *other_names)


def test_the_label_1_is_not_the_label_text_1_nor_part_of_the_seed():
    assert len({tuple(_draw(1, 1)), tuple(_draw(1, "1")), tuple(_draw(11)), tuple(_draw(1, "1", 1))}) == 4


def test_the_stream_does_not_depend_on_the_process():
    draw = "print(json.dumps(generator(7, 'a', 2).random(4).tolist()))"
    code = f"from steinlab.numerics.samples.streams import generator; import json; {draw}"
    assert json.loads(subprocess.check_output([sys.executable, "-c", code], text=True)) == _draw(7, "a", 2)


@pytest.mark.parametrize("seed", [1.0, "1", None, True, np.bool_(False)])
def test_seeds_are_integers(seed):
    with pytest.raises(InputError, match="is not an integer"):
        generator(seed)


def test_numpy_integers_are_integers():
    assert _draw(np.int64(5)) == _draw(5)


def test_what_a_seed_means_stays():
    """The first draws, in every version and on every machine."""
    assert generator(7, "a", 2).integers(1000, size=4).tolist() == [812, 637, 907, 410]
    assert generator(-5).integers(1000, size=4).tolist() == [411, 731, 664, 268]
