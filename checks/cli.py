"""The `steinlab` command: a dispatcher that loads one subcommand and turns its errors into one line and an exit status."""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from steinlab import __version__
from steinlab.theory.errors import InputError

COMMANDS = ("check", "csq", "estimate", "judge", "train", "verify", "rates")
BAD_INPUT = 2
INTERRUPTED = 130
MAX_WORD = 160
"""Longest word of a message, in characters."""
MAX_MESSAGE = 1_000
"""Longest message, in characters."""
_NEGATIVE_TARGET = re.compile(r"-[-+\s(]*([\d.]|[xz]_?\d|pi\b|[A-Za-z]\w*\s*[(*^])")
"""How an expression starts that begins with a minus sign; no option does."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, where argparse would print the usage as well."""
        self.exit(BAD_INPUT, _line(f"{self.prog}: {message} (see {self.prog} --help)"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 2 for bad input (one line on standard error), 130 when interrupted."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        args, run = _parse(argv)
        return int(run(args))
    except InputError as error:
        return _fail(argv, str(error))
    except KeyboardInterrupt:
        resume = "; the same command goes on where it stopped" if "rates" in argv else ""
        sys.stderr.write(f"steinlab: interrupted{resume}\n")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away: nothing to say, and nothing to flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(argv, f"{error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
    except OverflowError:
        return _fail(argv, "a number is beyond the range of floats, about 1e308: use numbers of moderate size")
    except MemoryError:
        return _fail(argv, "out of memory: use smaller sizes")


def _fail(argv: Sequence[str], message: str) -> int:
    command = next((word for word in argv if word in COMMANDS), "")
    prefix = f"steinlab {command}".rstrip()
    sys.stderr.write(_line(f"{prefix}: {message}"))
    return BAD_INPUT


def _line(message: str) -> str:
    """A message on one line that a terminal shows as it is: control characters escaped, endless words and messages cut short."""
    words = [word if len(word) <= MAX_WORD else f"{word[: MAX_WORD // 2]}...{word[-MAX_WORD // 4 :]}" for word in message.split()]
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in " ".join(words))
    return (text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 3] + "...") + "\n"


def _parse(argv: Sequence[str]) -> tuple[argparse.Namespace, Callable[[argparse.Namespace], int]]:
    parser = _Parser(
        prog="steinlab",
        description="The theory of representation learning in two-layer networks, made executable.",
        epilog='example: steinlab check "He(2,z1)/2 + He(4,z1)/sqrt(48)"',
    )
    parser.add_argument("--version", action="version", version=f"steinlab {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((word for word in argv if not word.startswith("-")), None)
    modules = {}
    for name in COMMANDS:
        if wanted in COMMANDS and name != wanted:
            subparsers.add_parser(name)  # known by name only: its module need not be imported to run another
            continue
        module = modules[name] = importlib.import_module(f"steinlab.checks.commands.{name}")
        summary = (module.__doc__ or "").strip().splitlines()[0]
        subparser = subparsers.add_parser(
            name,
            help=summary,
            description=module.__doc__,
            epilog=f"example: {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,  # --m is not --method: it is a slip for -m
        )
        module.add_arguments(subparser)
        if name == wanted:
            argv = _with_negative_targets(argv, subparser)
    args = parser.parse_args(argv)
    return args, modules[args.command].run


def _with_negative_targets(argv: Sequence[str], parser: argparse.ArgumentParser) -> list[str]:
    """A space before each word that is an expression with a minus sign in front: argparse would take it for options.

    A negative number is joined to its long option, --predicted=-1/2; other values of options stay as they are typed.
    """
    valued = {
        flag for action in parser._actions if action.nargs != 0 for flag in action.option_strings if action.metavar != "TARGET"
    }
    out: list[str] = []
    for i, word in enumerate(argv):
        if word == "--":
            return [*out, *argv[i:]]
        if not _NEGATIVE_TARGET.match(word):
            out.append(word)
        elif argv[i - 1] not in valued:
            out.append(" " + word)
        elif argv[i - 1].startswith("--") and word[1] in "0123456789.":
            out[-1] += "=" + word
        else:
            out.append(word)
    return out
