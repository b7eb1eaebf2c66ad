"""Files that go with a message: what kind each is, and how a model is sent it."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convo.names import scheme_of
from convo_cli.exits import UsageError
from convo_cli.reading import LARGEST, named_file, read_at_most
from convo_cli.turn.choice import Content

STDIN = "-"
"""What stands for stdin where a file is named."""

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
    """A file as it was when it was attached; `kind` is a media type, or None for text."""

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
    """Read a file, whose contents say what it is, whatever it is called. Raises `UsageError`."""
    path = named_file(file)
    try:
        data = read_at_most(path, LARGEST)
    except OSError as error:
        raise UsageError(f"the attachment '{file}' cannot be read: {error.strerror}") from error
    return attachment_of(path.name, data, f"'{file}'")


async def attached(named: str) -> Attachment:
    """What is attached by the name of a file, or by its URL. Raises `UsageError`."""
    if scheme_of(named) is None:
        return read_attachment(Path(named))
    # Imported here: few attach what has to be fetched.
    from convo_cli.ask.fetching import fetched

    found = await fetched(named)
    return attachment_of(found.name, found.data, found.called)


def attachment_of(name: str, data: bytes, called: str) -> Attachment:
    """The attachment of these bytes, `called` so in what is said of it. Raises `UsageError`."""
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
    """What the user says: the prompt, and after it what is attached."""
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
    # What goes before its first line is no part of a PDF, and is allowed to be there.
    if b"%PDF-" in data[:1024]:
        return _PDF
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"the attachment {called} is neither text nor a known kind", hint=_TAKEN)
    return None
