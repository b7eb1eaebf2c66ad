"""What happens during a turn, as lines for the person waiting for its answer."""

from collections.abc import Sequence

from convo_cli.render.listings import preview
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Spans, span
from convo_cli.render.terminal.text import one_line

WAITING = "waiting for the answer; Ctrl-C stops it"

_LATEST = 2000
"""Characters of what the model is thinking that can be shown at most."""


def running(tools: Sequence[tuple[str, int]]) -> str:
    """The tools that run, each with the whole seconds since it was called."""
    named = ", ".join(f"{preview(name)} {seconds} s" for name, seconds in tools)
    return f"running {named}; Ctrl-C stops the answer"


def tool_call(name: str, arguments: str) -> str:
    """A call in short."""
    return f"{preview(name)}({preview(arguments)})"


def tool_called(name: str, arguments: str, look: Look) -> str:
    """The line for a tool that is called."""
    arrow = "→" if look.unicode else "->"
    return look.dimmed(f"{arrow} {tool_call(name, arguments)}")


def tool_returned(name: str, output: str, look: Look) -> str:
    """The line for what a tool gave back."""
    arrow = "←" if look.unicode else "<-"
    return look.dimmed(f"{arrow} {preview(name)}: {preview(output)}")


def tool_failed(name: str, error: str, look: Look) -> str:
    """The line for what a tool raised, whole: its end says where."""
    mark = "✗" if look.unicode else "x"
    return look.dimmed(f"{mark} {preview(name)}: {one_line(error)}")


def handed_off(name: str, look: Look) -> str:
    """The line for an agent that goes on with the turn."""
    arrow = "→" if look.unicode else "->"
    return look.dimmed(f"{arrow} handed to {preview(name)}")


def noticed(text: str) -> str:
    """The line for something that the person should know about the turn, in full."""
    return one_line(text)


def printed(line: str, look: Look) -> str:
    """A line that the code of an agent has printed."""
    return look.dimmed(preview(line))


def thought(text: str, look: Look) -> str:
    """The line for what the model said about its thinking."""
    return look.dimmed(f"thought: {preview(_unmarked(text))}")


def thinking(text: str) -> Spans:
    """What the model has said last about its thinking, while it goes on."""
    return [span(f"thought: {_unmarked(text)[-_LATEST:]}", "2")]


def _unmarked(text: str) -> str:
    """A text without the marks of its headings, which summaries of thoughts are full of."""
    return text.replace("**", "").strip()
