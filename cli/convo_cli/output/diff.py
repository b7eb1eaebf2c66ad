"""Writes comparisons of branches: on the terminal, as a file, or as records for a program."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from convo.history.comparison import Comparison
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.export import STDOUT, write_pieces
from convo_cli.output.pager import write_paged
from convo_cli.render.columns import no_facts
from convo_cli.render.compare import (
    FLAT_COMPARED_KEYS,
    Compared,
    compared_lines,
    compared_row,
    flat_rows,
    sums_of,
)
from convo_cli.render.compared_words import FLAT_KEYS, ComparedWords
from convo_cli.render.data.formats import Row, csv_table, json_line, json_object, tsv_table
from convo_cli.render.diff import DIFF_FLAT_KEYS, diff_flat_rows, diff_row, side_by_side
from convo_cli.render.money import without_price
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.text import counted, safe
from convo_cli.render.words import WORD_KEYS, WordDifferences
from convo_cli.settings import ComparedFormat

_BY_SUFFIX: dict[str, ComparedFormat] = {
    ".html": "html",
    ".htm": "html",
    ".md": "md",
    ".markdown": "md",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
}
_IN_FILE = Look(is_bounded=False)


class Wanted(NamedTuple):
    """What a comparison is to show, and how it is to be written, as typed."""

    format: ComparedFormat | None = None
    html: bool = False
    words: bool = False
    cost: bool = False
    time: bool = False
    output: Path | None = None
    force: bool = False
    paged: bool = True


class Output(NamedTuple):
    """A comparison: its lines for a reader, and its rows for a program.

    `keys` are those of the flat rows, for formats that cannot nest rows.
    """

    lines: Callable[[Look], Iterable[str]]
    row: Callable[[], Row]
    keys: Sequence[str]
    flat_rows: Callable[[], Iterable[Row]]


def chosen_format(invocation: Invocation, wanted: Wanted) -> ComparedFormat:
    """The format that options and the file's name come to. Raises `UsageError`."""
    asked: list[ComparedFormat] = ["html"] if wanted.html else []
    asked += [wanted.format] if wanted.format else []
    asked += ["json"] if invocation.given.as_json else []
    if len(set(asked)) > 1:
        raise UsageError(
            f"the formats {asked[0]} and {asked[1]} contradict each other", hint="give one of them"
        )
    common: ComparedFormat = invocation.settings.format.value
    if asked:
        chosen = asked[0]
    elif invocation.given.output_format or wanted.output is None or wanted.output in STDOUT:
        chosen = common
    else:
        chosen = _format_of(wanted.output)
    return chosen


def _format_of(path: Path) -> ComparedFormat:
    suffix = path.suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise UsageError(
            f"there is no comparison as a '{suffix}' file",
            hint="name it .html, .md, .json, .jsonl, .csv or .tsv",
        )
    return _BY_SUFFIX[suffix]


def needs_usage(wanted: Wanted, chosen: ComparedFormat) -> bool:
    """Whether a comparison of two branches shows what their turns took."""
    return wanted.cost or wanted.time or chosen == "html" or (chosen == "md" and not wanted.words)


def write_diff(
    invocation: Invocation,
    found: Comparison,
    compared: Compared | None,
    wanted: Wanted,
    chosen: ComparedFormat,
) -> None:
    """Write a comparison of two branches; `compared` has what their turns took, if it is shown."""
    if compared is not None:
        write_compared(invocation, compared, [found], wanted, chosen)
    elif wanted.words:
        words = WordDifferences(found, [no_facts, no_facts])
        output = Output(words.lines, words.row, WORD_KEYS, words.rows)
        _write(invocation, output, wanted, chosen)
        _tell_coarse(invocation, words.coarse)
    else:
        output = Output(
            lambda look: side_by_side(found, look),
            lambda: diff_row(found),
            DIFF_FLAT_KEYS,
            lambda: diff_flat_rows(found),
        )
        _write(invocation, output, wanted, chosen)


def write_compared(
    invocation: Invocation,
    compared: Compared,
    with_first: Sequence[Comparison],
    wanted: Wanted,
    chosen: ComparedFormat,
) -> None:
    """Write a comparison of several branches, with what their turns took.

    `with_first` compares each branch after the first with the first, if words are wanted.
    """
    if chosen == "html":
        # Imported here because only this format needs it.
        from convo_cli.render.pages.html.comparison import ComparisonPage

        page = ComparisonPage(compared, words=wanted.words)
        _write_pieces(invocation, page.pieces(), wanted)
        _tell_coarse(invocation, page.coarse)
    elif wanted.words:
        cost, time = wanted.cost, wanted.time
        words = ComparedWords(compared, with_first, cost=cost, time=time)
        output = Output(words.lines, words.row, FLAT_KEYS, words.flat_rows)
        _write(invocation, output, wanted, chosen)
        _tell_coarse(invocation, words.coarse)
    elif chosen == "md":
        from convo_cli.render.pages.comparison import comparison_markdown

        _write_pieces(invocation, comparison_markdown(compared), wanted)
    else:
        output = Output(
            lambda look: compared_lines(compared, look, cost=wanted.cost, time=wanted.time),
            lambda: compared_row(compared),
            FLAT_COMPARED_KEYS,
            lambda: flat_rows(compared),
        )
        _write(invocation, output, wanted, chosen)
    if wanted.cost:
        _tell_unpriced(invocation, compared)


def _write(invocation: Invocation, output: Output, wanted: Wanted, chosen: ComparedFormat) -> None:
    pieces: Iterable[str]
    match chosen:
        case "json":
            pieces = json_object(output.row())
        case "jsonl":
            pieces = json_line(output.row())
        case "csv":
            pieces = csv_table(output.keys, output.flat_rows())
        case "tsv":
            pieces = tsv_table(output.keys, output.flat_rows())
        case "md":
            from convo_cli.render.pages.markdown import fenced

            pieces = [fenced("".join(output.lines(_IN_FILE)))]
        case _ if wanted.output is None or wanted.output in STDOUT:
            look = invocation.terminal.look
            write_paged(invocation, lambda: output.lines(look), wanted=wanted.paged)
            return
        case _:
            pieces = output.lines(_IN_FILE)
    _write_pieces(invocation, pieces, wanted)


def _write_pieces(invocation: Invocation, pieces: Iterable[str], wanted: Wanted) -> None:
    terminal = invocation.terminal
    is_shown = terminal.stdout_is_terminal and (wanted.output is None or wanted.output in STDOUT)
    # A program gets the texts as they are; on a terminal they must not control it.
    pieces = map(safe, pieces) if is_shown else pieces
    if write_pieces(invocation, pieces, wanted.output, force=wanted.force):
        terminal.notice(f"wrote {wanted.output}")


def _tell_coarse(invocation: Invocation, turns: Iterable[int]) -> None:
    """Tell the user which texts were too different, or too long, for a comparison by words."""
    numbers = sorted(turns)
    if numbers:
        some = ", ".join(map(str, numbers[:5])) + (" …" if len(numbers) > 5 else "")
        invocation.terminal.notice(
            f"{counted(len(numbers), 'turn')} ({some}) {'has' if len(numbers) == 1 else 'have'} "
            "texts that differ too much to be compared word by word: parts of them are shown whole"
        )


def _tell_unpriced(invocation: Invocation, compared: Compared) -> None:
    runs: dict[str | None, int] = {}
    for column, usage in zip(compared.columns, compared.usage, strict=True):
        for model, count in sums_of(column, usage).unpriced.items():
            runs[model] = runs.get(model, 0) + count
    if runs:
        by_count = sorted(runs.items(), key=lambda one: -one[1])
        invocation.terminal.notice(without_price(by_count))
