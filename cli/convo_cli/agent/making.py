"""Makes an agent with a factory: calls, awaits or enters it, or catches the agent that it runs."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext, suppress
from typing import Any, NamedTuple, Self

from agents import Agent, Runner

from convo_cli.agent.finding import Found
from convo_cli.agent.loading import explained, place_of
from convo_cli.turn.reference import AgentReference

_CLOSE_TIMEOUT = 10.0
"""The longest that a factory may take to close its resources, in seconds."""


class Ran(NamedTuple):
    """An agent that a function ran, and the context that it was run with."""

    agent: Agent[Any]
    context: Any = None


class Made:
    """An agent that a factory made, and the resources that it keeps open until `close`.

    The factory has a task of its own, because a context has to be exited in the task that entered
    it.
    """

    def __init__(self, reference: AgentReference, found: Found) -> None:
        self._reference, self._found = reference, found
        self._ran: asyncio.Future[Ran] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> Ran:
        """Make the agent. Raises ChoiceError if that fails."""
        self._task = asyncio.create_task(self._live())
        try:
            either: set[asyncio.Future[Any]] = {self._task, self._ran}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not self._ran.done():
                await self._task
            return await self._ran
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let the factory continue to its end from where it returned the agent."""
        self._over.set()
        if self._task is None:
            return
        if not self._ran.done():
            self._ran.cancel()
            self._task.cancel()
        await asyncio.wait({self._task}, timeout=_CLOSE_TIMEOUT)
        # The agent is no longer needed, so errors do not matter.
        if self._task.done() and not self._task.cancelled():
            self._task.exception()

    async def _live(self) -> None:
        with explained(self._reference):
            async with AsyncExitStack() as stack:
                value = await self._called(stack)
                if not self._ran.done():
                    self._ran.set_result(Ran(self._checked(value)))
                await self._over.wait()

    async def _called(self, stack: AsyncExitStack) -> Any:
        factory = self._found.value
        assert callable(factory)
        catching = _Runs(self._ran, self._over) if self._found.runs else nullcontext()
        with suppress(_CaughtError), catching:
            # In a thread, because it may block, or start an event loop.
            value = await asyncio.to_thread(factory)
            if inspect.isawaitable(value):
                value = await value
            return await _entered(value, stack)
        return None

    def _checked(self, value: Any) -> Agent[Any]:
        if isinstance(value, Agent):
            return value
        name, place = self._found.name, place_of(self._reference)
        kind = "nothing" if value is None else f"a {type(value).__name__}"
        raise self._reference.error(f"'{name}' in '{place}' returned {kind}, not an Agent")


class _CaughtError(BaseException):
    """Ends a function that runs an agent in a thread. Not an Exception, which it might handle."""


class _Runs:
    """Catches the first agent that a function runs, instead of running it.

    A coroutine in convo's own event loop waits at that call, with everything that it has opened,
    until the agent is no longer needed.
    """

    def __init__(self, ran: asyncio.Future[Ran], over: asyncio.Event) -> None:
        self._ran, self._over, self._loop = ran, over, asyncio.get_running_loop()

    def __enter__(self) -> Self:
        self._before = {name: vars(Runner)[name] for name in ("run", "run_sync", "run_streamed")}
        Runner.run = self._run  # type: ignore[method-assign]
        Runner.run_sync = self._run_sync  # type: ignore[method-assign]
        Runner.run_streamed = self._run_streamed  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *_: object) -> None:
        before, self._before = self._before, {}
        for name, method in before.items():
            setattr(Runner, name, method)

    def _take(self, starting_agent: Agent[Any], context: Any) -> None:
        self.__exit__()
        if not self._ran.done():
            self._ran.set_result(Ran(starting_agent, context))

    def _run_sync(self, starting_agent: Agent[Any], *_: Any, context: Any = None, **__: Any) -> Any:
        self._loop.call_soon_threadsafe(self._take, starting_agent, context)
        raise _CaughtError

    async def _run(
        self, starting_agent: Agent[Any], *_: Any, context: Any = None, **__: Any
    ) -> Any:
        if asyncio.get_running_loop() is not self._loop:
            self._run_sync(starting_agent, context=context)
        self._take(starting_agent, context)
        await self._over.wait()
        raise asyncio.CancelledError

    def _run_streamed(
        self, starting_agent: Agent[Any], *given: Any, **options: Any
    ) -> "_CaughtStream":
        return _CaughtStream(self._run(starting_agent, *given, **options))


class _CaughtStream:
    """Stands for the result of a streamed run in a function that was caught."""

    def __init__(self, run: Any) -> None:
        self._run = run

    async def stream_events(self) -> AsyncIterator[Any]:
        """Yield no events, and wait until the agent is no longer needed."""
        await self._run
        yield


async def _entered(value: Any, stack: AsyncExitStack) -> Any:
    """The value that a factory returned; a context manager is entered first."""
    if isinstance(value, Agent):
        return value
    if inspect.isasyncgen(value):
        value = asynccontextmanager(lambda: value)()
    elif inspect.isgenerator(value):
        value = contextmanager(lambda: value)()
    if hasattr(type(value), "__aenter__"):
        return await stack.enter_async_context(value)
    if hasattr(type(value), "__enter__"):
        return stack.enter_context(value)
    return value
