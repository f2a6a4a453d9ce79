"""What people type, spelled with the functions that the rest of the package knows: gelu, He3(u), z1^2 and their kin.

Every reading is a rewriting of text, made before anything else looks at the expression: whoever reads links, or checks their
certificates, knows one set of functions. Each character of the new text keeps the place of what was typed for it, for messages.
"""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from collections.abc import Callable, Sequence

from steinlab.theory.errors import InputError
from steinlab.theory.language.names import POLYNOMIAL_FUNCTIONS, names

MAX_LENGTH = 20_000
"""Longest expression, in characters: as it is typed, and as it is written out."""

Character = tuple[str, int, int]
"""A character, and the part of the typed text (from, to) that it stands for."""

_HERMITE = re.compile(r"He_?(0|[1-9][0-9]*)")
_LATEX = re.compile(r"\\[A-Za-z]+|[\\{}$]")
_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_HOLE = re.compile(r"\(u\)|\b[us]\b")


def respelled(text: str, most: int = MAX_LENGTH, argument: str = "") -> tuple[str, tuple[Character, ...] | None]:
    """`text`, on one line, with the known functions only, and where each character comes from (None: all as typed).

    `argument` is another name for z1. Raises InputError for what is no expression in this or any spelling, or has more than
    `most` characters written out. Whether its names and operators are allowed is for the whitelist to say.

    >>> respelled("z1^2 + gelu(z2)")[0]
    'z1**2 + (z2*(1 + erf(z2/sqrt(2)))/2)'
    """
    _require_plain_characters(text)
    renamed = {m.start() for m in re.finditer(rf"\b{argument}\b", text)} if argument else set()
    if not renamed and "^" not in text and not any(map(_is_respelled, _CALLED.findall(text))):
        return text, None
    spellings = ["z1" if i in renamed else "**" if typed == "^" else typed for i, typed in enumerate(text)]
    characters = [(c, i, i + 1) for i, spelling in enumerate(spellings) for c in spelling]
    tree = syntax_tree(_text(characters), text, lambda i: characters[i][1])
    inside = _Writer(text, characters, most).write(tree)
    written = (*characters[: tree.col_offset], *inside, *characters[_end(tree) :])
    return _text(written), written


def syntax_tree(text: str, typed: str, place: Callable[[int], int] = lambda i: i) -> ast.expr:
    """Python's syntax tree of `text`; messages quote what was `typed`, and tell positions in it by `place`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the whitelist judges what Python only warns about
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        where = f" at character {place(min(error.offset, len(text)) - 1) + 1}" if error.offset else ""
        raise InputError(
            f"cannot read {quoted(typed)}: {error.msg}{where}; expected an expression such as '2*z1**2 + He(4, z2)/24'"
        ) from None
    except (RecursionError, MemoryError, ValueError):
        raise InputError(
            "the expression has too many terms, is nested too deeply or has a number too long to read: write it shorter"
        ) from None


def quoted(text: str) -> str:
    """Text for a message: quoted, shortened, in printable ASCII."""
    return ascii(text if len(text) <= 60 else text[:57] + "...")


def _require_plain_characters(text: str) -> None:
    if "#" in text:  # text of several lines is joined to one, so a comment would swallow the lines after it
        raise InputError(f"cannot read {quoted(text)}: comments (#) are not allowed in an expression")
    strange = next((c for c in text if not (c.isascii() and c.isprintable())), None)
    if strange is not None:
        name = unicodedata.name(strange, f"U+{ord(strange):04X}")
        raise InputError(
            f"cannot read {quoted(text)}: the character {name} is not allowed; write letters, digits and signs in plain ASCII, "
            "such as z1**2, -z1, pi"
        )
    if "|" in text:
        raise InputError(f"cannot read {quoted(text)}: write abs(z1) for |z1|")
    latex = _LATEX.search(text)
    if latex:
        raise InputError(
            f"cannot read {quoted(text)}: {quoted(latex[0])} is LaTeX; write z1 for z_{{1}}, tanh(z1) for \\tanh(z_1), (a)/(b) "
            "for \\frac{a}{b}, z1**2 for z_1^{2}"
        )


def _text(characters: Sequence[Character]) -> str:
    return "".join(c for c, _, _ in characters)


def _is_respelled(name: str) -> bool:
    if name in POLYNOMIAL_FUNCTIONS:
        return False
    return bool(_HERMITE.fullmatch(name)) or name in names().renamed or name in names().composed


def _function(node: ast.AST) -> str | None:
    """The name of a function that is respelled, where the node calls one."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return None
    return node.func.id if _is_respelled(node.func.id) else None


def _outermost(root: ast.AST) -> list[ast.Call]:
    """The calls to respell that lie in no other, in their order."""
    found: list[ast.Call] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Call) and _function(node):
            found.append(node)
        else:
            stack += ast.iter_child_nodes(node)
    return sorted(found, key=lambda call: call.col_offset)


class _Writer:
    """Writes parts of the typed text, with the calls in them respelled."""

    def __init__(self, typed: str, characters: Sequence[Character], most: int) -> None:
        self.typed = typed
        self.characters = characters
        self.most = most

    def write(self, root: ast.expr) -> list[Character]:
        """The characters of the tree at `root`."""
        out: list[Character] = []
        at = root.col_offset
        for call in _outermost(root):
            out += [*self.characters[at : call.col_offset], *self.call(call)]
            at = _end(call)
            self.require_short(out)
        return [*out, *self.characters[at : _end(root)]]

    def call(self, call: ast.Call) -> list[Character]:
        name = _function(call) or ""
        order = _HERMITE.fullmatch(name)
        if order is None and name in names().renamed:
            after = call.col_offset + len(name)
            head = self.place(names().renamed[name], call.col_offset, after)
            for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
                head += [*self.characters[after : argument.col_offset], *self.write(argument)]
                after = _end(argument)
            return [*head, *self.characters[after : _end(call)]]
        if order is None:
            template, second = names().composed[name].text, names().composed[name].second
        else:
            template, second = f"He({order[1]}, u)", ""
        arguments = self.arguments(call, name, second)
        here = call.col_offset, _end(call)
        fill = {"u": self.write(arguments[0]), "s": self.write(arguments[1]) if len(arguments) > 1 else self.place(second, *here)}
        bare = {"u": isinstance(arguments[0], (ast.Name, ast.Call, ast.Constant)), "s": len(arguments) < 2}
        out: list[Character] = []
        at = 0
        for hole in _HOLE.finditer(template):
            letter = hole[0].strip("()")
            keep = bare[letter] and hole[0] == letter
            out += self.place(template[at : hole.start()] + "(" * (not keep), *here)
            out += fill[letter] + self.place(")" * (not keep), *here)
            at = hole.end()
            self.require_short(out)
        return out + self.place(template[at:], *here)

    def arguments(self, call: ast.Call, name: str, second: str) -> list[ast.expr]:
        """The arguments of a call that is written out; where there may be a second one, it may go by its name."""
        source = quoted(self.typed[self.characters[call.col_offset][1] : self.characters[_end(call) - 1][2]])
        most = 2 if second else 1
        slopes = [keyword.value for keyword in call.keywords if keyword.arg == "slope" and most == 2]
        if len(slopes) < len(call.keywords) or any(isinstance(argument, ast.Starred) for argument in call.args):
            raise InputError(f"{source}: only plain arguments are allowed")
        arguments = [*call.args, *slopes]
        if not call.args or len(arguments) > most:
            takes = "1 argument" if most == 1 else "u and its slope"
            raise InputError(f"{source}: {name} takes {takes}, got {len(arguments)} argument{'s' * (len(arguments) != 1)}")
        if len(arguments) == 2 and any(isinstance(n, ast.Name) and n.id != "pi" for n in ast.walk(arguments[1])):
            raise InputError(f"{source}: the slope of {name} must be a constant: write {name}(u, 1/100)")
        return arguments

    def place(self, text: str, start: int, end: int) -> list[Character]:
        """New text that stands for what was typed from `start` to `end`."""
        span = self.characters[start][1], self.characters[end - 1][2]
        return [(c, *span) for c in text]

    def require_short(self, out: Sequence[Character]) -> None:
        if len(out) > self.most:
            written = ", ".join(names().composed)
            raise InputError(f"{quoted(self.typed)} has over {self.most} characters with {written} written out: nest them less")


def _end(node: ast.expr) -> int:
    assert node.end_col_offset is not None, "ast.parse tells where every expression ends"
    return node.end_col_offset
