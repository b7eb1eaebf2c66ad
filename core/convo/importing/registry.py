"""The registry of the sources. A module is loaded when its source is called."""

from importlib import import_module

from convo.importing.source import Source

MODULES = {
    "agents-sdk": "agents_sdk",
    "chatgpt": "chatgpt",
    "claude": "claude",
    "claude-code": "claude_code",
    "codex": "codex",
    "gptme": "gptme",
    "llm": "llm",
    "openai-jsonl": "openai_jsonl",
    "opencode": "opencode",
    "pi": "pi",
    "sharegpt": "sharegpt",
}
"""The name of each source, with its module in `sources`, whose `SOURCE` it is."""

DOCUMENTS = "convo"
"""The name for convo's own documents, which are no source: they are stored as they are."""


def source_called(name: str) -> Source:
    """The source of a name in `MODULES`."""
    source: Source = import_module(f"convo.importing.sources.{MODULES[name]}").SOURCE
    return source
