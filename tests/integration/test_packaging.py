"""What is shipped: the wheel, the sdist, what they declare, and the releases that make installs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import convo

ROOT = Path(__file__).parents[2]
SOURCE_ROOTS = (ROOT / "core", ROOT / "cli")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = [
    Requirement(line)
    for extra in ("keyring", "postgres")
    for line in PROJECT["optional-dependencies"][extra]
]
DECLARED = RUNTIME + [Requirement(line) for line in PROJECT["optional-dependencies"]["dev"]]
PINS = [
    line
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
OWN_MODULES = {"convo", "convo_cli", "tests", "benchmarks", "docs"}
SCRIPTS = ROOT / "completions"
COMPLETIONS = {
    "convo.bash": "share/bash-completion/completions/convo",
    "_convo": "share/zsh/site-functions/_convo",
    "convo.fish": "share/fish/vendor_completions.d/convo.fish",
}
MAN_PAGE = "share/man/man1/convo.1"


def pinned() -> dict[str, str]:
    pairs = (line.split("==") for line in PINS)
    return {canonicalize_name(name): version for name, version in pairs}


def build(target: str, source: Path, folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (artifact,) = folder.iterdir()
    return artifact


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def source_files() -> set[str]:
    """What the two packages hold, as paths below their source roots: what the wheel must hold."""
    return {
        path.relative_to(root).as_posix()
        for root in SOURCE_ROOTS
        for path in root.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_the_wheel_holds_packages_completions_and_man_page_and_nothing_else(
    wheel: Path,
) -> None:
    info = "convo_cli-0.1.0.dist-info"
    expected = {
        *source_files(),
        *(f"convo_cli/shells/scripts/{name}" for name in COMPLETIONS),
        *(f"convo_cli-0.1.0.data/data/{place}" for place in (*COMPLETIONS.values(), MAN_PAGE)),
        *(f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")),
        f"{info}/licenses/LICENSE",
    }
    assert set(zipfile.ZipFile(wheel).namelist()) == expected


def test_the_wheel_holds_the_sql_and_says_that_it_is_typed(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(re.fullmatch(r"convo/\w+/\w+\.sql", name) for name in names)
    assert {"convo/py.typed", "convo_cli/py.typed"} <= set(names)


def test_the_sdist_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    for folder in ("sdist", "source", "wheel"):
        (tmp_path / folder).mkdir()
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        # As an argument, it is not known to Python 3.11.2, which Debian 12 has.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(tmp_path / "source")
    (source,) = (tmp_path / "source").iterdir()
    rebuilt = zipfile.ZipFile(build("wheel", source, tmp_path / "wheel"))
    original = zipfile.ZipFile(wheel)
    assert [(i.filename, i.CRC) for i in rebuilt.infolist()] == [
        (i.filename, i.CRC) for i in original.infolist()
    ]


def test_the_installed_wheel_runs_and_its_completions_and_man_page_lie_where_they_are_looked_for(
    wheel: Path, tmp_path: Path
) -> None:
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*install, "--ignore-installed", "--prefix", tmp_path, wheel], check=True)
    (package,) = tmp_path.rglob("convo_cli/__main__.py")
    said = subprocess.run(
        [tmp_path / "bin/convo", "completion", "zsh"],
        env=os.environ | {"PYTHONPATH": str(package.parents[1])},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout == (SCRIPTS / "_convo").read_text()
    for name, place in COMPLETIONS.items():
        assert (tmp_path / place).read_text() == (SCRIPTS / name).read_text()
    assert (tmp_path / MAN_PAGE).read_text() == (ROOT / "docs" / "convo.1").read_text()


def test_the_library_and_the_distribution_say_the_same_version() -> None:
    assert convo.__version__ == PROJECT["version"]


@pytest.mark.parametrize(
    ("folders", "declared"),
    [(("core", "cli"), RUNTIME + EXTRAS), (("tests", "benchmarks"), DECLARED)],
    ids=["product", "development"],
)
def test_what_is_imported_is_declared(
    folders: tuple[str, ...], declared: list[Requirement]
) -> None:
    distributions = metadata.packages_distributions()
    imported = {
        canonicalize_name(distribution)
        for module in imported_modules(folders) - sys.stdlib_module_names - OWN_MODULES
        for distribution in distributions[module]
    }
    assert imported <= {canonicalize_name(requirement.name) for requirement in declared}


def imported_modules(folders: tuple[str, ...]) -> set[str]:
    modules: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    return modules


def test_constraints_are_exact_releases_without_a_host_or_a_path() -> None:
    assert [pin for pin in PINS if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin)] == []
    assert len(pinned()) == len(PINS)


@pytest.mark.parametrize("requirement", DECLARED, ids=str)
def test_every_declared_dependency_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    assert requirement.specifier.contains(pinned()[canonicalize_name(requirement.name)])


def test_what_the_dependencies_need_is_pinned_too() -> None:
    assert needed(DECLARED) <= pinned().keys()


def needed(requirements: list[Requirement]) -> set[str]:
    """The names of these requirements and of all that they bring along on this machine."""
    found: set[tuple[str, str]] = set()
    waiting = [(each.name, extra) for each in requirements for extra in ("", *each.extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) not in found:
            found.add((name, extra))
            for child in map(Requirement, metadata.requires(name) or []):
                if child.marker is None or child.marker.evaluate({"extra": extra}):
                    waiting += [(child.name, extra) for extra in ("", *child.extras)]
    return {canonicalize_name(name) for name, _ in found}


def test_the_dependency_that_breaks_in_every_release_has_an_upper_bound() -> None:
    bounds = {requirement.name: requirement.specifier for requirement in RUNTIME}
    assert not bounds["openai-agents"].contains("0.25.0")
    assert not bounds["aiosqlite"].contains("0.23.0")
