"""Finds the database and the configuration as the commands do, without importing what they use."""

import os
import sys


def database(given: str | None, environ: dict[str, str], configured: str | None) -> str:
    """The path of the database, or the URL of a server."""
    path = given or environ.get("CONVO_DB")
    if not path and configured:
        path = os.path.expanduser(configured)  # noqa: PTH111
    return path or f"{_folder('data', environ)}/conversations.db"


def config_file(environ: dict[str, str]) -> str:
    """The path of `config.toml`."""
    named = environ.get("CONVO_CONFIG")
    if named:
        return os.path.expanduser(named)  # noqa: PTH111
    return f"{_folder('config', environ)}/config.toml"


def _folder(kind: str, environ: dict[str, str]) -> str:
    """convo's folder for data or configuration."""
    platform: str = sys.platform
    if platform != "linux":
        import platformdirs

        of_kind = platformdirs.user_data_dir if kind == "data" else platformdirs.user_config_dir
        return of_kind("convo", appauthor=False)
    base = environ.get(f"XDG_{kind.upper()}_HOME", "").strip()
    usual = "~/.local/share" if kind == "data" else "~/.config"
    return f"{base or os.path.expanduser(usual)}/convo"  # noqa: PTH111


def current_folder() -> str:
    """The folder that a session can belong to, as the commands name it."""
    try:
        return os.path.realpath(os.getcwd())  # noqa: PTH109
    except OSError:
        return ""
