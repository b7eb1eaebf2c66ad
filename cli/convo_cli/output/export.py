"""Exports a branch, or a whole session, to a file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from convo.history.lines import WholeSession
from convo.history.transcript import WholeTurns
from convo.records import MAIN
from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.files import write_file
from convo_cli.render.terminal.text import counted
from convo_cli.settings import ExportFormat

if TYPE_CHECKING:
    from convo.usage.prices import Prices

Costs = Mapping[tuple[str, int], float]
"""Costs of turns in US dollars, by branch and turn."""

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
_STDOUT = frozenset(map(Path, ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")))


class Exported(NamedTuple):
    """A branch to be exported, with all of its turns, and what they cost as far as it is known."""

    session: str
    branch: str
    turns: WholeTurns
    costs: Costs = MappingProxyType({})

    @property
    def title(self) -> str:
        """The title of the exported document."""
        return self.session if self.branch == MAIN else f"{self.session}, branch {self.branch}"


class ExportedSession(NamedTuple):
    """A session to be exported with all of its branches; each turn is there once."""

    whole: WholeSession
    costs: Costs = MappingProxyType({})

    @property
    def title(self) -> str:
        """The title of the exported document."""
        return self.whole.session_id

    @property
    def turns(self) -> int:
        """How many turns there are on all branches."""
        return sum(len(line.turns) for line in self.whole.lines)


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
    origins = await store.turn_origins(session, branch) if known else {}
    costs = {(branch, turn): known[place] for turn, place in origins.items() if place in known}
    return Exported(session, branch, turns, costs)


async def exported_session(
    store: ConversationStore, session: str, current: str, prices: "Prices"
) -> ExportedSession:
    """Read a whole session for the export; the document begins with the branch `current`."""
    whole = await store.whole_session(session, current)
    return ExportedSession(whole, await store.costs_of_turns(session, prices))


def write_export(
    invocation: Invocation,
    exported: Exported | ExportedSession,
    path: Path | None,
    chosen: ExportFormat,
    *,
    force: bool,
    wait: bool = True,
) -> None:
    """Write a document to a file, and report that; without a path, write to stdout."""
    if path is None or path in _STDOUT:
        invocation.terminal.write_utf8_pieces(pieces(exported, chosen))
        return
    write_file(path, pieces(exported, chosen), force=force, wait=wait)
    turns = exported.turns if isinstance(exported, ExportedSession) else len(exported.turns)
    invocation.terminal.notice(f"wrote {counted(turns, 'turn')} to {path}")


def pieces(exported: Exported | ExportedSession, chosen: ExportFormat) -> Iterable[str]:
    """The text of an export, piece by piece."""
    # Imported here because each format needs modules of its own.
    if isinstance(exported, ExportedSession):
        from convo_cli.render.pages.html.document import session_page

        return session_page(exported.whole, exported.title, exported.costs)
    if chosen == "html":
        from convo_cli.render.pages.html.document import branch_page

        return branch_page(exported.turns, exported.branch, exported.title, exported.costs)
    if chosen == "md":
        from convo_cli.render.pages.markdown import markdown
        from convo_cli.render.terminal.text import safe

        return markdown(exported.turns, safe, exported.title)
    from convo_cli.render.data.formats import json_lines, json_rows
    from convo_cli.render.data.transcript_rows import turn_rows

    rows = turn_rows(exported.turns)
    return json_rows(rows) if chosen == "json" else json_lines(rows)
