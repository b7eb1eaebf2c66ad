"""Folds long pasted texts at the prompt to `[5,000 lines]`; they are sent in full.

A folded text is one character of the line, from a range that no text has a use for: the cursor
goes over it at once, and one key deletes it.
"""

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments

MOST_LINES = 20
"""A pasted text with more lines than this is folded."""

_FIRST, _LAST = 0xF0000, 0xFFFFD
"""The characters that stand for texts: those of a plane that is left to private use."""


class Folds:
    """The folded texts of a chat."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def folded(self, text: str) -> str:
        """A text that is pasted, or the character that stands for it where it is long."""
        mark = chr(_FIRST + len(self._texts))
        if _lines(text) <= MOST_LINES or ord(mark) > _LAST:
            return text
        self._texts[mark] = text
        return mark

    def folded_again(self, text: str) -> str:
        """A text in which those that were folded before are folded."""
        for mark, whole in self._texts.items():
            text = text.replace(whole, mark)
        return text

    def unfolded(self, text: str) -> str:
        """What a line says, whole."""
        return "".join(self._texts.get(character, character) for character in text)

    def unfold(self, buffer: Buffer) -> None:
        """Show the whole of the line, the cursor where it was."""
        before = self.unfolded(buffer.document.text_before_cursor)
        whole = before + self.unfolded(buffer.document.text_after_cursor)
        if whole != buffer.text:
            buffer.save_to_undo_stack()
            buffer.document = Document(whole, len(before))

    def label(self, character: str) -> str | None:
        """What is shown for a folded text; None for any other character."""
        text = self._texts.get(character)
        if text is None:
            return None
        return f"[{_lines(text):,} lines]"


def _lines(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n"))


class ShowTyped(Processor):
    """Sets off what is typed from answers, and shows what stands for folded texts."""

    def __init__(self, folds: Folds) -> None:
        self._folds = folds

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """The line as it is shown, and where its characters are in it."""
        shown: StyleAndTextTuples = []
        starts = [0]
        for style, character, *_ in explode_text_fragments(transformation_input.fragments):
            label = self._folds.label(character)
            shown.append(
                (f"{style} class:typed", character)
                if label is None
                else (f"{style} class:typed.folded", label)
            )
            starts.append(starts[-1] + len(label or character))

        def displayed(source: int) -> int:
            return starts[min(source, len(starts) - 1)] + max(source - len(starts) + 1, 0)

        def source(display: int) -> int:
            return sum(start <= display for start in starts[1:])

        return Transformation(shown, displayed, source)


def folding_keys(folds: Folds) -> KeyBindings:
    """Pasting a long text folds it; Ctrl-X Ctrl-O unfolds it."""
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)

    @keys.add(Keys.BracketedPaste, filter=typing)
    def _paste(event: KeyPressEvent) -> None:
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")
        event.current_buffer.insert_text(folds.folded(text))

    @keys.add("c-x", "c-o", filter=typing)
    def _open(event: KeyPressEvent) -> None:
        folds.unfold(event.current_buffer)

    return keys
