"""The work of the commands, after their command lines have been parsed.

Each module is loaded when it is first used: the modules that read a database take longer to load
than it takes to report a mistyped option.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convo_cli.actions import (
        aliases,
        ask,
        bisect,
        blame,
        branches,
        chat,
        completion,
        config,
        continuing,
        copying,
        db,
        diff,
        doctor,
        documents,
        eval_cases,
        eval_views,
        evals,
        export,
        importing,
        keys,
        marks,
        mcp,
        merging,
        models,
        prices,
        replay,
        retry,
        search,
        servers,
        sessions,
        show,
        status,
        templates,
        tools,
        turns,
        undo,
        usage,
    )

__all__ = [
    "aliases",
    "ask",
    "bisect",
    "blame",
    "branches",
    "chat",
    "completion",
    "config",
    "continuing",
    "copying",
    "db",
    "diff",
    "doctor",
    "documents",
    "eval_cases",
    "eval_views",
    "evals",
    "export",
    "importing",
    "keys",
    "marks",
    "mcp",
    "merging",
    "models",
    "prices",
    "replay",
    "retry",
    "search",
    "servers",
    "sessions",
    "show",
    "status",
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
