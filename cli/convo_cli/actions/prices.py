"""Shows the prices of models, and fetches newer ones."""

import asyncio
from pathlib import Path

from convo.errors import ModelError
from convo.names import scheme_of
from convo.store import ConversationStore
from convo.usage.prices import Model
from convo_cli.config.prices import fetched_path
from convo_cli.config.private_files import write_whole
from convo_cli.config.servers import named_model
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import report, show
from convo_cli.render.money import origin_in_words
from convo_cli.render.prices import PricedModel, prices
from convo_cli.render.terminal.text import counted

_SECONDS = 30


def show_prices(invocation: Invocation, model: str | None) -> None:
    """Write the prices of one model, or of all models that the database has runs of."""
    book = invocation.prices
    models = asyncio.run(_asked(invocation)) if model is None else [_named(invocation, model)]
    found = [
        PricedModel(one.model, one.base_url, one.rates, book.is_override(one.model, one.base_url))
        for one in book.priced(models)
    ]
    show(invocation, prices(found, book.origin()))
    notice = invocation.terminal.notice
    notice(f"prices are in US dollars for a million tokens, {origin_in_words(book.origin())}")
    if book.problem is not None:
        notice(f"the fetched prices cannot be used: {book.problem}")
    if model is not None and not found[0].rates:
        notice(f"no price of '{model}' is known; `convo config set` can set one in [prices]")


def update(invocation: Invocation, source: str | None) -> None:
    """Fetch prices, check them, and keep them.

    Raises `ModelError` if they cannot be fetched, and `UsageError` if they cannot be used or kept.
    """
    # Imported here because it takes long, and only a fetch needs it.
    from genai_prices.update_prices import DEFAULT_UPDATE_URL

    from convo.usage.price_data import FetchedPricesError, checked

    where = source or DEFAULT_UPDATE_URL
    data = _downloaded(where) if scheme_of(where) else _read(Path(where))
    try:
        models = checked(data)
        text = data.decode("utf-8")
    except (FetchedPricesError, UnicodeDecodeError) as error:
        raise UsageError(f"what {where} has cannot be used: {error}") from None
    path = fetched_path(invocation.environ)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, text)
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}") from error
    done = f"fetched the prices of {counted(models, 'model')}"
    report(invocation, done, {"models": models, "from": where, "path": str(path)})


def _downloaded(url: str) -> bytes:
    """What an address has, up to a bound that no list of prices reaches."""
    import httpx2

    from convo.usage.price_data import LARGEST

    if scheme_of(url) not in {"http", "https"}:
        raise UsageError(f"'{url}' is neither a web address nor a file")
    data = bytearray()
    try:
        with httpx2.stream("GET", url, timeout=_SECONDS, follow_redirects=True) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) > LARGEST:
                    raise UsageError(f"what {url} has is more than {LARGEST:,} bytes")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        said = str(error).split("\n", 1)[0] or type(error).__name__
        raise ModelError(
            f"the prices cannot be fetched: {said}",
            hint="the prices that convo has go on being used; --from FILE reads them from a file",
        ) from error
    return bytes(data)


def _read(path: Path) -> bytes:
    from convo.usage.price_data import LARGEST
    from convo_cli.reading import read_at_most

    try:
        return read_at_most(path, LARGEST)
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror}") from error


def _named(invocation: Invocation, model: str) -> Model:
    found = named_model(invocation.config, model)
    return found.name, None if found.server is None else found.server.url


async def _asked(invocation: Invocation) -> list[Model]:
    async with ConversationStore(invocation.settings.db) as store:
        return await store.models_asked(None)
