"""Where an agent is: in a file or in a module, and what it is called there."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from convo_cli.agent.errors import ChoiceError

HOW = "an agent is named FILE.py, FILE.py:NAME or module:NAME"
GO_ON = "name another with --agent, or go on without it with --no-agent"

_SUFFIX = ".py"


@dataclass(frozen=True, slots=True)
class AgentReference:
    """A file or else a module, and a name in it; without a name, the agent that is meant is clear.

    `is_recorded` says that a session has kept it, and that nobody named it now.
    """

    file: Path | None = None
    module: str | None = None
    name: str | None = None
    is_recorded: bool = False

    def __str__(self) -> str:
        place = str(self.file or self.module)
        return place if self.name is None else f"{place}:{self.name}"

    def error(self, message: str, hint: str | None = None) -> ChoiceError:
        """The error for an agent that cannot be loaded."""
        if self.is_recorded:
            return ChoiceError(f"the agent of this session is gone: {message}", hint=GO_ON)
        return ChoiceError(message, hint=hint)


def agent_reference(text: str, *, is_recorded: bool = False) -> AgentReference:
    """Read what --agent says, or what a session has kept of it; the path becomes absolute.

    Nothing is imported. Raises ChoiceError for a file or a module that is not there.
    """
    place, colon, name = text.strip().rpartition(":")
    if not colon:
        place, name = name, ""
    named = name.strip() or None
    if not place or (named is not None and not named.isidentifier()):
        raise ChoiceError(f"{text!r} names no agent", hint=HOW)
    if place.endswith(_SUFFIX) or "/" in place:
        file = Path(place).expanduser().absolute()
        reference = AgentReference(file, None, named, is_recorded)
        _check_file(reference, file, place)
        return reference
    reference = AgentReference(None, place, named, is_recorded)
    _check_module(reference, place)
    return reference


def _check_file(reference: AgentReference, file: Path, typed: str) -> None:
    if file.is_dir():
        raise reference.error(f"'{typed}' is a folder", HOW)
    if not file.exists():
        raise reference.error(f"there is no file '{typed}'", HOW)
    if file.suffix != _SUFFIX:
        raise reference.error(f"'{typed}' is no Python file", HOW)


def _check_module(reference: AgentReference, module: str) -> None:
    """Look for the outermost package, which is found without importing anything."""
    if not all(part.isidentifier() for part in module.split(".")):
        raise reference.error(f"{module!r} names no agent", HOW)
    top = module.partition(".")[0]
    here = Path.cwd()
    if find_spec(top) or (here / f"{top}{_SUFFIX}").exists() or (here / top).is_dir():
        return
    raise reference.error(f"there is no module '{module}'", HOW)
