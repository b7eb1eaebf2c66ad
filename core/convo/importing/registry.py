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
"""The name of each source, and the module in `sources` that has it as `SOURCE`."""

DOCUMENTS = "convo"
"""The name for convo's own documents, which no source reads: they are stored as they are."""


def source_called(name: str) -> Source:
    """The source of a name in `MODULES`."""
    source: Source = import_module(f"convo.importing.sources.{MODULES[name]}").SOURCE
    return source
