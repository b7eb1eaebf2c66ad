"""The table of `docs/configuration.md`: `python -m tests.cli.config.document` writes it again."""

import re
from pathlib import Path

from convo_cli.config.keys import KEYS, Key

DOCUMENT = Path(__file__).parents[3] / "docs" / "configuration.md"

_BLOCK = re.compile(r"(<!-- keys -->\n).*?(<!-- /keys -->)", re.DOTALL)


def table() -> str:
    """A row to a key: its type, its default, and what goes before the file."""
    rows = [
        "| key | type | default | goes before it | |",
        "|---|---|---|---|---|",
        *(f"| `{key.name}` | {_type(key)} | {key.default} | {_before(key)} | {key.help} |"
          for key in KEYS.values()),
    ]  # fmt: skip
    return "".join(f"{row}\n" for row in rows)


def written(text: str) -> str:
    """The document with the table as it is to be."""
    return _BLOCK.sub(lambda found: found[1] + table() + found[2], text)


def _type(key: Key) -> str:
    return ", ".join(f"`{choice}`" for choice in key.choices) or key.kind


def _before(key: Key) -> str:
    named = [one for part in (key.option, key.environment) for one in part.split(", ") if one]
    return ", ".join(f"`{one}`" for one in named)


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
