"""Looks up and prices what the prompt and the status line show."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread
from typing import NamedTuple

from convo.usage.prices import Model, PriceBook
from convo.usage_records import Tokens, UsageRow
from convo_cli.chat.line.status import Spent, Status
from convo_cli.chat.state import Chat
from convo_cli.config.servers import OPENAI_URL, server_at
from convo_cli.output.budget import Budget, budget_of
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
    budget: Budget | None = None


class Prices:
    """The prices of models; genai-prices is too slow to load between two keys."""

    def __init__(self, on_loaded: Callable[[], None]) -> None:
        self._on_loaded = on_loaded
        self._asked: set[Model] = set()

    def of(self, book: PriceBook, models: Iterable[Model]) -> PriceBook | None:
        """The prices; None while those of one of these models are still being looked up."""
        wanted = set(models)
        if book.knows_at_once(wanted):
            return book
        if not wanted <= self._asked:
            self._asked |= wanted
            loop = asyncio.get_running_loop()
            Thread(target=self._load, args=[book, wanted, loop], name="prices", daemon=True).start()
        return None

    def _load(self, book: PriceBook, models: set[Model], loop: asyncio.AbstractEventLoop) -> None:
        book.priced(models)
        # The chat may have ended in the meantime.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._on_loaded)


async def looked_up(chat: Chat, prices: Prices) -> Shown:
    """Look up what the prompt shows at the position of the chat."""
    turn = await chat.position.next_turn()
    agent = await chat.active_agent()
    attached, waiting = len(chat.attached), await chat.store.count_waiting()
    budget = await budget_of(chat.invocation, chat.store)
    if not chat.has_status:
        return Shown(turn, agent, attached, waiting, budget=budget)
    status = await _spent(chat, prices, turn - 1)
    status = status._replace(agent=agent, attached=attached, waiting=waiting)
    if budget is not None and budget.level:
        status = status._replace(budget=budget.in_words())
    return Shown(turn, status=status, budget=budget)


async def _spent(chat: Chat, prices: Prices, turn: int) -> Status:
    """The status line: the model or agent, and the cost of the session and of its last turn."""
    choice, position = chat.choice, chat.position
    url = server_url(choice, chat.invocation.environ) or OPENAI_URL
    model = choice.model
    if not position.begun:
        return Status(_named(chat, model, url), position.branch)
    session = position.require_session()
    last = await chat.store.turns(session, position.branch, 1)
    if last and (model is None or (choice.agent is not None and not choice.overrules_agent)):
        # The server or the agent chooses the model.
        model = last[0].model or model
    status = Status(_named(chat, model, url), position.branch)
    models = await chat.store.models_asked(session)
    # A model that was asked at two servers may have two windows.
    asked = [one for one in models if last and one[0] == last[0].model]
    book = prices.of(chat.invocation.prices, models)
    report = await chat.store.usage_with_total(session, prices=book)
    if report.total.tokens.requests:
        status = status._replace(session=_cost(report.total, report.total.tokens))
    if last and (tokens := last[0].tokens) is not None:
        context = await chat.store.last_request(session, position.branch, turn)
        if context is None and tokens.requests == 1:
            context = tokens.total_tokens
        spent = await chat.store.usage_of_turn(session, position.branch, turn, prices=book)
        status = status._replace(
            last=_cost(spent, tokens),
            context=None if tokens.estimated else context,
            window=book.known(*asked[0]).context_window if book and len(asked) == 1 else None,
        )
    return status


def _cost(spent: UsageRow | None, tokens: Tokens) -> Spent:
    """Tokens with their cost. Without all prices, a sum would be misleading."""
    is_known = spent is not None and spent.money.cost and not spent.money.unpriced
    return Spent(tokens, spent.money.cost if spent is not None and is_known else None)


def _named(chat: Chat, model: str | None, url: str) -> str:
    """The model as -m takes it: with the name of its server before it, if the server has one."""
    server = None if model == ECHO else server_at(chat.invocation.config, url)
    name = model or "default model"
    return name if server is None else f"{server.name}/{name}"
