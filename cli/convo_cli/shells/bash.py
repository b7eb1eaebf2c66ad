"""The completion script for bash: plain enough for the bash 3.2 of macOS."""

from convo_cli.shells.words import CommandWords

_SCRIPT = """\
# bash completion for convo, made by `convo completion bash`

_convo() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}}
    local path= expected= word words i
    local IFS=$' \\t\\n'

    # Which command this is, and whether the word under the cursor is the value of an option.
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${{COMP_WORDS[i]}}
        if [[ $expected ]]; then
            # bash parts --option=value in three words
            [[ $word == = ]] || expected=
            continue
        fi
        case $word in
            {value_options})
                expected=$word ;;
            -*) ;;
            *)
                case "$path $word" in
                    {commands})
                        path="$path $word" ;;
                esac ;;
        esac
    done
    [[ $cur == = ]] && cur=

    if [[ $expected ]]; then
        case $expected in
{values}
            *) return ;;
        esac
    elif [[ $cur == -* ]]; then
        case $path in
{options}
        esac
    else
        case $path in
{words}
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}

complete -F _convo convo
"""

_FILES = """\
            {names})
                IFS=$'\\n'
                COMPREPLY=($(compgen -f -- "$cur"))
                compopt -o filenames 2>/dev/null
                return ;;"""


def script(root: CommandWords) -> str:
    """The script, to be sourced or put where bash-completion looks for it."""
    commands = list(root.everything())
    return _SCRIPT.format(
        value_options="|".join(root.value_options()),
        commands="|".join(f'"{_path(command)}"' for command in commands[1:]),
        values="\n".join(_values(root)),
        options="\n".join(
            _case(f'"{_path(command)}"', _option_names(command)) for command in commands
        ),
        words="\n".join(
            _case(f'"{_path(command)}"', words)
            for command in commands
            if (words := [*(child.path[-1] for child in command.commands), *command.values])
        ),
    )


def _path(command: CommandWords) -> str:
    return "".join(f" {word}" for word in command.path)


def _option_names(command: CommandWords) -> list[str]:
    options = (*command.options, *command.common)
    return [name for option in options for name in option.names]


def _values(root: CommandWords) -> list[str]:
    cases: dict[str, str] = {}
    for command in root.everything():
        for option in (*command.options, *command.common):
            names = "|".join(option.names)
            if option.is_path:
                cases[names] = _FILES.format(names=names)
            elif option.values:
                cases[names] = _case(names, list(option.values))
    return list(cases.values())


def _case(pattern: str, words: list[str]) -> str:
    return f'            {pattern}) words="{" ".join(words)}" ;;'
