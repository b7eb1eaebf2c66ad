"""Where shells look for completion scripts, and what they need to find ours."""

from collections.abc import Mapping
from pathlib import Path

FILES = {"bash": "convo.bash", "zsh": "_convo", "fish": "convo.fish"}
"""The names of the scripts."""

_FOLDERS = (Path(__file__).parent / "scripts", Path(__file__).parents[3] / "completions")
"""Where the scripts are: in an installed package, or in a clone that is installed as it stands."""


def script(shell: str) -> str:
    """The script for a shell."""
    places = (folder / FILES[shell] for folder in _FOLDERS)
    return next(path for path in places if path.is_file()).read_text(encoding="utf-8")


def place_of(shell: str, environ: Mapping[str, str]) -> Path:
    """The file below the user's home where a shell finds the script, or can be told to."""
    if shell == "bash":
        named = environ.get("BASH_COMPLETION_USER_DIR")
        folder = Path(named) if named else _xdg(environ, "DATA", ".local/share") / "bash-completion"
        return folder / "completions" / "convo"
    if shell == "zsh":
        return _zsh_home(environ) / ".zfunc" / "_convo"
    return _xdg(environ, "CONFIG", ".config") / "fish" / "completions" / "convo.fish"


def advice(shell: str, path: Path, environ: Mapping[str, str]) -> str | None:
    """What the user still has to do; None for nothing."""
    if shell == "bash":
        startup = Path.home() / ".bashrc"
        if str(path) in _text(startup) or _shown(path) in _text(startup):
            return None
        return (
            "the package bash-completion finds it there; without that package, add this line to "
            f"~/.bashrc: source {_shown(path)}"
        )
    if shell == "zsh":
        startup = _zsh_home(environ) / ".zshrc"
        if path.parent.name in _text(startup):
            return None
        return (
            f"add this line to {_shown(startup)}, and remove other lines with compinit after it: "
            f"fpath=({_shown(path.parent)} $fpath); autoload -Uz compinit && compinit"
        )
    return None


def _zsh_home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("ZDOTDIR") or Path.home())


def _xdg(environ: Mapping[str, str], kind: str, usual: str) -> Path:
    return Path(environ.get(f"XDG_{kind}_HOME", "").strip() or Path.home() / usual)


def _shown(path: Path) -> str:
    """The path as it is typed: from ~ if that is possible, and quoted."""
    from shlex import quote

    home = Path.home()
    return f"~/{quote(str(path.relative_to(home)))}" if home in path.parents else quote(str(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
