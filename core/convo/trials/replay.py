"""Replays the prompts of a branch: asks them again, in order, each time on a new branch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from convo.errors import ConvoError, TurnNotFoundError
from convo.history.transcript import TranscriptTurn, WholeTurns
from convo.items.encoding import Item
from convo.records import MAIN, Location
from convo.store import ConversationStore
from convo.trials.asking import Asker, Outcome, Prompt
from convo.trials.branches import made_earlier, stem_of, whole
from convo.trials.jobs import Job, OnReport, Running, run_jobs, said_of
from convo.trials.recorded import RecordedOutputs


class TrialError(ConvoError):
    """An asker has returned an error instead of an answer."""


@dataclass
class Replayed:
    """One line of a replay: the new branch, and what came of each turn.

    `first` is the number of the first turn that was asked again, and `wanted` how many there are to
    ask. `outcomes` are those of the turns that this replay has asked, `done` counts those that an
    earlier one had asked before. `error` says why the line ended before its end.
    """

    name: str
    branch_id: str
    first: int
    wanted: int
    done: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    error: str | None = None

    @property
    def turns(self) -> int:
        """How many turns have been asked again, by this replay or before."""
        return self.done + len(self.outcomes)

    @property
    def is_whole(self) -> bool:
        """Whether every prompt has an answer."""
        return self.turns >= self.wanted


async def replay(
    store: ConversationStore,
    session_id: str,
    askers: Mapping[str, Asker],
    *,
    branch_id: str = MAIN,
    first: int | None = None,
    repeat: int = 1,
    jobs: int = 4,
    resume: bool = False,
    servers: Mapping[str, str] | None = None,
    on_report: OnReport = lambda report: None,
) -> list[Replayed]:
    """Ask the prompts of a branch again, by each asker, on a branch `replay-NAME` of its own.

    Args:
        store: The database.
        session_id: The session.
        askers: Those who answer, by names, which the new branches are named after.
        branch_id: The branch whose prompts are asked again. It stays as it is.
        first: The first turn to be asked again, -1 for the last; the new branches begin with the
            turns before it.
        repeat: How often each asks them.
        jobs: How many lines are asked at the same time.
        resume: Go on with the newest branches of an earlier replay by these names, which was
            stopped, instead of making new ones.
        servers: The servers of the askers by their names. Those at one server wait together if it
            limits the rate; all do that are not named here.
        on_report: Called with everything that happens.

    Returns:
        The new branches with what came of each turn, by asker, in the order of `askers`. An asker
            that fails keeps the turns that it has answered, and does not stop the others: `error`
            of its branches says why.

    Raises:
        NotFoundError: The session, the branch or the turn `first` is missing, or the branch has no
            turns.
    """
    source = await source_of(store, session_id, branch_id, first)
    lines = await begin(store, source, list(askers), repeat=repeat, resume=resume)
    await go_on(store, source, lines, askers, jobs=jobs, servers=servers or {}, on_report=on_report)
    return lines


class Source(NamedTuple):
    """The turns of a branch that are asked again, from `first` on; `turns` has all of them."""

    session_id: str
    branch_id: str
    turns: WholeTurns
    first: int

    @property
    def wanted(self) -> int:
        """How many turns are asked again."""
        return sum(1 for number in self.turns.numbers if number >= self.first)


async def begin(
    store: ConversationStore,
    source: Source,
    names: Sequence[str],
    *,
    repeat: int = 1,
    resume: bool = False,
) -> list[Replayed]:
    """The lines of a replay by these names, on new branches or, with `resume`, earlier ones."""
    lines = []
    for name in names:
        found = await resumable(store, source, name, repeat) if resume else []
        while len(found) < repeat:
            made = await store.branch(
                source.session_id,
                source.branch_id,
                turn=source.first,
                stem=stem_of(name),
                expected=None,
            )
            found.append((made, 0))
        lines += [Replayed(name, made, source.first, source.wanted, done) for made, done in found]
    return lines


async def go_on(
    store: ConversationStore,
    source: Source,
    lines: Sequence[Replayed],
    askers: Mapping[str, Asker],
    *,
    jobs: int,
    servers: Mapping[str, str],
    on_report: OnReport,
) -> None:
    """Ask the prompts that are left of each line; note in the lines what came of them.

    A branch on which nothing was answered is deleted again.
    """
    work = [
        Job(
            line.name,
            partial(_ask_all, store, source, askers[line.name], line),
            total=line.wanted,
            done=line.done,
            server=servers.get(line.name, ""),
            model=line.name,
        )
        for line in lines
    ]
    try:
        await run_jobs(work, at_once=jobs, on_report=on_report)
    finally:
        for line in lines:
            if not line.turns:
                await store.drop_empty_branch(source.session_id, line.branch_id, source.first)


async def source_of(
    store: ConversationStore, session_id: str, branch_id: str, first: int | None
) -> Source:
    """The turns of a branch, to be asked again from `first` on, or from the first one.

    Raises `TurnNotFoundError`, also for a branch without turns.
    """
    turns = await store.whole_turns(session_id, branch_id)
    numbers = [number for number in turns.numbers if number > 0]
    if not numbers:
        raise TurnNotFoundError(f"branch '{branch_id}' has no turns yet")
    if first is None:
        return Source(session_id, branch_id, turns, numbers[0])
    start = await store.turn_numbered(session_id, branch_id, first)
    return Source(session_id, branch_id, turns, start)


def prompts(turns: WholeTurns, first: int) -> Iterator[Prompt]:
    """The prompts of turns from one on, with the outputs of tools recorded up to each."""
    outputs = RecordedOutputs()
    for turn in turns:
        outputs = outputs.add_turn(part.item for part in turn.items)
        if turn.turn >= max(first, 1):
            yield prompt_of(turn, outputs)


def prompt_of(turn: TranscriptTurn, outputs: RecordedOutputs | None = None) -> Prompt:
    """The prompt of a recorded turn."""
    asked = [part.item for part in takewhile(lambda part: part.kind in _ASKED, turn.items)]
    said = [part.text for part in turn.items if part.kind == "assistant"]
    return Prompt(_input(asked), turn.turn, outputs, answer=said[-1] if said else None)


_ASKED = frozenset({"user", "system"})


def _input(items: Sequence[Item]) -> str | list[Item]:
    """What `Runner.run` takes: a text, or the items if they say more than that."""
    if len(items) == 1 and isinstance(items[0].get("content"), str):
        return str(items[0]["content"])
    return list(items)


async def resumable(
    store: ConversationStore, source: Source, name: str, repeat: int
) -> list[tuple[str, int]]:
    """The newest branches of an earlier replay by a name, with the number of turns answered."""
    found: list[tuple[str, int]] = []
    place = Location(source.session_id, source.branch_id)
    for branch_id in await made_earlier(store, place, source.first, stem_of(name)):
        done = await _done(store, source, branch_id)
        if done is not None:
            found.append((branch_id, done))
    return found[-repeat:]


async def _done(store: ConversationStore, source: Source, branch_id: str) -> int | None:
    """How many prompts a branch has answered; None if it is not a replay from this turn on."""
    last = await store.last_turn(source.session_id, branch_id)
    if last < source.first:
        return 0 if last == source.first - 1 else None
    mine = await store.whole_turns(source.session_id, branch_id, source.first)
    done = 0
    for turn, prompt in zip(mine, prompts(source.turns, source.first), strict=False):
        if prompt_of(turn).content != prompt.content:
            # Something else was asked there since.
            return None
        done += 1
    return done


async def _ask_all(
    store: ConversationStore, source: Source, asker: Asker, line: Replayed, running: Running
) -> None:
    """Ask the prompts that are left, one after the other, until one fails."""
    session = store.session(source.session_id, line.branch_id)
    try:
        for prompt in prompts(source.turns, source.first + line.done):
            schema = await store.answer_schema(
                source.session_id, source.branch_id, prompt.turn or source.first
            )
            asked = prompt._replace(schema=schema)
            outcome = await running.ask(whole(store, asker), session, asked)
            if outcome.error is not None:
                raise TrialError(outcome.error)
            line.outcomes.append(outcome)
    except Exception as error:
        line.error = said_of(error)
        raise
    finally:
        await session.close()
