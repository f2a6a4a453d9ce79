"""What the README shows is what the program says."""

import re
import shlex
from pathlib import Path

import pytest

from steinlab.checks.cli import COMMANDS, main
from steinlab.theory.language.names import every_name

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def shown():
    """The commands of the console blocks, each with the pieces of output that the README shows of it."""
    for block in re.findall(r"```console\n(.+?)```", README, re.DOTALL):
        for part in re.split(r"^\$ steinlab ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield pytest.param(shlex.split(command), [p.strip("\n") for p in output.split("...\n")], id=command[:40])


@pytest.mark.parametrize(("arguments", "pieces"), list(shown()))
def test_shown_output_is_what_the_program_prints(capsys, arguments, pieces):
    assert main(arguments) in (0, 1)
    out = capsys.readouterr().out
    place = 0
    for piece in pieces:
        place = out.index(piece, place)


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


def test_every_function_that_is_named_is_known():
    lists = re.findall(r"(?:Also read:|With) `([^`]+)`", README)
    named = {re.match(r"[A-Za-z_]+", word)[0] for words in lists for word in words.split() if word[0].isalpha()}
    assert len(named) > 20
    assert named <= every_name()
