"""Writes docs/output.md from the program: `python -m docs.output_page`.

The commands declare what they write beside their options; see `convo_cli.written`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from typer._click.core import Context

from convo_cli.app import PROGRAM, program
from convo_cli.exits import MEANINGS
from convo_cli.grammar import Command, Group
from convo_cli.render.data import shapes
from convo_cli.written import Keys, Kind, Nested, Rows, Shape, Written, written_by

PAGE = Path(__file__).with_name("output.md")

_BEGIN, _END = "<!-- made by docs/output_page.py -->\n", "<!-- end -->\n"
_TOKENS = list(shapes.TOKENS)
_FORMS = {"list": "a list of objects", "object": "one object", "text": "text of its own"}


class Declared(NamedTuple):
    """A command that can be called, and what it declares."""

    path: tuple[str, ...]
    written: Written | None


def every_command() -> list[Declared]:
    """Every command that is not a group of others, in the order of the help."""
    root = program()
    return list(_below(root, Context(root, info_name=PROGRAM), ()))


def page() -> str:
    """The whole page: what stands around the tables is written by hand."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return "".join([before, _BEGIN, "\n", *tables(), "\n", _END, after])


def tables() -> Iterator[str]:
    """The table of commands, and that of exit codes."""
    tokens = ", ".join(f"`{key}` {_named(shapes.TOKENS[key])}" for key in _TOKENS)
    yield f"A type with a question mark may be null. *tokens* stands for {tokens}.\n\n"
    yield "| command | writes | keys | exit codes |\n|---|---|---|---|\n"
    for command in every_command():
        assert command.written is not None, command.path
        for shape in command.written.shapes:
            yield _row(command, shape)
    yield "\n## Exit codes\n\nEvery command may also end with 1, 2, 6, 129, 130, 141 or 143.\n\n"
    yield "| code | means |\n|---|---|\n"
    for code, means in MEANINGS.items():
        yield f"| {int(code)} | {means} |\n"


def _row(command: Declared, shape: Shape) -> str:
    assert command.written is not None
    name = " ".join([PROGRAM, *command.path, shape.option]).strip()
    keys = _listed(shape.keys)
    if shape.flat is not None:
        keys += "; CSV and TSV: " + ", ".join(f"`{key}`" for key in shape.flat)
    exits = ", ".join(map(str, (0, *command.written.exits)))
    return f"| `{name}` | {_FORMS[shape.form]} | {keys} | {exits} |\n"


def _listed(keys: Keys) -> str:
    """The keys with their types; those of tokens, which many commands have, by one word."""
    names = list(keys)
    first = names.index(_TOKENS[0]) if _TOKENS[0] in names else 0
    if names[first : first + len(_TOKENS)] != _TOKENS:
        return ", ".join(f"`{key}` {_named(kind)}" for key, kind in keys.items())
    before = {key: keys[key] for key in names[:first]}
    after = {key: keys[key] for key in names[first + len(_TOKENS) :]}
    return ", ".join(filter(None, [_listed(before), "*tokens*", _listed(after)]))


def _named(kind: Kind) -> str:
    match kind:
        case Rows(name, keys):
            return f"list of {name}" + ("" if " of " in name else f" ({_listed(keys)})")
        case Nested(keys):
            return f"object ({_listed(keys)})"
    assert isinstance(kind, str)
    if not kind.startswith("["):
        return kind
    listed = f"list of {kind.strip('[]?')}"
    return f"{listed} or null" if kind.endswith("?") else listed


def _below(command: Command | Group, context: Context, path: tuple[str, ...]) -> Iterator[Declared]:
    if not isinstance(command, Group):
        yield Declared(path, written_by(command))
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert isinstance(found, Command | Group), name
        yield from _below(found, Context(found, info_name=name, parent=context), (*path, name))


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
