"""The picture in the README: the real chat in a pseudo-terminal, drawn as an SVG.

`python -m tests.integration.recording` writes `docs/chat.svg` again.
"""

from __future__ import annotations

import io
import re
import tempfile
from itertools import groupby
from pathlib import Path

from pyte.screens import Char
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from tests.cli.chat.at_terminal import ENTER, ChatAtTerminal
from tests.cli.chat.emulator import Emulator
from tests.program import Program
from tests.server import Answer, OpenAIServer

PICTURE = Path(__file__).parents[2] / "docs" / "chat.svg"
COLUMNS, LINES = 88, 40

SUMMER = """\
**Ljubljana** is small enough to walk, and the mountains are an hour away.

| Day | What to do |
|:----|:-----------|
| Sat | the old town, then *Metelkova* at night |
| Sun | the train to Bled: a lake, a castle, a cream cake |

```bash
curl "https://rail.example/trains?from=Wien&to=Ljubljana"
```
"""
WINTER = """\
Then the mountains come first:

1. **Kranjska Gora** for skiing, two hours by bus
2. **Bled**, where the lake may be frozen
"""


def record() -> Emulator:
    """Hold the conversation, and return the terminal that shows it."""
    with tempfile.TemporaryDirectory() as home, OpenAIServer() as server:
        server.script(Answer(SUMMER), Answer(WINTER))
        convo = Program(Path(home))
        convo.env.update(server.environ, CONVO_MODEL="gpt-5-mini")
        with ChatAtTerminal(convo, "-s", "trip", columns=COLUMNS, lines=LINES) as chat:
            chat.ready("trip:main 1>")
            for line, prompt in {
                "Where to go for a weekend?": "trip:main 2>",
                "/branch 1 winter": "trip:winter 1>",
                "Where to go for a weekend, in January?": "trip:winter 2>",
            }.items():
                chat.type(line + ENTER)
                chat.ready(prompt)
            raw = chat.raw
            chat.leave()
    terminal = Emulator(COLUMNS, LINES)
    # The emulator does not know dim text.
    grey = re.sub(rb"\x1b\[2([m;])", lambda found: b"\x1b[90" + found[1], raw)
    # Each time the server has another port.
    grey = grey.replace(server.base_url.encode(), b"http://localhost:8000/v1")
    terminal.feed(grey.replace(b"\x1b[22m", b"\x1b[39m"))
    return terminal


def picture(terminal: Emulator) -> str:
    """What the terminal shows as an SVG, which needs no font but those that are there."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False
    )
    for row, line in enumerate(terminal.text.split("\n")):
        cells = (terminal.buffer[row][column] for column in range(len(line)))
        parts = [
            ("".join(cell.data for cell in same), style) for style, same in groupby(cells, _style)
        ]
        console.print(Text.assemble(*parts))
    return console.export_svg(
        title="convo chat",
        theme=DIMMED_MONOKAI,
        code_format=re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL),
        unique_id="convo",
    )


def _style(cell: Char) -> Style:
    colour = {"default": None, "brown": "yellow"}.get(cell.fg, cell.fg)
    if colour is not None:
        # pyte says the 256 colours as digits, for which Rich wants a sign.
        is_hex = re.fullmatch("[0-9a-f]{6}", colour) is not None
        colour = f"#{colour}" if is_hex else colour.replace("bright", "bright_")
    return Style(
        color=colour,
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        strike=cell.strikethrough,
        reverse=cell.reverse,
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(record()), encoding="utf-8")
