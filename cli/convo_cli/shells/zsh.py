"""The completion script for zsh."""

from convo_cli.shells.words import CommandWords, OptionWords

_HEAD = """\
#compdef convo
# zsh completion for convo, made by `convo completion zsh`
"""

_COMMON = """
_convo_common=(
{specs}
)
"""

_GROUP = """
{function}() {{
    local curcontext=$curcontext state
    local -a commands=(
{commands}
    )
    _arguments -C $_convo_common '1: :->command' '*:: :->below'
    case $state in
        command) _describe -t commands command commands ;;
        below)
            case $words[1] in
{cases}
            esac ;;
    esac
}}
"""

_LEAF = """
{function}() {{
    _arguments $_convo_common \\
{specs}
}}
"""

_TAIL = """
if [[ $funcstack[1] == _convo ]]; then
    _convo "$@"
else
    compdef _convo convo
fi
"""


def script(root: CommandWords) -> str:
    """The script, to be sourced or put into a folder of `$fpath` as `_convo`."""
    common = "\n".join(f"    {spec}" for option in root.common for spec in _specs(option))
    # Last comes the function that the file is named after: it is the one that zsh calls.
    functions = [_function(command) for command in reversed(list(root.everything()))]
    return _HEAD + _COMMON.format(specs=common) + "".join(functions) + _TAIL


def _function(command: CommandWords) -> str:
    if not command.commands:
        specs = [spec for option in command.options for spec in _specs(option)]
        values = f"({' '.join(command.values)})" if command.values else ""
        specs.append(_quoted(f"{'1' if values else '*'}: :{values}"))
        return _LEAF.format(
            function=_name(command), specs=" \\\n".join(f"        {spec}" for spec in specs)
        )
    children = command.commands
    return _GROUP.format(
        function=_name(command),
        commands="\n".join(
            f"        {_quoted(child.path[-1] + ':' + child.help)}" for child in children
        ),
        cases="\n".join(
            f"                {child.path[-1]}) {_name(child)} ;;" for child in children
        ),
    )


def _name(command: CommandWords) -> str:
    return "_".join(["_convo", *command.path])


def _specs(option: OptionWords) -> list[str]:
    """One specification for each name; giving one name rules the others out."""
    others = f"({' '.join(option.names)})" if len(option.names) > 1 else ""
    value = ""
    if option.is_path:
        value = ":path:_files"
    elif option.takes_value:
        value = f":value:({' '.join(option.values)})" if option.values else ":value: "
    help_text = option.help.replace("[", "\\[").replace("]", "\\]")
    return [
        _quoted(
            f"{others}{name}{'=' if value and name.startswith('--') else ''}[{help_text}]{value}"
        )
        for name in option.names
    ]


def _quoted(text: str) -> str:
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"
