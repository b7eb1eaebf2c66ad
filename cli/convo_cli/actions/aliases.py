"""Sets, lists and removes aliases of models."""

from convo_cli.actions.config import told
from convo_cli.config.file import config_path
from convo_cli.config.known import check_known
from convo_cli.invocation import Invocation
from convo_cli.output.report import show
from convo_cli.render import settings as listings


def set_(invocation: Invocation, name: str, model: str) -> None:
    """Set an alias for a model."""
    from convo_cli.config.writing import set_value

    set_value(config_path(invocation.environ), ("aliases", name), model)
    told(invocation, f"'{name}' is {model}", {"alias": name, "model": model})


def list_(invocation: Invocation) -> None:
    """List the aliases and their models."""
    show(invocation, listings.aliases(list(invocation.config.named("aliases").items())))


def remove(invocation: Invocation, name: str) -> None:
    """Remove an alias."""
    from convo_cli.config.writing import remove as unset

    known = invocation.config.named("aliases")
    check_known("alias", name, known)
    unset(config_path(invocation.environ), ("aliases", name))
    told(invocation, f"removed the alias '{name}'", {"alias": name, "model": None})
