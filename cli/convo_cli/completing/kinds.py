"""What the value of an option or argument is, for the completions of the shells.

A kind is declared beside the option, as in `Annotated[str, typer.Option("-b"), BRANCHES]`. An
option with fixed choices needs none. `FREE` is a value that only the user can know.
"""


class Values:
    """A kind of value. `convo_cli.completing.offers` has what is offered for it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


FREE = Values("free")
SESSIONS = Values("sessions")
BRANCHES = Values("branches")
SWITCHED = Values("switched")
"""A branch, or - for the previous one."""
TURNS = Values("turns")
TAGS = Values("tags")
SHOWN = Values("shown")
"""A turn or a range of turns; with --waiting, a waiting prompt."""
WAITING = Values("waiting")
REMOVED = Values("removed")
MODELS = Values("models")
SERVERS = Values("servers")
KEY_SERVERS = Values("key_servers")
"""A server, or OpenAI."""
ALIASES = Values("aliases")
TEMPLATES = Values("templates")
PARAMETERS = Values("parameters")
"""NAME=VALUE for a name in the template of the line."""
MCP = Values("mcp")
SETTINGS = Values("settings")
"""KEY=VALUE of the settings of a model."""
CONFIG_KEYS = Values("config_keys")
SET_KEYS = Values("set_keys")
"""A key that config.toml has."""
CONFIG_VALUES = Values("config_values")
"""The value of the key before it."""
FILES = Values("files")
FOLDERS = Values("folders")
TEXT_OR_FILE = Values("text_or_file")
"""A text, or @FILE."""
COMMANDS = Values("commands")
"""A command, or after one its subcommand."""
SOURCES = Values("sources")
"""A program whose conversations can be imported: in the table, its names are choices."""
KEYS_OF_USAGE = Values("keys_of_usage")
"""What usage can be grouped by; two of them with a comma."""
TIMES = Values("times")
"""A time in words, such as yesterday."""
