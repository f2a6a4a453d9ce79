"""What the README shows is what the program says."""

import re
from pathlib import Path

import pytest

from steinlab.checks.cli import COMMANDS, main

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_shown_output_is_what_check_prints(capsys):
    shown = re.search(r'\$ steinlab check "(.+)"\n(.+?)\n\.\.\.', README, re.DOTALL)
    assert main(["check", shown[1]]) == 1
    assert capsys.readouterr().out.startswith(shown[2])


@pytest.mark.parametrize("kind", ["main", "test"])
def test_each_command_is_one_line_that_starts_from_nothing(kind):
    block = re.search(rf"<!-- {kind} command -->\n```bash\n(.+?)\n```", README, re.DOTALL)
    assert block[1].startswith("python3 -m venv")
    assert "\n" not in block[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_subcommand_is_described(command):
    assert f"`steinlab {command}" in README


def test_no_placeholder_is_left():
    words = set(re.findall(r"\b[A-Z][A-Z_]{5,}\b", re.sub(r"```.+?```", "", README, flags=re.DOTALL)))
    assert words <= {"README", "CONTRIBUTING", "TARGET"}
