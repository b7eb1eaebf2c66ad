"""The server as tests see it: what it shall say, what it was sent, where it is."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import TracebackType
from typing import Self

from tests.server.handler import Handler
from tests.server.listener import Listener
from tests.server.received import Request
from tests.server.steps import Answer, Raw, Reply, Step, ToolCall
from tests.server.strict import PROFILES, Memory, refusal
from tests.server.wire import JsonObject


def numbered_answer(request: Request) -> Answer:
    """The answer when nothing is scripted."""
    texts = request.user_texts
    return Answer(f"Answer {len(texts)} to: {texts[-1] if texts else ''}")


class OpenAIServer:
    """An OpenAI-compatible server in threads of its own, on a free port, until it is closed."""

    def __init__(
        self,
        *,
        default: Callable[[Request], Reply] = numbered_answer,
        models: Iterable[str] = ("test-model",),
        profile: str = "openai",
    ) -> None:
        self.profile = PROFILES[profile]
        self.memory = Memory()
        self.refused: list[Request] = []
        self.requests: list[Request] = []
        self.hang_ups: list[Request] = []
        self._closing = False
        self._default = default
        self._models = tuple(models)
        self._steps: deque[Step] = deque()
        self._changed = threading.Condition()
        self._listener = Listener(partial(Handler, self))
        # With the default interval, closing would take half a second.
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_address[1]}/v1"

    @property
    def connections(self) -> int:
        """How many connections have been made so far."""
        return self._listener.accepted

    def hang_up(self) -> None:
        """Closes the connections that wait for a next request, as servers do after a while."""
        self._listener.close_connections()

    @property
    def environ(self) -> dict[str, str]:
        """What a program needs in its environment to talk to this server and to nothing else."""
        return {
            "OPENAI_BASE_URL": self.base_url,
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_AGENTS_DISABLE_TRACING": "1",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    @property
    def pending(self) -> int:
        """How many scripted steps no request has come for yet."""
        return len(self._steps)

    def script(self, *steps: Step | Sequence[Step]) -> None:
        """Adds steps; a list counts as the steps in it (`Fault.rate_limited(times=2)`)."""
        for step in steps:
            self._steps.extend(step if isinstance(step, Sequence) else [step])

    def wait_for_requests(self, number: int, timeout: float = 60.0) -> None:
        """Returns once so many requests have come; raises TimeoutError if they do not."""
        self._wait_for(lambda: len(self.requests) >= number, f"{number} requests", timeout)

    def wait_for_hang_up(self, timeout: float = 60.0) -> None:
        """Returns once a client has left before its answer was complete, or raises TimeoutError."""
        self._wait_for(lambda: bool(self.hang_ups), "a client that hangs up", timeout)

    def close(self) -> None:
        """Ends every answer, also a stalled one, and closes all connections."""
        self._closing = True
        self._listener.shutdown()
        self._thread.join()
        self._listener.close_connections()
        self._listener.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if error is None and self._listener.errors:
            raise ExceptionGroup("the test server itself failed", self._listener.errors)

    def received(self, request: Request) -> None:
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()

    def hung_up(self, request: Request) -> None:
        if self._closing:
            return
        with self._changed:
            self.hang_ups.append(request)
            self._changed.notify_all()

    def refusal(self, request: Request) -> Raw | None:
        refused = refusal(request, self.profile, self.memory)
        if refused is not None:
            self.refused.append(request)
        return refused

    def next_reply(self, request: Request) -> Reply:
        try:
            step = self._steps.popleft()
        except IndexError:
            return self._default(request)
        reply = step(request) if callable(step) else step
        return Answer(calls=[reply]) if isinstance(reply, ToolCall) else reply

    def models_body(self) -> JsonObject:
        described = {"object": "model", "created": 1_700_000_000, "owned_by": "tests"}
        return {"object": "list", "data": [{"id": name, **described} for name in self._models]}

    def _wait_for(self, met: Callable[[], bool], what: str, timeout: float) -> None:
        with self._changed:
            if not self._changed.wait_for(met, timeout):
                raise TimeoutError(f"the test server waited {timeout} s for {what}")
