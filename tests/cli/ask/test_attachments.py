"""Files that go with a message."""

import os
from pathlib import Path

import pytest

from convo_cli.ask.attachments import content_of, read_attachment
from convo_cli.exits import UsageError
from convo_cli.reading import LARGEST
from tests.program import Program
from tests.server import OpenAIServer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(4)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n\xff", "application/pdf"),
        ("Grüße\n".encode(), None),
        (b"\xef\xbb\xbfbom", None),
    ],
)
def test_the_contents_say_what_a_file_is(tmp_path: Path, data: bytes, kind: str | None) -> None:
    file = tmp_path / "notes.bin"
    file.write_bytes(data)
    assert read_attachment(file).kind == kind


def test_how_each_kind_is_sent(tmp_path: Path) -> None:
    names = {"a.png": PNG, "b.pdf": b"%PDF-1.7", "c.txt": b"text\n"}
    for name, data in names.items():
        (tmp_path / name).write_bytes(data)
    asked, image, pdf, text = content_of("Look", [read_attachment(tmp_path / n) for n in names])
    assert asked == {"type": "input_text", "text": "Look"}
    assert image["type"] == "input_image"
    assert image["image_url"] == "data:image/png;base64,iVBORw0KGgoAAAAA"
    assert (pdf["type"], pdf["filename"]) == ("input_file", "b.pdf")
    assert pdf["file_data"].startswith("data:application/pdf;base64,JVBERi")
    assert text["text"] == '<file name="c.txt">\ntext\n\n</file>'
    assert content_of("Look", []) == "Look"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing", "cannot be read: No such file or directory"),
        ("folder", "cannot be read: Is a directory"),
        ("binary", "is neither text nor a known kind"),
        ("zero", "is neither text nor a known kind"),
        ("empty", "is empty"),
        ("large", "has more than 20 MB"),
        ("fifo", "cannot be read: it is not a regular file"),
        ("/dev/zero", "cannot be read: it is not a regular file"),
        ("/dev/urandom", "cannot be read: it is not a regular file"),
        ("/dev/null", "cannot be read: it is not a regular file"),
        ("link", "cannot be read: it is not a regular file"),
        ("loop", "cannot be read: Too many levels of symbolic links"),
        ("nul\0", "embedded null"),
    ],
)
def test_what_cannot_be_attached(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\x7fELF\xff\xfe")
    (tmp_path / "zero").write_bytes(b"a\0b")
    (tmp_path / "empty").touch()
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", LARGEST + 1)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match=said):
        read_attachment(tmp_path / name)


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_attached_files_reach_the_server(
    convo: Program, openai_server: OpenAIServer, api: str
) -> None:
    convo.env.update(openai_server.environ | {"CONVO_MODEL": "test-model"})
    (convo.home / "a.png").write_bytes(PNG)
    (convo.home / "n.txt").write_text("two\n")
    done = convo(
        "chat", "--api", api, "Look", "--attach", "a.png", "--attach", "n.txt", cwd=convo.home
    )
    assert done.code == 0
    sent = str(openai_server.requests[0].data)
    assert "data:image/png;base64,iVBORw0KGgoAAAAA" in sent
    assert 'n.txt">' in sent
    assert '"text": "Look' in convo("turns", "--json").out
    assert convo("chat", "--attach", "b.png", "Hi").error(2).startswith("the attachment 'b.png'")


def test_stdin_is_attached(convo: Program, openai_server: OpenAIServer) -> None:
    convo.env.update(openai_server.environ | {"CONVO_MODEL": "test-model"})
    assert convo("chat", "Look", "--attach", "-", stdin=PNG).code == 0
    sent = str(openai_server.requests[0].data)
    assert "data:image/png;base64,iVBORw0KGgoAAAAA" in sent


@pytest.mark.parametrize(
    ("args", "stdin", "said"),
    [
        (["--attach", "-"], "text", "stdin is attached, and nothing is asked about it"),
        (["Hi", "--attach", "-", "--attach", "-"], "text", "stdin can be attached once"),
        (["Hi", "--attach", "-"], "", "the attachment on stdin is empty"),
        (["Hi", "--attach", "-"], b"a\0b", "the attachment on stdin is neither text nor a known"),
    ],
)
def test_when_stdin_cannot_be_attached(
    convo: Program, args: list[str], stdin: str | bytes, said: str
) -> None:
    assert convo("chat", *args, stdin=stdin).error(2).startswith(said)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("convo chat Hi --attach - < /dev/zero", "the attachment on stdin has more than 20 MB"),
        ("convo chat Hi < /dev/zero", "the text on stdin has more than 20,000,000 bytes"),
        ("convo chat Hi -i @/dev/zero", "the instructions in '/dev/zero' cannot be read: it is"),
        ("mkfifo f; convo chat Hi -i @f", "the instructions in 'f' cannot be read: it is not a"),
        ("mkfifo f; convo chat Hi --attach f", "the attachment 'f' cannot be read: it is not a"),
        ("mkfifo f.py; convo chat Hi -a f.py", "'f.py' is not a regular file"),
    ],
)
def test_what_has_no_end_is_not_read_to_its_end(convo: Program, command: str, said: str) -> None:
    done = convo.shell(f"cd {convo.home}; ulimit -v 2000000; {command}")
    assert done.error(2).startswith(said)
