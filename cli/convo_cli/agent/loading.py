"""Loads the file or module that a reference names, and reports its errors."""

import ast
import asyncio
import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from convo.errors import ConvoError
from convo_cli.agent.code_errors import mistake, shown
from convo_cli.turn.reference import HOW, AgentReference

_OWN_PACKAGE = "_package_of_convo"
"""The name for a package whose own name is taken, such as a folder named like the SDK."""


def load_module(reference: AgentReference) -> ModuleType:
    """Run the file or import the module.

    Call this in a thread without a running event loop, because the code may start one. Raises
    ChoiceError, with Python's message, if the code fails.
    """
    with _own_event_loop():
        if reference.file is None:
            return _import(reference, reference.module or "")
        return _run_file(reference, reference.file)


def place_of(reference: AgentReference) -> str:
    """The file or the module, as the user would type it."""
    return shown(reference.file) if reference.file else str(reference.module)


@contextmanager
def explained(reference: AgentReference, wanted: str | None = None) -> Iterator[None]:
    """Raise errors of the user's code as ChoiceError, with Python's message."""
    try:
        yield
    except ConvoError:
        raise
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and _is_within(wanted, error.name):
            raise reference.error(f"there is no module '{error.name}'", HOW) from error
        raise reference.error(mistake(error)) from error


def _run_file(reference: AgentReference, file: Path) -> ModuleType:
    with _found_first(file.parent, reference.here), explained(reference):
        name = _name_in_package(file, reference.here) or f"_agent_of_convo_{file.stem}"
        spec = spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        # Dataclasses and type hints look their module up here.
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return module


def _import(reference: AgentReference, name: str) -> ModuleType:
    # A session's module is looked for where it was, not in the current folder.
    root = reference.root if reference.is_recorded else None
    with _found_first(root or Path.cwd()), explained(reference, name):
        return importlib.import_module(name)


def _name_in_package(file: Path, here: Path | None) -> str | None:
    """The name within its package of a file with relative imports; None for other files."""
    levels = _levels(file)
    if not levels:
        return None
    root = _root(file, levels, here)
    *packages, stem = file.relative_to(root).with_suffix("").parts
    if not all(map(str.isidentifier, packages)) or not _is_at(packages[0], root):
        own = ModuleType(_OWN_PACKAGE)
        own.__path__ = [str(root)]
        sys.modules[_OWN_PACKAGE] = own
        packages = [_OWN_PACKAGE, *packages]
    if str(root) not in sys.path:
        sys.path.append(str(root))
    importlib.import_module(".".join(packages))
    return ".".join([*packages, stem])


def _levels(file: Path) -> int:
    """How many packages up the relative imports of a file reach; 0 without any."""
    tree = ast.parse(file.read_bytes(), str(file))
    return max(
        (node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)), default=0
    )


def _root(file: Path, levels: int, here: Path | None) -> Path:
    """The folder that contains the top package of a file."""
    root = file.parent
    while (root / "__init__.py").exists() and root != root.parent:
        root = root.parent
    if here is not None and root == file.parent and here in file.parent.parents:
        # A package needs no __init__.py: this is the file's name from the current folder.
        root = here
    highest = file.parents[min(levels, len(file.parents) - 1)]
    return highest if len(highest.parents) < len(root.parents) else root


def _is_at(package: str, root: Path) -> bool:
    """Whether Python finds the package in that folder, or would if it looked there."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return False
    return spec is None or str(root / package) in (spec.submodule_search_locations or ())


@contextmanager
def _found_first(*folders: Path | None) -> Iterator[None]:
    """Put these folders first on Python's path, as for a script, and last after the block.

    Imports that an agent makes while it runs still find them, but convo's own imports do not
    prefer them.
    """
    names = list(dict.fromkeys(str(folder) for folder in folders if folder is not None))
    sys.path[:0] = names
    try:
        yield
    finally:
        for name in names:
            sys.path.remove(name)
            if name not in sys.path:
                sys.path.append(name)


@contextmanager
def _own_event_loop() -> Iterator[None]:
    """Give this thread an event loop, as the main thread has, for code that asks for one."""
    if threading.current_thread() is threading.main_thread():
        yield
        return
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _is_within(wanted: str | None, missing: str | None) -> bool:
    """Whether the missing module is the wanted one, or a package above it."""
    return f"{wanted}.".startswith(f"{missing}.")
