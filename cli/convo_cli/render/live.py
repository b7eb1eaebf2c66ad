"""The lines that show the events of a running turn."""

from collections.abc import Sequence

from convo_cli.render.listings import preview
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import Spans, span
from convo_cli.render.terminal.text import one_line

WAITING = "waiting for the answer; Ctrl-C stops it"

_LATEST = 2000
"""The longest part of the reasoning that is shown, in characters."""


def running(tools: Sequence[tuple[str, int]]) -> str:
    """The running tools, each with the seconds since it was called."""
    named = ", ".join(f"{preview(name)} {seconds} s" for name, seconds in tools)
    return f"running {named}; Ctrl-C stops the answer"


def tool_call(name: str, arguments: str) -> str:
    """A short form of a call."""
    return f"{preview(name)}({preview(arguments)})"


def tool_called(name: str, arguments: str, look: Look) -> str:
    """The line for a tool call."""
    arrow = "→" if look.unicode else "->"
    return look.dimmed(f"{arrow} {tool_call(name, arguments)}")


def tool_returned(name: str, output: str, look: Look) -> str:
    """The line for the output of a tool."""
    arrow = "←" if look.unicode else "<-"
    return look.dimmed(f"{arrow} {preview(name)}: {preview(output)}")


def tool_failed(name: str, error: str, look: Look) -> str:
    """The line for an error of a tool, in full because its end has the place."""
    mark = "✗" if look.unicode else "x"
    return look.dimmed(f"{mark} {preview(name)}: {one_line(error)}")


def handed_off(name: str, look: Look) -> str:
    """The line for an agent that goes on with the turn."""
    arrow = "→" if look.unicode else "->"
    return look.dimmed(f"{arrow} handed to {preview(name)}")


def noticed(text: str) -> str:
    """The line for a notice about the turn, in full."""
    return one_line(text)


def printed(line: str, look: Look) -> str:
    """A line of the output of an agent's code."""
    return look.dimmed(preview(line))


def thought(text: str, look: Look) -> str:
    """The line for the reasoning of the model."""
    return look.dimmed(f"thought: {preview(_unmarked(text))}")


def thinking(text: str) -> Spans:
    """The end of the reasoning so far, while the model goes on."""
    return [span(f"thought: {_unmarked(text)[-_LATEST:]}", "2")]


def _unmarked(text: str) -> str:
    """A text without heading marks, which are frequent in summaries of reasoning."""
    return text.replace("**", "").strip()
