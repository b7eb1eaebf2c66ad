"""Every command writes what it declares, in every format, and ends with the codes that it names."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from convo_cli.written import Kind, Nested, Rows, Shape, Written
from docs.output_page import every_command
from tests.cli.commands.every import EXITS, FAILING, LATER, LINES, SHOWN_ELSEWHERE
from tests.cli.snapshots import check
from tests.program import Program, Result
from tests.server import Answer, Fault, OpenAIServer

FORMATS = ["table", "json", "jsonl", "csv", "tsv"]
DECLARED = {" ".join(command.path): command.written for command in every_command()}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MESSAGES = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Me."}]
PRICES = [
    {
        "id": "openai",
        "name": "OpenAI",
        "api_pattern": "https://api\\.openai\\.com",
        "model_match": {"starts_with": "gpt-"},
        "models": [
            {
                "id": "gpt-5",
                "match": {"equals": "gpt-5"},
                "prices": {"input_mtok": 1.25, "cache_read_mtok": 0.125, "output_mtok": 10},
            }
        ],
    }
]
TIMED = {"replay", "ask", "bisect", "eval run", "eval show"}
SIZED = {"status", "db backup", "db gc"}
ANSWERS = (Answer('{"city": "Oslo"}'), Fault.cut_after("Half"), Fault.status(401))


def test_every_command_declares_what_it_writes() -> None:
    assert [name for name, written in DECLARED.items() if written is None] == []
    missing = {name for name, _ in shapes()} - LINES.keys() - LATER
    assert missing == set(), "tests/cli/commands/every.py needs a line for each"


@pytest.mark.parametrize("output_format", FORMATS)
def test_what_every_command_writes(
    paris: Program, openai_server: OpenAIServer, output_format: str
) -> None:
    openai_server.script(*ANSWERS)
    (paris.home / "messages.jsonl").write_text(json.dumps({"messages": MESSAGES}) + "\n")
    (paris.home / "prices.json").write_text(json.dumps(PRICES))
    results = {}
    lines = [
        f"--format {output_format} " + line.format(url=openai_server.base_url)
        if name not in {"export", "help", "completion"}
        else line
        for name, line in LINES.items()
    ]
    env = {**openai_server.environ, "CONVO_MODEL": "echo", "EDITOR": "true"}
    results = dict(zip(LINES, paris.each(*lines, stdin="a-key", env=env), strict=True))
    wrong = {name: one for name, one in results.items() if one.code != 5 * (name in FAILING)}
    assert wrong == {}
    misfits = {
        name: (misfit(results[name].out, shape, output_format), results[name].out)
        for name, shape in shapes()
        if name in results
    }
    assert {name: found for name, found in misfits.items() if found[0] is not None} == {}
    for name in LINES.keys() - FAILING - SHOWN_ELSEWHERE:
        text = settled(results[name], output_format, paris.home, openai_server)
        if name in SIZED:
            text = re.sub(r"\b\d{4,}\b(?!-)", "4096", text)
        if name in TIMED:
            text = re.sub(r"\b\d+\.\d{1,3}\b", "0.5", text)
        check(f"written/{re.sub('[ ()-]+', '-', name).strip('-')}.{output_format}", text)


def test_every_exit_code_that_is_declared(paris: Program) -> None:
    (paris.home / "there.md").touch()
    lines = [(name, code, line) for name, codes in EXITS.items() for code, line in codes.items()]
    before = ["server add dead http://127.0.0.1:1/v1", "template save brief -i Short."]
    before += ["mcp add time -- /no/such/program", "undo -q -b main", "alias set none dead/none"]
    before += ["eval add cases.jsonl --from main --turn 1 --name first --contains xyzzy"]
    before += ["db copy c.db same.db"]
    results = paris.each(*before, *(line for _, _, line in lines if line))[len(before) :]
    codes = [(name, code, line) for name, code, line in lines if line]
    wrong = [
        (line, code, result.code)
        for (_, code, line), result in zip(codes, results, strict=True)
        if code != result.code
    ]
    assert wrong == []
    declared = {name: set(written.exits) for name, written in DECLARED.items() if written}
    assert {name: set(codes) for name, codes in EXITS.items()} == {
        name: exits for name, exits in declared.items() if exits
    }


def shapes() -> Iterator[tuple[str, Shape]]:
    for name, written in DECLARED.items():
        for shape in (written or Written(())).shapes:
            yield f"{name} {shape.option}".strip(), shape


def misfit(text: str, shape: Shape, output_format: str) -> str | None:
    """What in an output is not as its shape says; None if all of it is."""
    if shape.form == "text" or output_format == "table":
        return None
    columns = [*(shape.flat or shape.keys)]
    if output_format == "csv":
        header, *_ = csv.reader(io.StringIO(text, newline=""))
        return None if header == columns else f"columns {header}"
    if output_format == "tsv":
        lines = text.splitlines()
        return next((line for line in lines if line.count("\t") != len(columns) - 1), None)
    if output_format == "jsonl":
        rows = [json.loads(line) for line in text.splitlines()]
        kept = shape.form == "list" or not rows or [*rows[0]] == [*shape.keys]
        keys = shape.keys if kept else shape.flat or {}
        return next(filter(None, (unlike(row, Nested(keys)) for row in rows)), None)
    try:
        document = json.loads(text)
    except ValueError as error:
        return str(error)
    return unlike(document, Rows("", shape.keys) if shape.form == "list" else Nested(shape.keys))


def unlike(value: Any, kind: Kind) -> str | None:
    """What in a value is not of a kind; None if all of it is."""
    match kind:
        case Rows(keys=keys):
            if not isinstance(value, list):
                return f"{value!r} is no list"
            return next(filter(None, (unlike(row, Nested(keys)) for row in value)), None)
        case Nested(keys=keys):
            if not isinstance(value, dict) or [*value] != [*keys]:
                return f"{value!r} does not have the keys {[*keys]}"
            return next(filter(None, (unlike(value[key], keys[key]) for key in keys)), None)
    assert isinstance(kind, str)
    return None if is_of(value, kind) else f"{value!r} is not {kind}"


def is_of(value: Any, kind: str) -> bool:
    if kind.endswith("?"):
        return value is None or is_of(value, kind[:-1])
    if kind.startswith("["):
        return isinstance(value, list) and all(is_of(one, kind[1:-1]) for one in value)
    types: dict[str, Any] = {
        "any": object,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
        "object": dict,
        "text": str,
        "time": str,
    }
    is_right = isinstance(value, types[kind]) and isinstance(value, bool) <= (
        kind in {"any", "boolean"}
    )
    return is_right and (kind != "time" or TIME.fullmatch(value) is not None)


def settled(result: Result, output_format: str, home: Path, server: OpenAIServer) -> str:
    """What a command wrote, with the same times, paths and sizes whenever it runs."""
    text = result.out if output_format != "table" else f"{result.out}{result.err}"
    places = {str(home): "/home", server.base_url: "http://localhost/v1"}
    joined = re.sub("─+", "───", re.sub(r"\s+", "", text))
    if output_format == "table" and any(found in joined for found in places):
        # Their lengths differ, and so does the layout: even a path may go on in the next line.
        text = joined
    for found, shown in places.items():
        text = text.replace(found, shown)
    text = TIME.sub("2026-11-22T16:50:36Z", text)
    # Which release of genai-prices is there.
    text = re.sub(r'("version": )"[\d.]+", "newest": "[\d-]+"', r'\1"0", "newest": null', text)
    text = re.sub(
        r"(prices )of genai-prices [\d.]+, with changes up to [\d-]+", r"\1of today", text
    )
    text = re.sub(r"fetched on \d{4}-\d\d-\d\d", "fetched today", text)
    text = re.sub(r"20\d\d-\d\d-\d\d ?\d\d:\d\d", "2026-11-22 16:50", text)
    return re.sub(r"\b\d[\d,.]* ?(bytes|KB|MB)\b", "4,096 bytes", text)
