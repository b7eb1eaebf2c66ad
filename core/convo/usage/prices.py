"""The prices of models: the user's own, else those of genai-prices.

genai-prices takes longer to load than most commands, so what it says about a model is kept in a
small file, and it is loaded only for a model that is not there yet.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from convo.usage.rates import EVERYWHERE, MODEL_LENGTH, Known, Priced, Rate, from_json

if TYPE_CHECKING:
    from convo.usage.price_data import PriceData

CURRENCY = "USD"

OFFLINE = "echo"
"""The model that answers without a server, and costs nothing."""

_MOST_KEPT = 1_000
"""Models in the kept file: it is read for every report."""

_MOST_LOOKED_UP = 500
"""Models of one report: a file of somebody else's may name any number of them."""

_FORM = 2
"""The form of the kept file, and of what is computed for it; another one is not read."""

Model = tuple[str, str | None]
"""The name of a model, and the URL of its server if that is known."""


class Override(NamedTuple):
    """The user's own prices of the models that a pattern matches, by the fields of `Rate`."""

    pattern: str
    prices: Mapping[str, float]


class Origin(NamedTuple):
    """Where prices come from; `newest` is the day of the last dated price in them, if known.

    `fetched` is the time at which they were fetched, None for those that genai-prices came with.
    """

    version: str
    newest: str | None
    fetched: str | None


class Kept(Protocol):
    """A small file in which the prices of models are kept."""

    def read(self) -> bytes:
        """The contents; empty if there are none."""

    def write(self, text: str) -> None:
        """Replace the contents, if that is possible."""


class Prices(Protocol):
    """What a report needs to know about prices."""

    def priced(self, models: Iterable[Model]) -> list[Priced]:
        """The rates of models; one without known prices has none."""


class PriceBook:
    """Looks up the prices of models. `fetched` is a file of newer prices.

    `server_name` returns the name that the user has given to the server at a URL: patterns match
    `SERVER/MODEL` too. Without a server, its maker has that place.
    """

    def __init__(
        self,
        overrides: Sequence[Override] = (),
        *,
        fetched: Path | None = None,
        kept: Kept | None = None,
        server_name: Callable[[str], str | None] = lambda url: None,
    ) -> None:
        # The longest pattern says most about a model.
        self._overrides = sorted(overrides, key=lambda one: -len(one.pattern))
        self._fetched = fetched
        self._kept = kept
        self._server_name = server_name
        self._models: dict[Model, Known] = {}
        self._version = ""
        self._newest: str | None = None
        self._is_read = False
        self.problem: str | None = None
        """Why the fetched prices are not used, although there are some."""

    def priced(self, models: Iterable[Model]) -> list[Priced]:
        """The rates of models; one without known prices has none."""
        wanted = list(dict.fromkeys(models))
        self._look_up(wanted)
        return [Priced(*model, self._known(model).rates) for model in wanted]

    def known(self, model: str, url: str | None) -> Known:
        """The rates and the window of a model at a server; without a server, at its maker."""
        self._look_up([(model, url)])
        return self._known((model, url))

    def knows_at_once(self, models: Iterable[Model]) -> bool:
        """Whether nothing slow has to be loaded to price these models."""
        self._read()
        return all(model in self._models or model == (OFFLINE, None) for model in models)

    def origin(self) -> Origin:
        """Where the prices come from."""
        self._read()
        if not self._version:
            self._look_up([("", None)])
        moment = None
        if self._fetched is not None:
            moment = datetime.fromtimestamp(self._fetched.stat().st_mtime, UTC)
        return Origin(
            self._version,
            self._newest,
            None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    def is_override(self, model: str, url: str | None) -> str | None:
        """The pattern of the user's own price of a model; None if there is none."""
        found = self._override((model, url))
        return None if found is None else found.pattern

    def _known(self, model: Model) -> Known:
        known = self._models.get(model, Known())
        if model == (OFFLINE, None):
            return Known((_everywhere({"input": 0}),))
        override = self._override(model)
        return known if override is None else known._replace(rates=(_everywhere(override.prices),))

    def _override(self, model: Model) -> Override | None:
        if not self._overrides:
            return None
        name, url = model[0].lower(), model[1]
        maker = self._models.get(model, Known()).maker
        server = maker if url is None else self._server_name(url)
        names = [name] if server is None else [name, f"{server.lower()}/{name}"]
        return next(
            (
                one
                for one in self._overrides
                if any(fnmatchcase(name, one.pattern.lower()) for name in names)
            ),
            None,
        )

    def _look_up(self, models: Sequence[Model]) -> None:
        """Look up the models that are not known yet, and keep what was found."""
        self._read()
        missing = [
            (name, url)
            for name, url in models
            if (name, url) not in self._models
            and len(name) <= MODEL_LENGTH
            and (name, url) != (OFFLINE, None)
        ]
        if not missing:
            return
        data = self._data
        for name, url in missing[:_MOST_LOOKED_UP]:
            self._models[name, url] = data.known(name, url)
        self._version, self._newest = data.version, data.newest
        self._keep()

    @cached_property
    def _data(self) -> "PriceData":
        from convo.usage.price_data import FetchedPricesError, PriceData

        try:
            return PriceData(self._fetched)
        except (FetchedPricesError, OSError) as error:
            self.problem = str(error)
            self._fetched = None
            return PriceData()

    def _read(self) -> None:
        """Read the kept file, unless it is of other data."""
        if self._is_read or self._kept is None:
            return
        self._is_read = True
        try:
            document = json.loads(self._kept.read())
            if document["of"] != self._identity():
                return
            version, newest = document["version"], document["newest"]
            models = {
                _model(model, url): Known(from_json(rates), _whole(window), _text(maker))
                for model, url, rates, window, maker in document["models"]
            }
        except (ValueError, LookupError, TypeError, RecursionError):
            return
        if isinstance(version, str) and isinstance(newest, str | None):
            self._models, self._version, self._newest = models, version, newest

    def _keep(self) -> None:
        if self._kept is None:
            return
        newest = list(self._models.items())[-_MOST_KEPT:]
        document = {
            "of": self._identity(),
            "version": self._version,
            "newest": self._newest,
            "models": [[*model, *one] for model, one in newest],
        }
        self._kept.write(json.dumps(document))

    def _identity(self) -> list[Any]:
        """Identifies the data: the files that it is in, with their times and sizes."""
        spec = find_spec("genai_prices")
        origin = None if spec is None else spec.origin
        files = [] if origin is None else [Path(origin).with_name("data.py")]
        files += [] if self._fetched is None else [self._fetched]
        stats = [(str(file), file.stat()) for file in files]
        return [_FORM, *([name, found.st_mtime_ns, found.st_size] for name, found in stats)]


def _everywhere(prices: Mapping[str, float]) -> Rate:
    """The rate at all times; without a price for output, that is the price for input."""
    whole = Rate(*EVERYWHERE, prices["input"], prices["input"])
    return whole._replace(**dict(prices))  # type: ignore[arg-type]


def _model(model: Any, url: Any) -> Model:
    if not isinstance(model, str):
        raise ValueError("a model has no name")
    return model, _text(url)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    return value if type(value) is int else None
