"""What somebody may have meant who named a thing that is not there."""

from collections.abc import Sequence

_SHOWN = 5


def nearest(wanted: str, there: Sequence[object]) -> str | None:
    """A hint: the nearest name, or the names that there are; None where there is none."""
    # Loaded here because only a mistake needs it.
    from difflib import get_close_matches

    known = [name for name in there if isinstance(name, str)]
    close = get_close_matches(wanted, known, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    if not known:
        return None
    names = ", ".join(f"'{name}'" for name in known[:_SHOWN])
    return f"there is {names}" + (" and more" if len(known) > _SHOWN else "")
