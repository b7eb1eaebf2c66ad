"""The key bindings of the prompt: those of emacs or vi, and those of the chat."""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from prompt_toolkit.buffer import Buffer, CompletionState
from prompt_toolkit.completion import CompleteEvent, get_common_complete_suffix
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER, EditingMode
from prompt_toolkit.filters import (
    Condition,
    has_focus,
    has_selection,
    vi_navigation_mode,
)
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from convo_cli.exits import UsageError

KEYS_VARIABLE = "CONVO_KEYS"

_MODES = {"emacs": EditingMode.EMACS, "vi": EditingMode.VI}
_READLINE_MODE = re.compile(r"^\s*set\s+editing-mode\s+(vi|emacs)\s*$", re.MULTILINE)


def editing_mode(environ: Mapping[str, str], configured: str | None = None) -> EditingMode:
    """The editing mode from CONVO_KEYS, the configuration, the user's inputrc, or else emacs.

    Raises `UsageError` if CONVO_KEYS is anything but vi or emacs.
    """
    named = environ.get(KEYS_VARIABLE) or configured or _readline_mode(environ) or "emacs"
    try:
        return _MODES[named]
    except KeyError:
        raise UsageError(f"{KEYS_VARIABLE} is '{named}'", hint="set it to vi or emacs") from None


def _readline_mode(environ: Mapping[str, str]) -> str | None:
    path = Path(environ.get("INPUTRC") or Path("~/.inputrc"))
    try:
        found = _READLINE_MODE.findall(path.expanduser().read_text(errors="replace"))
    except (OSError, RuntimeError):
        return None
    return found[-1] if found else None


def _offer_more(buffer: Buffer) -> None:
    """Show the values of a command whose name has just been completed."""
    if buffer.text.endswith(" "):
        buffer.start_completion()


async def _complete(buffer: Buffer) -> None:
    """Insert the only completion, or the common prefix of all of them, and offer the rest.

    Completions are looked up here because prompt_toolkit ignores a request while another runs.
    """
    assert buffer.completer is not None
    document, event = buffer.document, CompleteEvent(completion_requested=True)
    found = [c async for c in buffer.completer.get_completions_async(document, event)]
    if buffer.document != document:
        return
    if len(found) == 1:
        buffer.apply_completion(found[0])
        _offer_more(buffer)
    elif found:
        common = get_common_complete_suffix(document, found)
        buffer.insert_text(common)
        rest = [completion.new_completion_from_position(len(common)) for completion in found]
        buffer.complete_state = CompletionState(buffer.document, rest)
        buffer.on_completions_changed.fire()


def key_bindings(
    is_editing: Callable[[], bool] = lambda: False,
) -> KeyBindings:
    """Enter sends, Alt-Enter begins a line, Ctrl-C clears the line or interrupts an empty prompt.

    While a turn is edited, Ctrl-C interrupts at once.
    """
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)

    @Condition
    def is_choosing() -> bool:
        from prompt_toolkit.application import get_app

        state = get_app().current_buffer.complete_state
        return state is not None and state.current_completion is not None

    @keys.add("enter", filter=typing & ~is_choosing)
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("enter", filter=typing & is_choosing)
    def _choose(event: KeyPressEvent) -> None:
        # The line already contains the completion.
        event.current_buffer.complete_state = None
        _offer_more(event.current_buffer)

    @keys.add("tab", filter=typing)
    def _next_completion(event: KeyPressEvent) -> None:
        state = event.current_buffer.complete_state
        if state is not None and len(state.completions) > 1:
            event.current_buffer.complete_next()
        else:
            event.app.create_background_task(_complete(event.current_buffer))

    @keys.add("escape", "enter", filter=typing)
    def _begin_line(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @keys.add("c-c", filter=typing)
    @keys.add("<sigint>")
    def _clear(event: KeyPressEvent) -> None:
        buffer = event.app.current_buffer
        if not buffer.text or is_editing():
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")
        buffer.save_to_undo_stack()
        buffer.document = Document()

    return keys


def editor_keys(
    given_back: Callable[[], AbstractContextManager[None]], unfold: Callable[[Buffer], None]
) -> KeyBindings:
    """Ctrl-X Ctrl-E, or v in vi's navigation mode, opens the message in the editor.

    The editor runs within `given_back`, which hands the terminal to other programs, and gets the
    full text of what is folded at the prompt.
    """
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)

    @keys.add("c-x", "c-e", filter=typing & ~has_selection)
    @keys.add("v", filter=typing & vi_navigation_mode)
    async def _open_editor(event: KeyPressEvent) -> None:
        unfold(event.current_buffer)
        with given_back():
            await event.current_buffer.open_in_editor(validate_and_handle=True)

    return keys
