"""The completion script for fish."""

from convo_cli.shells.words import CommandWords, OptionWords

_HEAD = """\
# fish completion for convo, made by `convo completion fish`

# The commands on the line so far, as in "session list".
function __convo_path
    set -l path
    set -l expected no
    for word in (commandline -opc)[2..-1]
        if test $expected = yes
            set expected no
            continue
        end
        switch $word
            case {value_options}
                set expected yes
            case '-*'
            case '*'
                set -l longer (string join ' ' $path $word)
                if contains -- $longer {commands}
                    set path $longer
                end
        end
    end
    string join ' ' $path
end

function __convo_at
    test "$(__convo_path)" = "$argv[1]"
end

complete -c convo -f
"""


def script(root: CommandWords) -> str:
    """The script, to be sourced or put where fish looks for it."""
    commands = list(root.everything())
    lines = [
        _HEAD.format(
            value_options=" ".join(root.value_options()),
            commands=" ".join(_quoted(" ".join(command.path)) for command in commands[1:]),
        )
    ]
    lines += [_option("", option) for option in root.common]
    for command in commands:
        at = f"-n {_quoted('__convo_at ' + _quoted(' '.join(command.path)))} "
        lines.append("")
        lines += [
            f"complete -c convo {at}-a {child.path[-1]} -d {_quoted(child.help)}"
            for child in command.commands
        ]
        lines += [f"complete -c convo {at}-a {value}" for value in command.values]
        lines += [_option(at, option) for option in command.options]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _option(at: str, option: OptionWords) -> str:
    names = " ".join(
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
    )
    value = ""
    if option.is_path:
        value = " -r -F"
    elif option.takes_value:
        value = f" -x -a {_quoted(' '.join(option.values))}" if option.values else " -x"
    return f"complete -c convo {at}{names}{value} -d {_quoted(option.help)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
