"""Runs turns that ask a model a plain question, without an agent and without the Agents SDK."""

import os
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Self

from convo.pending.pending import Progress
from convo.usage_records import RunRecord
from convo_cli.plain.echo_model import EchoModel
from convo_cli.plain.findings import Findings
from convo_cli.plain.model import PlainModel, check_answer, check_said
from convo_cli.plain.usage import (
    NO_INPUT,
    NO_OUTPUT,
    Clock,
    with_answer,
    with_estimate,
    with_failed,
)
from convo_cli.turn.choice import (
    ECHO,
    Approve,
    Choose,
    Content,
    ModelChoice,
    OnProgress,
    TurnOutcome,
    check_answerable,
    check_named,
)
from convo_cli.turn.events import OnEvent, ReasoningDelta, TextDelta, ToolCalled
from convo_cli.turn.nobody import NOTHING, choose_none, keep_nothing, refuse
from convo_cli.wire.kinds import Item
from convo_cli.wire.reading import Whole
from convo_cli.wire.said import called, last_message, said_by, stored, text_of
from convo_cli.wire.thinking import Said

if TYPE_CHECKING:
    from convo_cli.plain.asking import KeptClient

_NAME = "convo"
"""The name that the SDK's agent for plain questions has."""


class PlainHost:
    """Runs turns that need no SDK: see `needs`.

    With `stays_connected`, the connection to a server stays open from one turn to the next, until
    the host is closed.
    """

    def __init__(self, findings: Findings | None = None, *, stays_connected: bool = False) -> None:
        self._findings = findings or Findings()
        self._stays_connected = stays_connected
        self._kept: KeptClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection that stays open between two turns, if one does."""
        if self._kept is not None:
            await self._kept.close()

    async def run_turn(
        self,
        choice: ModelChoice,
        history: list[dict[str, Any]],
        content: Content,
        on_event: OnEvent,
        approve: Approve = refuse,
        choose: Choose = choose_none,
        *,
        reached: Progress = NOTHING,
        on_progress: OnProgress = keep_nothing,
    ) -> TurnOutcome:
        """Run one turn: the model answers what the user says after this history.

        `on_event` is called with every event, and `on_progress` is awaited once the answer is
        complete or has failed. `approve` and `choose` are never called. Raises ModelError for every
        failure of the model and of the connection. A cancelled turn closes the connection and
        raises CancelledError.
        """
        check_named(choice)
        check_answerable(choice, os.environ)
        self._findings.on_event = on_event
        item: Item = {"content": deepcopy(content), "role": "user"}
        async with self._opened(choice) as model:
            turn = _Turn(choice, model, on_event, on_progress)
            items = await turn.answered([*history, item])
            cuts = model.ends.cuts
        run = with_estimate(turn.cost(), history, [item, *items])
        message = last_message(items)
        text = "" if message is None else text_of(message)
        is_cut = bool(text) and any(cut.endswith(text) for cut in cuts)
        return TurnOutcome([item, *stored(items)], text, run, is_cut)

    async def models(self, choice: ModelChoice) -> list[str]:
        """The models of the server that the choice asks. Raises ModelError."""
        from convo_cli.plain.asking import listed_models

        check_named(choice)
        return await listed_models(choice, self._findings)

    def _opened(self, choice: ModelChoice) -> AbstractAsyncContextManager[PlainModel]:
        """The model of a choice, for one turn."""
        if choice.model == ECHO:
            return nullcontext(EchoModel(choice))
        # Imported here because the HTTP client is slow to load, and `echo` does not need it.
        from convo_cli.plain.asking import KeptClient, opened_server

        if self._stays_connected and self._kept is None:
            self._kept = KeptClient()
        return opened_server(choice, self._findings, self._kept)


class _Turn:
    """One turn: its answer so far, and its usage."""

    def __init__(
        self, choice: ModelChoice, model: PlainModel, on_event: OnEvent, on_progress: OnProgress
    ) -> None:
        self._choice = choice
        self._model = model
        self._on_event = on_event
        self._on_progress = on_progress
        self._clock = Clock()
        self._whole: Whole | None = None

    async def answered(self, items: list[Item]) -> list[Item]:
        """The items of the answer, once it is shown. Its progress is kept however it ends."""
        try:
            whole = self._whole = await self._arrived(items)
            await self._save()
            with self._model.translated():
                check_answer(whole.items)
            for item in whole.items:
                self._show_item(item)
            with self._model.translated():
                check_said(whole.items)
        except BaseException:
            await self._save()
            raise
        return whole.items

    async def _arrived(self, items: list[Item]) -> Whole:
        """Show the answer as it arrives, and return all of it. Raises what `on_event` raises."""
        async with aclosing(self._model.answer(items)) as arriving:
            while True:
                with self._model.translated():
                    came = await anext(arriving)
                if isinstance(came, Whole):
                    return came
                self._clock.note_token()
                self._show(came)

    def cost(self) -> RunRecord:
        """The usage of the turn so far."""
        model, asked = self._model, self._model.asked
        record = RunRecord(
            model=asked.model,
            requests=0,
            input_tokens=0,
            output_tokens=0,
            total_tokens=0,
            input_details=NO_INPUT,
            output_details=NO_OUTPUT,
            request_entries=[],
            estimated=model.has_estimated,
            started_at=self._clock.started_at,
            duration_s=self._clock.seconds(),
            first_token_s=self._clock.first_token_s,
            base_url=asked.base_url,
            api=model.api,
        )
        if self._whole is not None:
            record = with_answer(record, self._whole.usage, self._whole.response_id)
        return with_failed(record, model.ends.failed)

    async def _save(self) -> None:
        items = () if self._whole is None else tuple(self._whole.items)
        await self._on_progress(Progress(items, (), _NAME, "", self.cost()))

    def _show_item(self, item: Item) -> None:
        """Show what of an item has not been streamed."""
        if (call := called(item)) is not None:
            self._on_event(ToolCalled(*call))
        elif not self._choice.stream:
            for said in said_by([item]):
                self._show(said)

    def _show(self, said: Said) -> None:
        kind = TextDelta if said.kind == "answered" else ReasoningDelta
        self._on_event(kind(said.text))
