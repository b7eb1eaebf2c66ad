"""Where the prices of models come from: `config.toml`, fetched prices, and genai-prices."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from convo.usage.prices import Override, PriceBook
from convo_cli.config.addresses import address
from convo_cli.config.file import Config
from convo_cli.config.private_files import make_private, write_whole, written_by_us
from convo_cli.config.servers import OPENAI, OPENAI_URL, servers

FILE_NAME = "prices.json"

_LARGEST_KEPT = 4_000_000
_PLATFORM: str = sys.platform


class KeptPrices:
    """The file with the prices of the models that were looked up, in the user's cache directory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes:
        """The contents; empty if there are none, or if others could have written them."""
        try:
            return written_by_us(self._path, _LARGEST_KEPT)
        except OSError:
            return b""

    def write(self, text: str) -> None:
        """Replace the contents; without a place to keep them, they are looked up every time."""
        try:
            make_private(self._path.parent)
            write_whole(self._path, text)
        except OSError:
            return


def price_book(config: Config, environ: Mapping[str, str]) -> PriceBook:
    """The prices of models, with those of `config.toml` before all others."""
    overrides = [Override(pattern, prices) for pattern, prices in config.named("prices").items()]
    names = {address(one.url): name for name, one in servers(config).items()}
    names.setdefault(address(OPENAI_URL), OPENAI)
    fetched = fetched_path(environ)
    return PriceBook(
        overrides,
        fetched=fetched if _is_usable(fetched) else None,
        kept=KeptPrices(_folder("XDG_CACHE_HOME", ".cache", environ) / FILE_NAME),
        server_name=lambda url: names.get(address(url)),
    )


def fetched_path(environ: Mapping[str, str]) -> Path:
    """The file of the prices that were fetched, in the user's data directory."""
    return _folder("XDG_DATA_HOME", ".local/share", environ) / FILE_NAME


def _is_usable(path: Path) -> bool:
    """Whether there are fetched prices that nobody else can have written."""
    try:
        found = path.stat()
    except OSError:
        return False
    return found.st_uid in {0, os.geteuid()} and not found.st_mode & 0o022


def _folder(variable: str, below_home: str, environ: Mapping[str, str]) -> Path:
    """convo's data or cache folder on this platform."""
    if _PLATFORM == "linux":
        # The same folder as that of platformdirs, whose import is too slow for most commands.
        base = environ.get(variable, "").strip()
        home = Path(base) if base else Path(os.path.expanduser(f"~/{below_home}"))  # noqa: PTH111
        return home / "convo"
    import platformdirs

    find = (
        platformdirs.user_cache_dir if variable == "XDG_CACHE_HOME" else platformdirs.user_data_dir
    )
    return Path(find("convo", appauthor=False))
