"""Reads a line at the prompt of the chat."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import platformdirs
from prompt_toolkit.application import get_app, run_in_terminal
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import merge_key_bindings
from prompt_toolkit.output import ColorDepth, create_output
from prompt_toolkit.shortcuts.prompt import PromptSession
from prompt_toolkit.styles import Style

from convo.errors import ConvoError
from convo_cli.ask.screens.agent_output import Take
from convo_cli.chat.line.completion import SlashCompleter
from convo_cli.chat.line.folding import Folds, ShowTyped, folding_keys
from convo_cli.chat.line.history import prompt_history
from convo_cli.chat.line.keys import editing_mode, editor_keys, key_bindings
from convo_cli.chat.line.shown import Prices, Shown, looked_up
from convo_cli.chat.line.status import status_line
from convo_cli.chat.state import Chat
from convo_cli.chat.typed import is_command
from convo_cli.render.live import printed
from convo_cli.render.terminal.grid import cells, fitted
from convo_cli.render.terminal.palette import GREY, HUES, Palette, hex_colour
from convo_cli.render.terminal.text import encodable, one_line
from convo_cli.terminal import OutputError

_WIDEST = 19
"""Cells of the prompt: names are cut to fit, and the rest of the line is for typing."""

_SHORTEST_NAME = 3

_MENU_ROWS = 10
_ESCAPE_DELAY = 0.3
"""Seconds after Esc in which the next key makes it Alt."""


class PromptLine:
    """Reads the lines of a chat. `on_shown` is called once the prompt is on the screen."""

    def __init__(self, chat: Chat, on_shown: Callable[[], None]) -> None:
        self._chat = chat
        self._on_shown = on_shown
        self._screen = chat.terminal.screen
        self._shown = Shown()
        self._prices = Prices(self._priced)
        self._folds = Folds()
        self._warned = 0
        self._session = self._made()

    def _made(self) -> PromptSession[str]:
        chat, terminal, environ = self._chat, self._chat.terminal, self._chat.invocation.environ
        session: PromptSession[str] = PromptSession(
            message=lambda: prompt_text(chat, self._shown, unicode=terminal.unicode),
            multiline=True,
            prompt_continuation="",
            bottom_toolbar=self._status if chat.has_status else None,
            editing_mode=editing_mode(environ, chat.invocation.config.value("keys")),
            key_bindings=merge_key_bindings(
                [
                    key_bindings(lambda: chat.editing is not None),
                    editor_keys(chat.agent_output.paused, self._folds.unfold),
                    folding_keys(self._folds),
                ]
            ),
            history=prompt_history(
                Path(platformdirs.user_state_dir("convo", appauthor=False)), self._folds.unfolded
            ),
            input_processors=[ShowTyped(self._folds)],
            completer=SlashCompleter(chat),
            # Rows for the menu are reserved only for commands: messages have no completions.
            complete_while_typing=Condition(lambda: is_command(get_app().current_buffer.text)),
            reserve_space_for_menu=_MENU_ROWS,
            style=_style(terminal.palette),
            color_depth=None if terminal.colour else ColorDepth.DEPTH_1_BIT,
            include_default_pygments_style=False,
            tempfile_suffix=".md",
            enable_suspend=True,
            input=create_input(terminal.stdin),
            output=create_output(self._screen),
        )
        session.app.timeoutlen = _ESCAPE_DELAY
        session.app.after_render += lambda _: self._on_shown()
        return session

    async def read(self) -> str:
        """The next input, which may have several lines.

        Raises EOFError when the user leaves, KeyboardInterrupt for Ctrl-C on an empty line.
        """
        if self._screen is not self._chat.terminal.screen:
            # The agent of a retried turn may be the first of this chat.
            self._screen = self._chat.terminal.screen
            self._session = self._made()
        await self._look()
        draft, self._chat.draft = self._folds.folded_again(self._chat.draft), ""
        watching = asyncio.create_task(self._chat.landings.watch(self._tell))
        try:
            with self._chat.agent_output.shown_by(self._show_printed):
                line = await self._session.prompt_async(default=draft)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        # Undecodable bytes arrive as lone surrogates, which cannot be stored.
        return encodable(self._folds.unfolded(line))

    async def _look(self) -> None:
        # The next command or turn reports what is wrong with the database.
        with suppress(ConvoError):
            self._shown = await looked_up(self._chat, self._prices)
        budget = self._shown.budget
        if budget is not None and budget.level > self._warned:
            # Once when little is left, and once when it is used up.
            self._warned = budget.level
            self._chat.terminal.notice(budget.warning() or "")

    def _priced(self) -> None:
        """Redraw with the cost, now that the prices are loaded."""

        async def show() -> None:
            await self._look()
            self._session.app.invalidate()

        if self._session.app.is_running:
            self._session.app.create_background_task(show())

    def _status(self) -> StyleAndTextTuples:
        status = self._shown.status
        look = self._chat.terminal.look
        return [("", "" if status is None else status_line(status, look))]

    async def _tell(self, lines: list[str]) -> None:
        """Write lines above the prompt, and redraw it: its turn number may have changed."""
        await self._look()
        app = self._session.app

        def say() -> None:
            for line in lines:
                self._chat.terminal.notice(line)

        if app.is_running and not app.is_done:
            await run_in_terminal(say)
        else:
            say()

    def _show_printed(self, take: Take) -> None:
        """Write the output of an agent's code above the prompt."""
        terminal, app = self._chat.terminal, self._session.app

        def write() -> None:
            look = terminal.look
            # If the terminal is gone, reading the prompt reports that.
            with suppress(OutputError, OSError):
                terminal.write("".join(f"{printed(line, look)}\n" for line in take()))
                terminal.flush()

        if not app.is_running:
            write()
        elif not app.is_done:
            run_in_terminal(write)


def prompt_text(chat: Chat, shown: Shown, *, unicode: bool) -> StyleAndTextTuples:
    """Session, branch and the number of the turn that is typed: `paris:main 3> `.

    `paris:main edit 2> ` edits a turn. Without a status line, `paris:main 3 @Expert +2> ` says
    which agent goes on and that two files go along, `paris:main 3 (1 waits)> ` that a prompt waits.
    """
    position, editing = chat.position, chat.editing
    turn = f" {shown.turn}" if editing is None else f" edit {editing.turn}"
    ellipsis = "…" if unicode else "~"
    room = max(_WIDEST - len(turn) - len(":> "), 2 * _SHORTEST_NAME)
    session, branch = one_line(position.session or "(new)"), one_line(position.branch)
    # Each name gets half of the width, or more if the other needs less.
    longest = max(room // 2, room - cells(branch))
    session = fitted(session, longest, ellipsis)
    branch = fitted(branch, room - cells(session), ellipsis)
    return [
        ("class:prompt.session", session),
        ("", ":"),
        ("class:prompt.branch", branch),
        ("class:prompt.turn", turn),
        ("class:prompt.agent", f" @{one_line(shown.agent)}" if shown.agent else ""),
        ("class:prompt.more", f" +{shown.attached}" if shown.attached else ""),
        ("class:prompt.more", _waiting(shown.waiting)),
        ("class:prompt.mark", "> "),
    ]


def _waiting(count: int) -> str:
    return f" ({count:,} {'waits' if count == 1 else 'wait'})" if count else ""


def _style(palette: Palette) -> Style:
    """The colours of the prompt."""
    hues = HUES.get(palette)
    if hues is None:
        cyan, green, magenta, grey = "ansicyan", "ansigreen", "ansimagenta", "ansibrightblack"
    else:
        cyan, green, magenta = (hex_colour(hues[parameter]) for parameter in ("36", "32", "35"))
        grey = hex_colour(GREY)
    return Style.from_dict(
        {
            "prompt.session": cyan,
            "prompt.branch": green,
            "prompt.turn": "",
            "prompt.agent": magenta,
            "prompt.mark": "bold",
            "prompt.more": grey,
            "typed": "bold",
            "typed.folded": f"nobold {magenta}",
            "bottom-toolbar": f"noreverse {grey}",
        }
    )
