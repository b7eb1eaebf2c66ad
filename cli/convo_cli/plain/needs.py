"""Decides whether a turn needs the Agents SDK, which is slow to load."""

from collections.abc import Mapping, Sequence
from typing import Any

from convo_cli.turn.choice import ECHO, ROUTED_ELSEWHERE, ModelChoice
from convo_cli.wire.kinds import kind_of
from convo_cli.wire.settings import is_known

ALWAYS = "CONVO_ALWAYS_SDK"
"""A variable that makes every turn use the SDK, for tests."""

_OF_THE_LIBRARY = ("OPENAI_CUSTOM_HEADERS", "OPENAI_LOG", "OPENAI_AGENT_HARNESS_ID")
"""Variables that OpenAI's library and the SDK read themselves."""

_KINDS = frozenset(
    {
        "message",
        "reasoning",
        "function_call",
        "function_call_output",
        "custom_tool_call",
        "custom_tool_call_output",
        "web_search_call",
        "file_search_call",
        "code_interpreter_call",
        "image_generation_call",
        "mcp_call",
    }
)
"""Items of a history that can be sent without the SDK; the others are rare, and tied to tools."""

_UNSENDABLE = frozenset({"input_audio", "video_url"})
"""Parts of messages that the SDK accepts or refuses depending on the server."""


def needs_sdk(
    choice: ModelChoice,
    history: Sequence[Any],
    environ: Mapping[str, str],
    *,
    goes_on: bool = False,
) -> bool:
    """Whether the SDK has to run a turn that is asked after this history.

    `goes_on` means that the turn continues an earlier run of itself. `echo` and plain questions do
    not need the SDK. An agent, tools, a model of another library, tracing, or a setting that only
    the SDK knows do: in doubt the SDK runs the turn, which is slower but always right.
    """
    if choice.runs_code or choice.trace:
        return True
    if goes_on or environ.get(ALWAYS):
        return True
    if any(environ.get(name) for name in _OF_THE_LIBRARY):
        return True
    if not is_known(choice.settings):
        return True
    if choice.model == ECHO:
        return False
    url = choice.base_url or environ.get("OPENAI_BASE_URL") or ""
    if not url.strip() and (choice.model or "").startswith(ROUTED_ELSEWHERE):
        return True
    return "?" in url or not all(map(_goes_without, history))


def _goes_without(item: Any) -> bool:
    if not isinstance(item, dict):
        return True
    content = item.get("content")
    parts = content if isinstance(content, list) else ()
    kinds = {part.get("type") for part in parts if isinstance(part, dict)}
    return kind_of(item) in _KINDS and kinds.isdisjoint(_UNSENDABLE)
