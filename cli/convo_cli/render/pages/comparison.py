"""Several branches, turn by turn, as Markdown."""

from collections.abc import Iterator
from itertools import zip_longest

from convo_cli.render.compare import Compared, facts_of, summary
from convo_cli.render.pages.markdown import escaped, section_markdown
from convo_cli.render.sections import sections, title_of
from convo_cli.render.terminal.text import one_line, safe


def comparison_markdown(compared: Compared) -> Iterator[str]:
    """The comparison, a turn of a branch at a time; its headings are below a title."""
    yield f"# {escaped(one_line(compared.session))}\n\n{escaped(compared.sentence)}\n\n"
    yield _table(compared)
    facts = [facts_of(usage) for usage in compared.usage]
    for place, turns in enumerate(zip_longest(*(one.turns for one in compared.columns))):
        for column, of_turn, turn in zip(compared.columns, facts, turns, strict=True):
            if turn is None:
                continue
            yield f"\n## {title_of(turn)} of {escaped(one_line(column.branch))}\n"
            said = " · ".join(escaped(one_line(fact)) for fact in of_turn(turn))
            if said:
                yield f"\n*{said}*\n"
            if place < column.shared_turns:
                yield f"\nAs on {escaped(one_line(column.shared_with or ''))}.\n"
                continue
            for section in sections(turn):
                yield "\n" + section_markdown(section, safe)


def _table(compared: Compared) -> str:
    """What each branch took."""
    grid = summary(compared)
    titles = "".join(f"| {column.title} " for column in grid.columns)
    rules = "".join("| ---: " if column.numeric else "| --- " for column in grid.columns)
    rows = [
        "".join(f"| {escaped(cell).replace('|', chr(92) + '|')} " for cell in row)
        for row in grid.rows
    ]
    return "".join(f"{line}|\n" for line in (titles, rules, *rows))
