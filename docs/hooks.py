"""Adds to the site what is made from the program and what lies outside docs/; called by mkdocs."""

import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from docs import command_page
from docs.help_pages import every_help, parts

ROOT = Path(__file__).parents[1]
OUTSIDE = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Files beside docs/ with the names that their pages get."""

_LINK = re.compile(r"\]\(([^)\s:]+\.(?:md|svg))(#[^)]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the page of each command below the list of them."""
    pages = [{title: [f"commands/{name}.md" for name in names]} for title, names in parts().items()]
    commands = next(entry for entry in config.nav or [] if "Commands" in entry)
    commands["Commands"] = [commands["Commands"], *pages]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each command, and the files from outside docs/."""
    helps = every_help()
    made = {"commands/index.md": command_page.index(helps)}
    for names in parts().values():
        for name in names:
            made[f"commands/{name}.md"] = command_page.page(name, helps)
    for outside, page in OUTSIDE.items():
        made[page] = (ROOT / outside).read_text(encoding="utf-8")
    for path, content in made.items():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:
    """Let links between files of the repository lead to their pages."""
    here = page.file.src_uri
    folder = PurePosixPath() if here in OUTSIDE.values() else PurePosixPath("docs", here).parent
    return _LINK.sub(lambda found: f"]({_on_site(folder, found[1])}{found[2] or ''})", markdown)


def _on_site(folder: PurePosixPath, link: str) -> str:
    """Where a link from a file in this folder of the repository leads on the site."""
    parts_of_path: list[str] = []
    for part in (folder / link).parts:
        if part == "..":
            parts_of_path.pop()
        elif part != ".":
            parts_of_path.append(part)
    target = "/".join(parts_of_path)
    if target in OUTSIDE:
        return OUTSIDE[target]
    return target.removeprefix("docs/") if folder == PurePosixPath() else link
