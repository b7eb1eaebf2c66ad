"""Statements that the server prepares, so that it need not plan them each time.

They are prepared by SQL, in the message that runs them, on a connection that is the server's own.
Behind a pooler nothing is: the next transaction may be on another connection. A pooler answers the
login with a process id of its own making, which is how it is noticed.
"""

import secrets
import time
from collections.abc import Mapping, Sequence

AFTER = 2
"""The number of runs on a connection after which a statement is prepared."""

MOST = 100
"""The most prepared statements of a connection."""

LONGEST = 100_000
"""The length of a message that may prepare statements: with each, the server keeps it all."""

MOST_USES, LONGEST_USE = 300, 60.0
"""The uses of a statement, and the seconds, after which it is prepared again.

The server keeps a plan until it analyses the tables, which may have grown since.
"""

_MOST_COUNTED = 1_000
_WHO_ANSWERS = "SELECT pg_backend_pid()"
_OBSOLETE = frozenset(["0A000", "26000"])
_REFUSED = frozenset(["42P05", "42P08", "42P18", "42804", "42883", "42725"])

_Key = tuple[int, str]


class Filled(str):
    """A statement with its literals, and how it is prepared: as `pattern`, for these types."""

    __slots__ = ("key", "literals", "pattern")

    key: _Key
    pattern: "Pattern"
    literals: Sequence[str]

    @classmethod
    def of(cls, pattern: "Pattern", literals: Sequence[str], kinds: str) -> "Filled":
        """The statement of a pattern with literals of these kinds, a letter each."""
        found = cls(pattern.joined(literals))
        found.key = (id(pattern), kinds)
        found.pattern = pattern
        found.literals = literals
        return found

    def executed(self, name: str) -> str:
        """The statement that runs this one, which is prepared under a name."""
        return f"EXECUTE {name}" + (f" ({', '.join(self.literals)})" if self.literals else "")


class Pattern:
    """The text of a statement between its values."""

    __slots__ = ("texts",)

    TYPES: Mapping[str, str] = {
        "i": "integer",
        "l": "bigint",
        "n": "numeric",
        "d": "double precision",
        "b": "boolean",
        "t": "unknown",
    }
    """The types that literals have, by the letters of their kinds."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def joined(self, values: Sequence[str]) -> str:
        """The statement with these texts as values."""
        parts = [self.texts[0]]
        for value, text in zip(values, self.texts[1:], strict=True):
            parts.append(value)
            parts.append(text)
        return "".join(parts)

    def preparing(self, name: str, kinds: str) -> str:
        """The statement that prepares this one."""
        types = ", ".join(self.TYPES[kind] for kind in kinds)
        numbered = self.joined([f"${number}" for number in range(1, len(kinds) + 1)])
        return f"PREPARE {name}{f' ({types})' if types else ''} AS {numbered}"


class Message:
    """The statements of one message as they are sent, and where the results wanted of it are."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.wanted: list[int] = []
        self.asked: int | None = None
        """The position of the result that tells which process of the server answers."""
        self.is_prepared = False


class _Use:
    """A prepared statement, and how often it has been used."""

    def __init__(self, name: str, pattern: Pattern) -> None:
        self.name = name
        # While it is referred to, no other pattern has its id.
        self.pattern = pattern
        self.count = 0
        self.since = time.monotonic()

    @property
    def is_old(self) -> bool:
        """Whether the statement should be planned again."""
        return self.count >= MOST_USES or time.monotonic() - self.since > LONGEST_USE


class Preparing:
    """The prepared statements of one connection; `process` is what the login said answers it."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._is_direct: bool | None = None
        # A pooler that is not noticed has no statement of this name, rather than another one.
        self._prefix = f"convo_{secrets.token_hex(4)}"
        self._made = 0
        self._uses: dict[_Key, _Use] = {}
        self._counted: dict[_Key, tuple[int, Pattern]] = {}
        self._has_leftovers = False
        self._troubles = 0

    def message(self, statements: Sequence[str]) -> Message:
        """The message that runs statements, some of them prepared."""
        message = Message()
        may_prepare = sum(map(len, statements)) <= LONGEST
        asks = False
        for statement in statements:
            text = str(statement)
            if isinstance(statement, Filled) and self._is_direct is not False and may_prepare:
                text = self._text(statement, message) or text
                asks = self._is_direct is None
            if asks and text == "COMMIT":
                # If it failed after that, it would look as if nothing had been stored.
                self._ask(message)
                asks = False
            message.wanted.append(len(message.texts))
            message.texts.append(text)
        if asks:
            self._ask(message)
        return message

    def _ask(self, message: Message) -> None:
        message.asked = len(message.texts)
        message.texts.append(_WHO_ANSWERS)

    def answered(self, process: int) -> None:
        """Note the process that has answered."""
        self._is_direct = process == self._process

    def failed(self, message: Message, state: str | None) -> None:
        """Note that a message failed: which of its statements were prepared is unknown."""
        if not message.is_prepared:
            return
        self._uses.clear()
        self._has_leftovers = True
        if state in _OBSOLETE | _REFUSED:
            self._troubles += 1
            # A second time, it is not the tables that have changed.
            if self._troubles > 1 or state != "0A000":
                self._is_direct = False

    def _text(self, statement: Filled, message: Message) -> str | None:
        use = self._uses.get(statement.key)
        if use is None or use.is_old:
            if not self._is_due(statement):
                return None
            use = self._prepare(statement, message)
        use.count += 1
        message.is_prepared = True
        return statement.executed(use.name)

    def _is_due(self, statement: Filled) -> bool:
        if statement.key in self._uses:
            return True
        count = self._counted.get(statement.key, (0, None))[0] + 1
        if len(self._counted) >= _MOST_COUNTED:
            self._counted.clear()
        self._counted[statement.key] = count, statement.pattern
        return bool(self._is_direct) and count > AFTER

    def _prepare(self, statement: Filled, message: Message) -> _Use:
        old = self._uses.pop(statement.key, None)
        if old is not None:
            message.texts.append(f"DEALLOCATE {old.name}")
        if self._has_leftovers or len(self._uses) >= MOST:
            message.texts.append("DEALLOCATE ALL")
            self._uses.clear()
            self._has_leftovers = False
        self._made += 1
        use = _Use(f"{self._prefix}_{self._made}", statement.pattern)
        self._uses[statement.key] = use
        message.texts.append(statement.pattern.preparing(use.name, statement.key[1]))
        return use


def is_obsolete(error: BaseException) -> bool:
    """Whether a prepared statement is gone, or does not fit, so that it helps to begin again."""
    return getattr(error, "sqlstate", None) in _OBSOLETE | _REFUSED
