"""What the commands do once their command lines are read, a module to a group of them.

A module is loaded when something of it is used: what reads and shows a database takes longer than
to say that an option is mistyped.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convo_cli.actions import (
        aliases,
        branches,
        chat,
        config,
        continuing,
        db,
        diff,
        export,
        keys,
        mcp,
        models,
        retry,
        search,
        servers,
        sessions,
        show,
        templates,
        tools,
        turns,
        undo,
        usage,
    )

__all__ = [
    "aliases",
    "branches",
    "chat",
    "config",
    "continuing",
    "db",
    "diff",
    "export",
    "keys",
    "mcp",
    "models",
    "retry",
    "search",
    "servers",
    "sessions",
    "show",
    "templates",
    "tools",
    "turns",
    "undo",
    "usage",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'convo_cli.actions' has no attribute {name!r}")
    return import_module(f"convo_cli.actions.{name}")
