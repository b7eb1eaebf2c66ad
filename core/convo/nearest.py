"""What somebody may have meant who named a thing that is not there."""

from collections.abc import Sequence

_SHOWN = 5


def only_beginning(beginning: str, there: Sequence[str]) -> str | None:
    """The only name that begins so; None where none or several do."""
    found = [name for name in there if beginning and name.startswith(beginning)]
    return found[0] if len(found) == 1 else None


def nearest(wanted: str, there: Sequence[object]) -> str | None:
    """A hint: the nearest name, or the names that there are; None where there is none."""
    # Loaded here because only a mistake needs it.
    from difflib import get_close_matches

    known = [name for name in there if isinstance(name, str)]
    if wanted and len(meant := [name for name in known if name.startswith(wanted)]) > 1:
        return f"it may be {_listed(meant, ' or ')}"
    close = get_close_matches(wanted, known, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    if not known:
        return None
    return f"there is {_listed(known, ', ')}"


def _listed(names: Sequence[str], between: str) -> str:
    shown = between.join(f"'{name}'" for name in names[:_SHOWN])
    return shown + (" and more" if len(names) > _SHOWN else "")
