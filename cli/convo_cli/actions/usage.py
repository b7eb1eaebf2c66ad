"""Shows the usage of tokens, and what they cost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, get_args

from convo.errors import SessionNotFoundError
from convo.names import did_you_mean
from convo.store import ConversationStore
from convo.usage.groups import PERIODS, Key
from convo.usage_records import COMPLETED, UsageReport, UsageRow
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import NothingYetError, find_location, location_to_list
from convo_cli.output.report import notice_of_more, show
from convo_cli.render.money import dollars, origin_in_words, without_price
from convo_cli.render.terminal.text import one_line
from convo_cli.render.usage import By, Shown, label
from convo_cli.render.usage import usage as usage_listing
from convo_cli.settings import Format, Settings

if TYPE_CHECKING:
    from convo_cli.render.chart import Bar

_MOST_KEYS = 2
_BARS = 60
"""The most bars of a chart: the newest days, or the groups that cost most."""


class Asked(NamedTuple):
    """What `convo usage` was asked for. The times are UTC, as texts; `limit` is of turns."""

    by: tuple[Key, ...] = ()
    is_of_all: bool = False
    since: str | None = None
    until: str | None = None
    chart: bool = False
    times: bool = False
    limit: int | None = None

    @property
    def form(self) -> By | None:
        """The form of a report of one session without groups; None for groups."""
        if self.is_of_all or self.by not in {(), ("turn",), ("branch",)}:
            return None
        return "turn" if "turn" in self.by else "branch" if self.by else "total"

    @property
    def depends_on_zone(self) -> bool:
        """Whether the time zone makes a difference."""
        has_span = self.since is not None or self.until is not None
        return has_span or bool(set(self.by) & set(PERIODS))


def asked(
    keys: Sequence[str],
    *,
    is_of_all: bool,
    since: str | None,
    until: str | None,
    chart: bool,
    times: bool,
    limit: int | None,
) -> Asked:
    """What the options mean. Raises `UsageError`."""
    known = get_args(Key)
    by: list[Key] = []
    for key in keys:
        if key not in known:
            hint = f"there are {', '.join(known)}"
            raise UsageError(f"--by has no '{key}'{did_you_mean(key, known)}", hint=hint)
        if key not in by:
            by.append(key)  # type: ignore[arg-type]
    if len(by) > _MOST_KEYS:
        raise UsageError("--by takes two keys at most, such as day,model")
    if len(set(by) & set(PERIODS)) > 1:
        raise UsageError("--by takes one of day, week and month")
    begin, end = span(since, until)
    if chart and not by:
        by = ["day"]
    # Of a single session there would be one row.
    is_of_all = is_of_all or bool({"session", "source"} & set(by))
    return Asked(tuple(by), is_of_all, begin, end, chart, times, limit)


def span(since: str | None, until: str | None) -> tuple[str | None, str | None]:
    """The beginning and the end that options name, in UTC. Raises `UsageError`."""
    if since is None and until is None:
        return None, None
    # Imported here because most reports are of all times.
    from convo import periods

    try:
        begin = None if since is None else periods.beginning(since)
        end = None if until is None else periods.end(until)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if begin is not None and end is not None and begin >= end:
        raise UsageError(f"--since {since} is not before --until {until}")
    return begin, end


async def show_usage(invocation: Invocation, asked: Asked) -> None:
    """Write the usage of the session that the options name, or of all."""
    settings = invocation.settings
    _check(asked, settings)
    async with ConversationStore(settings.db) as store:
        try:
            report = await _spent(store, invocation, asked)
        except NothingYetError:
            # Says that there is nothing yet, or raises the error of a branch that is named.
            await location_to_list(store, settings, invocation.terminal.notice)
            if settings.format is Format.TABLE:
                return
            report = await _spent(store, invocation, asked._replace(is_of_all=True))
    terminal, zone = invocation.terminal, _zone() if asked.depends_on_zone else None
    if asked.chart:
        from convo_cli.render.chart import chart

        terminal.write(chart(_bars(report, asked.by), terminal.look))
    else:
        shown = Shown(
            report,
            asked.form or "total",
            None if asked.form is not None else asked.by,
            asked.times,
            invocation.prices.origin(),
            zone,
        )
        show(invocation, usage_listing(shown))
    turns = sum(row.status == COMPLETED for row in report.rows)
    if asked.form == "turn" and turns < report.total.turns:
        notice_of_more(invocation, turns, report.total.turns)
    tell_prices(invocation, report)
    if zone is not None:
        terminal.notice(f"days and times are those of {zone}")


def tell_prices(invocation: Invocation, report: UsageReport) -> None:
    """Tell the user which prices a report has, and what it has none for."""
    notice = invocation.terminal.notice
    if report.total.money.cost and invocation.settings.format is Format.TABLE:
        notice(f"costs are in US dollars, by prices {origin_in_words(invocation.prices.origin())}")
    if report.without_price and report.total.tokens.requests:
        notice(without_price(report.without_price))
    if invocation.prices.problem is not None:
        notice(
            f"the fetched prices cannot be used: {invocation.prices.problem}; "
            "`convo prices update` fetches them again"
        )


def _zone() -> str:
    from convo import periods

    return periods.zone()


def _check(asked: Asked, settings: Settings) -> None:
    if asked.is_of_all and settings.branch is not None:
        raise UsageError("-b names a branch of one session: leave out -b, or the other sessions")
    if asked.chart and settings.format is not Format.TABLE:
        raise UsageError(f"--chart cannot be written as {settings.format}: leave out one of them")


async def _spent(store: ConversationStore, invocation: Invocation, asked: Asked) -> UsageReport:
    settings, prices = invocation.settings, invocation.prices
    if asked.form is not None:
        return await _of_session(store, invocation, asked, asked.form)
    session, branch = None, None
    if not asked.is_of_all or settings.session is not None:
        location = await find_location(store, settings)
        session = location.session
        branch = None if settings.branch is None else location.branch
    return await store.spending(
        asked.by,
        session_id=session,
        branch_id=branch,
        since=asked.since,
        until=asked.until,
        prices=prices,
    )


async def _of_session(
    store: ConversationStore, invocation: Invocation, asked: Asked, form: By
) -> UsageReport:
    """The usage of a session and, if none is named, of failed turns that began no session."""
    settings, prices = invocation.settings, invocation.prices
    since, until, newest = asked.since, asked.until, asked.limit
    outside = None
    if settings.names_nothing:
        outside = await store.usage_without_session(
            by=form, newest=newest, since=since, until=until, prices=prices
        )
    session, branch = settings.session, settings.branch
    try:
        location = await find_location(store, settings)
        session, branch = location.session, None if branch is None else location.branch
    except SessionNotFoundError:
        if outside is not None and outside.rows:
            return outside
        # A named session may not exist because its first turn failed.
        if session is None:
            raise
    found = await store.usage_with_total(
        session, branch_id=branch, by=form, newest=newest, since=since, until=until, prices=prices
    )
    return found if outside is None or not outside.rows else _together(found, outside)


def _together(found: UsageReport, outside: UsageReport) -> UsageReport:
    total = found.total._replace(
        tokens=found.total.tokens + outside.total.tokens,
        money=found.total.money + outside.total.money,
        timing=found.total.timing + outside.total.timing,
        status=None,
    )
    models = [*found.without_price, *outside.without_price]
    return UsageReport([*found.rows, *outside.rows], total, models)


def _bars(report: UsageReport, by: Sequence[Key]) -> "list[Bar]":
    """A bar for each group: of its cost if any cost is known, else of its tokens."""
    in_dollars = bool(report.total.money.cost)

    from convo_cli.render.chart import Bar

    def bar(row: UsageRow) -> "Bar":
        cost, tokens = row.money.cost or 0, row.tokens.total_tokens
        said = dollars(cost) if row.money.cost is not None else "?"
        name = label(row, by) if row.keys else _place(row, by)
        return Bar(name, cost if in_dollars else tokens, said if in_dollars else f"{tokens:,}")

    return [bar(row) for row in report.rows[-_BARS:]]


def _place(row: UsageRow, by: Sequence[Key]) -> str:
    """A turn or a branch in words."""
    branch = one_line(row.branch_id or "")
    place = [branch, *([] if row.turn is None else [str(row.turn)])]
    deleted = " deleted" if row.is_deleted else ""
    status = "" if row.status in {None, COMPLETED} else f" {row.status}"
    return ":".join(place if "turn" in by else place[:1]) + deleted + status
