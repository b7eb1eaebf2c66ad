"""Exports a branch, or a session with all its branches, to a file."""

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from convo.history.lines import WholeLine, WholeSession
from convo.history.transcript import TranscriptTurn, WholeTurns
from convo.records import MAIN
from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.files import Pieces, write_file
from convo_cli.render.terminal.text import counted
from convo_cli.settings import ExportFormat

if TYPE_CHECKING:
    from convo.usage.prices import Prices
    from convo_cli.render.data.chat_lines import ChatLines
    from convo_cli.render.pages.html.usage import Costs

NO_COSTS: "Costs" = MappingProxyType({})

_BY_SUFFIX: dict[str, ExportFormat] = {
    "": "md",
    ".md": "md",
    ".markdown": "md",
    ".txt": "md",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".html": "html",
    ".htm": "html",
}
STDOUT = frozenset(map(Path, ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")))


class Exported(NamedTuple):
    """A branch to be exported, with all of its turns, and what they cost as far as it is known."""

    session: str
    branch: str
    turns: WholeTurns
    costs: "Costs" = NO_COSTS

    @property
    def title(self) -> str:
        """The title of the exported document."""
        return self.session if self.branch == MAIN else f"{self.session}, branch {self.branch}"


def format_of(path: Path | None) -> ExportFormat:
    """The format of a file, by its extension. Raises `UsageError` for an unknown one."""
    suffix = "" if path is None else path.suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise UsageError(
            f"there is no export to '{suffix}' files",
            hint="name it .md, .html, .json or .jsonl",
        )
    return _BY_SUFFIX[suffix]


async def exported_branch(
    store: ConversationStore, session: str, branch: str, prices: "Prices | None" = None
) -> Exported:
    """Read a whole branch for the export; with `prices`, with what its turns cost."""
    turns = await store.whole_turns(session, branch)
    if prices is None:
        return Exported(session, branch, turns)
    known = await store.costs_of_turns(session, prices)
    origins = {turn: (branch, turn) for asked_on, turn in known if asked_on == branch}
    if len(origins) < len(known):
        # Some turns were asked on other branches, and this one may share them.
        origins = await store.turn_origins(session, branch)
    costs = {(0, turn): known[place] for turn, place in origins.items() if place in known}
    return Exported(session, branch, turns, costs)


async def costs_of(store: ConversationStore, session: WholeSession, prices: "Prices") -> "Costs":
    """What the turns of a session cost, as far as it is known."""
    places = {line.branch_id: place for place, line in enumerate(session.lines)}
    known = await store.costs_of_turns(session.session_id, prices)
    return {
        (places[branch], turn): cost for (branch, turn), cost in known.items() if branch in places
    }


def write_export(
    invocation: Invocation,
    exported: Exported,
    path: Path | None,
    chosen: ExportFormat,
    *,
    force: bool,
    wait: bool = True,
    chats: "ChatLines | None" = None,
) -> None:
    """Write a branch to a file, and report that; without a path, write to stdout."""
    written = pieces(exported, chosen, chats)
    if write_pieces(invocation, written, path, force=force, wait=wait):
        invocation.terminal.notice(f"wrote {counted(len(exported.turns), 'turn')} to {path}")


def write_pieces(
    invocation: Invocation, pieces: Pieces, path: Path | None, *, force: bool, wait: bool = True
) -> bool:
    """Write to a file, or without a path to stdout; return whether to a file."""
    if path is not None and path not in STDOUT:
        write_file(path, pieces, force=force, wait=wait)
        return True
    invocation.terminal.write_utf8_pieces(_texts(pieces))
    return False


def _texts(pieces: Pieces) -> Iterator[str]:
    """The pieces as text; a character may begin in one and end in the next."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for piece in pieces:
        yield piece if isinstance(piece, str) else decoder.decode(piece)


def pieces(exported: Exported, chosen: ExportFormat, chats: "ChatLines | None") -> Iterable[str]:
    """The text of an export of a branch, piece by piece."""
    # Imported here because each format needs modules of its own.
    if chosen == "html":
        from convo_cli.render.pages.html.document import branch_page

        return branch_page(exported.turns, exported.branch, exported.title, exported.costs)
    if chosen == "md":
        from convo_cli.render.pages.markdown import markdown
        from convo_cli.render.terminal.text import safe

        return markdown(exported.turns, safe, exported.title)
    from convo_cli.render.data.formats import json_lines, json_rows
    from convo_cli.render.data.transcript_rows import turn_rows

    if chats is not None:
        return json_lines(_chat_lines([exported.turns], chats))
    rows = turn_rows(exported.turns)
    return json_rows(rows) if chosen == "json" else json_lines(rows)


def session_pieces(
    session: WholeSession,
    chosen: ExportFormat,
    chats: "ChatLines | None",
    costs: "Costs" = NO_COSTS,
) -> Iterable[str]:
    """The text of an export of all branches, piece by piece; for JSON, there is the document."""
    if chosen == "html":
        from convo_cli.render.pages.html.document import session_page

        return session_page(session, session.session_id, costs)
    if chosen == "md":
        from convo_cli.render.pages.markdown import session_markdown
        from convo_cli.render.terminal.text import safe

        return session_markdown(session, safe, session.session_id)
    from convo_cli.render.data.formats import json_lines
    from convo_cli.render.data.transcript_rows import line_rows

    if chats is not None:
        return json_lines(_chat_lines(_whole_branches(session), chats))
    return json_lines(line_rows(session))


def _chat_lines(
    branches: Iterable[Iterable[TranscriptTurn]], chats: "ChatLines"
) -> Iterator[dict[str, object]]:
    for turns in branches:
        line = chats.line([item.item for turn in turns for item in turn.items])
        if line is not None:
            yield line


def _whole_branches(session: WholeSession) -> Iterator[Iterator[TranscriptTurn]]:
    """The turns of each branch from its beginning, those that it shares included."""
    lines = {line.branch_id: line for line in session.lines}
    for line in session.lines:
        yield _from_the_beginning(line, lines)


def _from_the_beginning(line: WholeLine, lines: dict[str, WholeLine]) -> Iterator[TranscriptTurn]:
    parts: list[tuple[WholeLine, int | None]] = [(line, None)]
    while (first := parts[-1][0]).parent is not None:
        parts.append((lines[first.parent], first.after))
    for part, last in reversed(parts):
        for turn in part.turns:
            if last is not None and turn.turn > last:
                break
            yield turn
