"""Writes the tree of branches for `convo branches --tree`."""

from convo.branches.tree import Tree
from convo_cli.invocation import Invocation
from convo_cli.output.report import write_rows
from convo_cli.render.tree import TREE_KEYS, drawn, tree_rows
from convo_cli.settings import Format


def write_no_tree(invocation: Invocation) -> None:
    """Write an empty tree for a program; a user has been told that there is nothing yet."""
    if invocation.settings.format is not Format.TABLE:
        write_rows(invocation, TREE_KEYS, [])


def write_tree(invocation: Invocation, tree: Tree) -> None:
    """Write a tree: drawn for a user, or as rows of branches for a program."""
    if invocation.settings.format is not Format.TABLE:
        write_rows(invocation, TREE_KEYS, list(tree_rows(tree.branches)))
        return
    terminal = invocation.terminal
    terminal.write("".join(f"{line}\n" for line in drawn(tree, terminal.look)))
