"""Documents are found in files, folders and archives; what cannot be read is named."""

import io
import zipfile
from pathlib import Path

import pytest

from convo import ConversationStore
from convo.importing.choosing import Choice, Totals
from convo.importing.source import Report
from tests.core.documents.test_round_trip import document
from tests.core.talk import run, turn

BROKEN = b'{"convo": "session", "format": 1, "session": {"name": "x"}, "messages": [\n{},'


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Two documents, and files that are none."""
    found = tmp_path / "all"
    (found / "below").mkdir(parents=True)
    async with ConversationStore(":memory:") as store:
        for name in ("one", "two"):
            await store.start_session(name)
            await store.record_turn(name, "main", turn(name), run())
        (found / "one.json").write_bytes(await document(store, "one"))
        (found / "below" / "two.convo").write_bytes(await document(store, "two", "main"))
    (found / "broken.json").write_bytes(BROKEN)
    (found / "list.json").write_text("[]")
    (found / "notes.md").write_text("# no document")
    return found


async def taken(
    store: ConversationStore, path: Path, choice: Choice | None = None
) -> tuple[Totals, list[tuple[str, int | None, str]]]:
    report, totals = Report(), Totals()
    await store.import_documents([path], choice or Choice(), report, totals)
    places = [(Path(one.path).name, one.line, one.why) for one in report.skipped]
    return totals, sorted(places)


async def test_a_folder_again_and_again(store: ConversationStore, folder: Path) -> None:
    totals, skipped = await taken(store, folder)
    assert (totals.new, totals.turns) == (2, 2)
    assert skipped == [
        ("broken.json", 2, "the message has neither 'item' nor 'data'"),
        (
            "list.json",
            None,
            "it is not a document of convo; `convo export --format json --all-branches` and "
            "`convo bundle` write documents",
        ),
    ]
    assert {info.session_id for info in await store.sessions()} == {"one", "two"}
    totals, _ = await taken(store, folder)
    assert (totals.new, totals.same) == (0, 2)


async def test_an_archive(store: ConversationStore, folder: Path, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "one.json", "one.json")
        archive.write(folder / "broken.json", "../../broken.json")
    (tmp_path / "all.zip").write_bytes(packed.getvalue())
    totals, skipped = await taken(store, tmp_path / "all.zip")
    assert (totals.new, [name for name, *_ in skipped]) == (1, ["broken.json"])
    data = bytearray(packed.getvalue())
    data[100:140] = b"x" * 40
    (tmp_path / "bad.zip").write_bytes(data)
    totals, skipped = await taken(store, tmp_path / "bad.zip")
    assert (totals.new, [name for name, *_ in skipped]) == (0, ["broken.json", "one.json"])


async def test_nothing_is_stored_on_a_dry_run(store: ConversationStore, folder: Path) -> None:
    totals, _ = await taken(store, folder, Choice(is_dry=True))
    assert (totals.new, totals.turns) == (2, 2)
    assert await store.sessions() == []


async def test_what_is_chosen(store: ConversationStore, folder: Path) -> None:
    later = Choice(since="2999-01-01 00:00:00")
    assert (await taken(store, folder, later))[0].not_chosen == 3
    assert (await taken(store, folder, Choice(project="x")))[0].not_chosen == 4
    assert (await taken(store, folder, Choice(prefix="a-")))[0].new == 2
    assert {info.session_id for info in await store.sessions()} == {"a-one", "a-two"}
