"""convo: git for conversations with AI agents.

`AdvancedSQLiteSession` stores the conversations of the OpenAI Agents SDK, with branches, token
usage by turn and structured queries; `ConversationStore` manages a whole database of them.
"""

# Not that of `typing`: its import takes a fifth of the time that a TAB in a shell may.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from convo.eval_records import EvalResult, EvalRun
    from convo.items.pairs import sendable
    from convo.names import check_name
    from convo.records import Head
    from convo.sdk import AdvancedPostgresSession, AdvancedSQLiteSession
    from convo.sdk.hooks import UsageHooks
    from convo.store import ConversationStore
    from convo.store.consistency import Problem
    from convo.trials.agents import asker
    from convo.trials.asking import Asker, Outcome, Prompt
    from convo.trials.asserting import assert_branch
    from convo.trials.bisect import bisect
    from convo.trials.cases import Case, CaseSet
    from convo.trials.evaluate import Evaluation, evaluate
    from convo.trials.replay import Replayed, replay
    from convo.trials.searching import Bisected
    from convo.usage_records import RunRecord, Tokens

__all__ = [
    "AdvancedPostgresSession",
    "AdvancedSQLiteSession",
    "Asker",
    "Bisected",
    "Case",
    "CaseSet",
    "ConversationStore",
    "EvalResult",
    "EvalRun",
    "Evaluation",
    "Head",
    "Outcome",
    "Problem",
    "Prompt",
    "Replayed",
    "RunRecord",
    "Tokens",
    "UsageHooks",
    "asker",
    "assert_branch",
    "bisect",
    "check_name",
    "evaluate",
    "replay",
    "sendable",
]
__version__ = "0.1.0"


_MODULES = {
    "AdvancedPostgresSession": "convo.sdk",
    "AdvancedSQLiteSession": "convo.sdk",
    "Asker": "convo.trials.asking",
    "Bisected": "convo.trials.searching",
    "Case": "convo.trials.cases",
    "CaseSet": "convo.trials.cases",
    "ConversationStore": "convo.store",
    "EvalResult": "convo.eval_records",
    "EvalRun": "convo.eval_records",
    "Evaluation": "convo.trials.evaluate",
    "Head": "convo.records",
    "Outcome": "convo.trials.asking",
    "Problem": "convo.store.consistency",
    "Prompt": "convo.trials.asking",
    "Replayed": "convo.trials.replay",
    "RunRecord": "convo.usage_records",
    "Tokens": "convo.usage_records",
    "UsageHooks": "convo.sdk.hooks",
    "asker": "convo.trials.agents",
    "assert_branch": "convo.trials.asserting",
    "bisect": "convo.trials.bisect",
    "check_name": "convo.names",
    "evaluate": "convo.trials.evaluate",
    "replay": "convo.trials.replay",
    "sendable": "convo.items.pairs",
}


def __getattr__(name: str) -> "Any":
    """Import a public name on first use: the whole library loads slower than Python starts.

    `UsageHooks` imports the SDK, which takes seconds.
    """
    if name not in _MODULES:
        raise AttributeError(f"module 'convo' has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
