"""Looks up and prices what the prompt and the status line show."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from threading import Thread
from typing import NamedTuple

from convo.usage_records import Tokens
from convo_cli.chat.line.status import Spent, Status
from convo_cli.chat.state import Chat
from convo_cli.config.servers import OPENAI_URL, server_at
from convo_cli.turn.choice import ECHO, server_url


class Shown(NamedTuple):
    """The contents of a prompt.
    `turn` is the number that the next turn will have. Without a status line, the prompt says too
    which `agent` goes on where another began, how many files are `attached`, and how many prompts
    are `waiting` to be asked again, here or elsewhere.
    """

    turn: int = 1
    agent: str | None = None
    attached: int = 0
    waiting: int = 0
    status: Status | None = None


class Prices:
    """The prices of tokens, from genai-prices, which is too slow to load between two keys."""

    def __init__(self, on_loaded: Callable[[], None]) -> None:
        self._on_loaded = on_loaded
        self._is_loading = self._is_loaded = False

    def of(self, tokens: Tokens, model: str | None, url: str) -> float | None:
        """The cost of tokens in US dollars; None if it is unknown, or not loaded yet."""
        if model is None or not self._are_known(model):
            return None
        from convo.usage.prices import cost_of

        return cost_of(tokens, model, url)

    def window(self, model: str | None, url: str) -> int | None:
        """The context window of a model, in tokens; None if it is unknown, or not loaded yet."""
        if model is None or not self._are_known(model):
            return None
        from convo.usage.prices import facts_of

        return facts_of(model, url).context_window

    def _are_known(self, model: str) -> bool:
        if model == ECHO:
            return False
        if not self._is_loading:
            self._is_loading = True
            loop = asyncio.get_running_loop()
            Thread(target=self._load, args=[loop], name="prices", daemon=True).start()
        return self._is_loaded

    def _load(self, loop: asyncio.AbstractEventLoop) -> None:
        import_module("genai_prices.data_snapshot").get_snapshot()
        self._is_loaded = True
        # The chat may have ended in the meantime.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._on_loaded)


async def looked_up(chat: Chat, prices: Prices) -> Shown:
    """Look up what the prompt shows at the position of the chat."""
    turn = await chat.position.next_turn()
    agent = await chat.active_agent()
    attached, waiting = len(chat.attached), await chat.store.count_waiting()
    if not chat.has_status:
        return Shown(turn, agent, attached, waiting)
    status = await _spent(chat, prices, turn - 1)
    status = status._replace(agent=agent, attached=attached, waiting=waiting)
    return Shown(turn, status=status)


async def _spent(chat: Chat, prices: Prices, turn: int) -> Status:
    """The status line: the model or agent, and the cost of the session and of its last turn."""
    choice, position = chat.choice, chat.position
    url = server_url(choice, chat.invocation.environ) or OPENAI_URL
    model = choice.model
    if not position.begun:
        return Status(_named(chat, model, url), position.branch)
    session = position.require_session()
    by_model = await chat.store.usage_by_model(session)
    last = await chat.store.turns(session, position.branch, 1)
    if last and (model is None or (choice.agent is not None and not choice.overrules_agent)):
        # The server or the agent chooses the model.
        model = last[0].model or model
    status = Status(_named(chat, model, url), position.branch)
    if by_model:
        costs = [prices.of(tokens, name, url) for name, tokens in by_model]
        # Without all prices, a sum would be misleading.
        known = [cost for cost in costs if cost is not None]
        total = sum((tokens for _, tokens in by_model), Tokens())
        status = status._replace(
            session=Spent(total, sum(known) if len(known) == len(costs) else None)
        )
    if last and (tokens := last[0].tokens) is not None:
        context = await chat.store.last_request(session, position.branch, turn)
        if context is None and tokens.requests == 1:
            context = tokens.total_tokens
        status = status._replace(
            last=Spent(tokens, prices.of(tokens, last[0].model, url)),
            context=None if tokens.estimated else context,
            window=prices.window(last[0].model, url),
        )
    return status


def _named(chat: Chat, model: str | None, url: str) -> str:
    """The model as -m takes it: with the name of its server before it, if the server has one."""
    server = None if model == ECHO else server_at(chat.invocation.config, url)
    name = model or "default model"
    return name if server is None else f"{server.name}/{name}"
