"""One session: what it holds, and what its last turn was asked of."""

from convo.records import SessionInfo, SessionModel
from convo_cli.render.data.rows import SESSION_KEYS, Row, known_total, session_row
from convo_cli.render.listings import Listing, number, when
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

INFO_KEYS = (*SESSION_KEYS, "base_url", "api", "agent")


def session_info(info: SessionInfo, asked: SessionModel) -> Listing:
    """A line for each thing that is known of the session; to programs, one object."""

    def row() -> Row:
        more = {"base_url": asked.base_url, "api": asked.api, "agent": asked.agent}
        return {**session_row(info), **more}

    def grid() -> Grid:
        known = {
            "session": info.session_id,
            "branch": info.branch_id,
            "branches": number(info.branches),
            "turns": number(info.turns),
            "tokens": number(known_total(info), info.estimated),
            "model": info.model,
            "base URL": asked.base_url,
            "API": asked.api,
            "agent": asked.agent,
            "created": when(info.created_at),
            "updated": when(info.updated_at),
        }
        lines = [[name, one_line(value)] for name, value in known.items() if value]
        return Grid([Column("what"), Column("is", weight=1)], lines)

    return Listing(INFO_KEYS, lambda: [row()], grid, row)
