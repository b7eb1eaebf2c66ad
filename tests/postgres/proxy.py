"""A TCP proxy before a PostgreSQL server: it delays, counts round trips, and cuts connections.

It loses a COMMIT, too, or the answer to one, and it encrypts what clients send.
"""

import asyncio
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType

_CHUNK = 65_536
_READY = b"Z\0\0\0\5"
"""How the last message of an answer begins; the state of the transaction follows."""

_REQUESTS = b"QPBDECSHF"
"""Types of messages that ask the server for something; neither logging in nor saying goodbye."""

_NEGOTIATE = (80877103, 80877104)
"""Codes of the requests for TLS and GSS encryption, which one byte answers."""


class Loss:
    """The next COMMIT of a write gets no answer, because it or its answer is lost.

    `is_stored` says which: whether the server gets it. Then the connection is `cut`, or nothing
    more arrives on it. `has_happened` is set when what is lost cannot change any more.
    """

    def __init__(self, *, is_stored: bool, cut: bool = True) -> None:
        self.is_stored = is_stored
        self.is_cut = cut
        self.has_happened = threading.Event()


class Proxy:
    """Forwards connections to a port of this machine, on a thread of its own, in a `with` block.

    `delay` is how many seconds a round trip takes longer, half of it each way. `trips` has for
    each round trip the statements that were sent in it: what the client sends until the server
    answers is one trip. `connections` counts the connections that were made. `loss` is what
    becomes of the next COMMIT. A new connection is refused by one that `is_refusing`, and gets no
    answer from one that `is_silent`. With `tls`, clients may encrypt what they send here.
    """

    def __init__(
        self, target: int, delay: float = 0.0, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.delay = delay
        self.port = 0
        self.trips: list[list[str]] = []
        self.connections = 0
        self.is_refusing = False
        self.is_silent = False
        self.is_asked_in_vain = False
        self.loss: Loss | None = None
        self._target = target
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._opened: list[asyncio.StreamWriter] = []
        self._asked: set[_Asked] = set()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def __enter__(self) -> "Proxy":
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()

    def forget(self) -> None:
        """Count from zero."""
        self.trips = []
        self.connections = 0

    def settle(self) -> None:
        """Wait until nothing is under way: a result may be used before COMMIT is sent."""
        while not all(one.is_answered and one.is_idle for one in list(self._asked)):
            time.sleep(0.005)

    def drain(self) -> None:
        """Wait until all connections have been closed, as after the death of a client."""
        while self._writers:
            time.sleep(0.001)

    def cut(self) -> None:
        """Cut all connections, as a network that goes away."""

        def abort() -> None:
            for writer in self._writers:
                _abort(writer)
            done.set()

        done = threading.Event()
        self._loop.call_soon_threadsafe(abort)
        done.wait()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._ended = asyncio.Event()
        server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._ended.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # A transport closes its socket in a later round of the loop, which ends here.
        for writer in self._opened:
            _abort(writer)
        for _ in range(3):
            await asyncio.sleep(0)

    async def _forward(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self._opened.append(back)
        if self.is_refusing:
            _abort(back)
            return
        if self.is_silent:
            self._writers.add(back)
            self.is_asked_in_vain = True
            await self._ended.wait()
        self.connections += 1
        try:
            first = await self._encrypted(client, back)
            server, out = await asyncio.open_connection("127.0.0.1", self._target)
        except (OSError, EOFError):
            _abort(back)
            return
        self._opened.append(out)
        out.write(first)
        self._writers |= {back, out}
        asked = _Asked()
        self._asked.add(asked)
        link = _Link(self, asked, (back, out))
        try:
            await asyncio.gather(
                self._pass_on(client, out, link.to_server),
                self._pass_on(server, back, link.to_client),
            )
        finally:
            self._asked.discard(asked)
            self._writers -= {back, out}
            for writer in (back, out):
                writer.close()

    async def _encrypted(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> bytes:
        """Encrypt a connection if its client asks for that; returns what is for the server."""
        if self._tls is None:
            return b""
        while True:
            asked = await client.readexactly(8)
            code = struct.unpack("!ii", asked)[1]
            if code not in _NEGOTIATE:
                return asked
            is_tls = code == _NEGOTIATE[0]
            back.write(b"S" if is_tls else b"N")
            await back.drain()
            if is_tls:
                await back.start_tls(self._tls)

    async def _pass_on(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        note: Callable[[bytes], bool],
    ) -> None:
        """Pass on what arrives and is not lost, each piece as late as the network is slow."""
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        writing = asyncio.create_task(self._write(pieces, target))
        try:
            while chunk := await source.read(_CHUNK):
                if not note(chunk):
                    continue
                pieces.put_nowait((self._loop.time() + self.delay / 2, chunk))
            pieces.put_nowait((self._loop.time() + self.delay / 2, b""))
            await writing
        except OSError:
            _abort(target)
        finally:
            writing.cancel()

    async def _write(
        self, pieces: "asyncio.Queue[tuple[float, bytes]]", target: asyncio.StreamWriter
    ) -> None:
        while True:
            due, chunk = await pieces.get()
            if (early := due - self._loop.time()) > 0:
                await asyncio.sleep(early)
            try:
                if not chunk:
                    target.close()
                    return
                target.write(chunk)
                await target.drain()
            except OSError:
                return


class _Link:
    """What is noted of one connection; each method says whether a chunk is passed on."""

    def __init__(
        self, proxy: Proxy, asked: "_Asked", writers: tuple[asyncio.StreamWriter, ...]
    ) -> None:
        self._proxy = proxy
        self._asked = asked
        self._writers = writers
        self._loss: Loss | None = None

    def to_server(self, chunk: bytes) -> bool:
        statements = self._asked.in_chunk(chunk)
        if statements is None:
            return True
        if self._proxy.loss is not None and _ends_a_write(statements):
            self._loss, self._proxy.loss = self._proxy.loss, None
            if not self._loss.is_stored:
                self._happen(self._loss)
                return False
        if self._asked.is_answered:
            self._asked.trip = []
            self._proxy.trips.append(self._asked.trip)
            self._asked.is_answered = False
        self._asked.trip += statements
        return True

    def to_client(self, chunk: bytes) -> bool:
        if self._loss is not None:
            # What is not answered yet may not have been done.
            if chunk[-6:-1] == _READY:
                self._happen(self._loss)
            return False
        self._asked.is_answered = True
        if chunk[-6:-1] == _READY:
            self._asked.is_idle = chunk.endswith(b"I")
        return True

    def _happen(self, loss: Loss) -> None:
        if loss.is_cut:
            for writer in self._writers:
                _abort(writer)
        loss.has_happened.set()


class _Asked:
    """Takes apart what a client sends on one connection."""

    def __init__(self) -> None:
        self.is_answered = True
        self.is_idle = True
        self.trip: list[str] = []
        self._rest = b""
        self._has_started = False

    def in_chunk(self, chunk: bytes) -> list[str] | None:
        """The statements in a chunk, or None if it asks for nothing."""
        self._rest += chunk
        statements: list[str] = []
        asks = False
        for kind, body in self._messages():
            asks = asks or kind in _REQUESTS
            if kind == b"Q":
                statements.append(_text(body))
            elif kind == b"P":
                # The name of the prepared statement comes first.
                statements.append(_text(body[body.index(0) + 1 :]))
        # A chunk that ends within a message goes on with the next one of the same trip.
        return statements if asks else None

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        while True:
            head = 5 if self._has_started else 4
            if len(self._rest) < head:
                return
            (length,) = struct.unpack("!i", self._rest[head - 4 : head])
            end = head - 4 + length
            if len(self._rest) < end:
                return
            kind, body = self._rest[: head - 4], self._rest[head:end]
            self._rest = self._rest[end:]
            if not self._has_started:
                self._has_started = struct.unpack("!i", body[:4])[0] not in _NEGOTIATE
                continue
            yield kind, body


def _abort(writer: asyncio.StreamWriter) -> None:
    """Cut a connection; one that is encrypted cannot be cut a second time."""
    with suppress(AttributeError):
        writer.transport.abort()


def _ends_a_write(statements: list[str]) -> bool:
    """Whether a write is committed; the COMMIT of a read stands alone."""
    last = statements[-1] if statements else ""
    return last.endswith("COMMIT") and last != "COMMIT"


def _text(body: bytes) -> str:
    return body[: body.index(0)].decode()
