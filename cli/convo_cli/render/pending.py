"""Short descriptions of turns: the last one, pending ones, and retries."""

from collections import Counter
from collections.abc import Sequence

from convo.history.transcript import TranscriptTurn
from convo.items.contents import taken_apart
from convo.items.encoding import text_of
from convo.pending.pending import PendingTurn
from convo.records import StoredTurn
from convo_cli.render.listings import preview
from convo_cli.render.terminal.grid import fitted
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.text import one_line
from convo_cli.turn.choice import Content

_SHOWN = 48
"""The longest quotation of a question in a sentence, in cells."""

_ANSWER_LINES = 3


def asking_again(text: str, from_turn: int | None, note: str | None = None) -> str:
    """A line saying that a question is asked again: in place of a turn, or because it failed.

    `note` says what has changed since it was asked before.
    """
    which = "" if from_turn is None else f"turn {from_turn} "
    return f"asking {which}again: {quoted(text)}{f'; {note}' if note else ''}"


def was_cut(go_on: str) -> str:
    """A line saying that an answer was cut off; `go_on` is the command that continues it."""
    return f"the answer was cut off at the limit of tokens; {go_on} goes on from it"


def started(session: str, current: str | None) -> str:
    """A line saying that a session was started; `current` is the session that is current now."""
    stays = "" if current in {None, session} else f"; '{current}' stays current"
    return f"started session '{session}'{stays}"


def branched(branch: str, current: str) -> str:
    """A line saying that a branch was created; `current` is the branch that is current now."""
    if current == branch:
        return f"switched to new branch '{branch}'"
    return f"created branch '{branch}'; '{current}' stays current"


def stored_as(stored: StoredTurn) -> str:
    """The end of an error that kept a stored answer from being written."""
    session, branch = one_line(stored.session_id), one_line(stored.branch_id)
    where = f"turn {stored.turn} of '{branch}' in session '{session}'"
    return f"the answer is stored as {where}: `convo show` shows it"


def kept_as(stored: StoredTurn, is_cut: bool, go_on: str) -> str:
    """A line saying that an unfinished answer was stored as a turn."""
    where = f"kept as turn {stored.turn} of '{stored.branch_id}'"
    return f"{where}, marked as cut; {go_on} goes on from it" if is_cut else where


def run_before(ran: Sequence[str], *, from_start: bool) -> str:
    """The end of a sentence about a retry that says what happens to tools that have run."""
    if not ran:
        return ""
    if from_start:
        return f"; from the start: what has run before may run again: {named(ran)}"
    return f"; it goes on from what has run, which is not run again: {named(ran)}"


def waiting_turn(pending: PendingTurn) -> TranscriptTurn:
    """A pending turn in the form of a stored one, with the part of its answer that arrived."""
    answer = [{"role": "assistant", "content": pending.answer}] if pending.answer else []
    model = pending.asked.options.get("model")
    items = taken_apart([*pending.asked.items, *pending.told(), *answer])
    return TranscriptTurn(pending.turn, items, model and str(model), None, pending.created_at)


def last_turn(turn: TranscriptTurn, look: Look) -> str:
    """The last turn of a branch as a reminder: its question, and how its answer begins."""
    texts = {item.kind: item.text or "" for item in turn.items}
    lines = [line for line in texts.get("assistant", "").splitlines() if line.strip()]
    more = ["…" if look.unicode else "..."] if len(lines) > _ANSWER_LINES else []
    asked = look.bold(preview(f"turn {turn.turn}: {preview(texts.get('user', ''))}"))
    answered = [look.dimmed(preview(line)) for line in [*lines[:_ANSWER_LINES], *more]]
    return "".join(f"{line}\n" for line in [asked, *answered])


def typed_text(content: Content) -> str:
    """The typed part of a content, without its attachments."""
    return text_of({"content": content if isinstance(content, str) else content[:1]})


def ended(pending: PendingTurn) -> str:
    """How the last try of a pending turn ended, in words."""
    match pending.state:
        case "failed":
            return f"failed ({pending.message})" if pending.message else "failed"
        case "not stored":
            return f"was not stored ({pending.message})" if pending.message else "was not stored"
        case "running":
            return f"is being answered by process {pending.process.number}"
        case _:
            return "was interrupted"


def named(tools: Sequence[str]) -> str:
    """The names of tools, with a count for those that ran more than once."""
    counts = Counter(one_line(tool) for tool in tools)
    return ", ".join(name if n == 1 else f"{name} ({n} times)" for name, n in counts.items())


def quoted(text: str) -> str:
    """The beginning of a question, as a sentence quotes it."""
    return f"'{fitted(one_line(text), _SHOWN, '...')}'"
