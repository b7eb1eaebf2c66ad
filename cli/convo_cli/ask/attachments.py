"""Files attached to a message: their media types, and the message parts that carry them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convo.names import scheme_of
from convo_cli.exits import UsageError
from convo_cli.reading import LARGEST, named_file, read_at_most
from convo_cli.running import run
from convo_cli.terminal import Terminal
from convo_cli.turn.choice import Content

STDIN = "-"
"""Stands for stdin in the place of a file name."""

_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_PDF = "application/pdf"
_TAKEN = "images (PNG, JPEG, GIF, WebP), PDF and UTF-8 text can be attached"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A snapshot of an attached file; `kind` is its media type, or None for text."""

    name: str
    kind: str | None
    data: bytes

    def part(self) -> dict[str, Any]:
        """The part of a message that carries the file."""
        if self.kind is None:
            text = self.data.decode("utf-8-sig")
            return {"type": "input_text", "text": f'<file name="{self.name}">\n{text}\n</file>'}
        url = f"data:{self.kind};base64,{base64.b64encode(self.data).decode()}"
        if self.kind == _PDF:
            return {"type": "input_file", "filename": self.name, "file_data": url}
        return {"type": "input_image", "image_url": url, "detail": "auto"}


def read_attachment(file: Path) -> Attachment:
    """Read a file; its contents decide its kind, not its name. Raises `UsageError`."""
    path = named_file(file)
    try:
        data = read_at_most(path, LARGEST)
    except OSError as error:
        raise UsageError(f"the attachment '{file}' cannot be read: {error.strerror}") from error
    return attachment_of(path.name, data, f"'{file}'")


def attachments_of(files: Sequence[str], terminal: Terminal) -> list[Attachment]:
    """The attachments that a command names; `-` is stdin, which is then not part of the prompt."""
    if files.count(STDIN) > 1:
        raise UsageError("stdin can be attached once")
    return [
        attachment_of("stdin", terminal.attached_bytes(LARGEST), "on stdin")
        if file == STDIN
        else run(attached(file))
        for file in files
    ]


async def attached(named: str) -> Attachment:
    """Read the file, or fetch the URL, that is to be attached. Raises `UsageError`."""
    if scheme_of(named) is None:
        return read_attachment(Path(named))
    # Imported here because few attachments are fetched.
    from convo_cli.ask.fetching import fetched

    found = await fetched(named)
    return attachment_of(found.name, found.data, found.called)


def attachment_of(name: str, data: bytes, called: str) -> Attachment:
    """Make an attachment of these bytes; errors name it as `called`. Raises `UsageError`."""
    if len(data) > LARGEST:
        most = f"{LARGEST // 1_000_000} MB"
        raise UsageError(
            f"the attachment {called} has more than {most}",
            hint=f"at most {most} can be attached",
        )
    if not data:
        raise UsageError(f"the attachment {called} is empty")
    return Attachment(name, _kind(called, data), data)


def content_of(prompt: Content, attachments: Sequence[Attachment]) -> Content:
    """The content of the user's message: the prompt, then its attachments."""
    if not attachments:
        return prompt
    said = [{"type": "input_text", "text": prompt}] if isinstance(prompt, str) else prompt
    return [*said, *(attachment.part() for attachment in attachments)]


def _kind(called: str, data: bytes) -> str | None:
    for beginning, kind in _IMAGES:
        if data.startswith(beginning):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    # The format allows other bytes before the header of a PDF.
    if b"%PDF-" in data[:1024]:
        return _PDF
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"the attachment {called} is neither text nor a known kind", hint=_TAKEN)
    return None
