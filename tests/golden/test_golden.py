"""A sample of the golden answers; `python tests/golden/run.py` compares them all."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SPEC = importlib.util.spec_from_file_location("golden_run", HERE / "run.py")
assert SPEC is not None
assert SPEC.loader is not None
run = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(run)

KNOWN: list[dict[str, Any]] = json.loads((HERE / "answers.json").read_text(encoding="utf-8"))
SAMPLE = KNOWN[::26]
"""One in 26: enough to see that the tool and the answers fit together."""


@pytest.mark.parametrize("known", SAMPLE, ids=[known["link"][:40] for known in SAMPLE])
def test_the_answer_is_the_golden_one(known: dict[str, Any]) -> None:
    found = run.answer(known)
    assert run.differences({key: known[key] for key in found}, found) == []


def test_a_changed_answer_is_seen_wherever_it_stands() -> None:
    known = KNOWN[0]["report"]
    for key in ("verdict", "information_exponent", "assumptions", "degree_energy"):
        assert run.differences(known, known | {key: "something else"}) == [
            f".{key}: {json.dumps(known[key])} -> {json.dumps('something else')}"
        ]
