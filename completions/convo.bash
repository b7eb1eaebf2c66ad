# bash completion for convo: what `convo completion bash` prints.
# It needs no other package, and runs on the bash 3.2 of macOS.

_convo() {
    local line=${COMP_LINE:0:COMP_POINT} mode part attempt
    local IFS=$' \t\n'
    for attempt in 1 2; do
        COMPREPLY=()
        # The program says once how it answers fastest. Another PATH may lead to another program.
        if [[ ${_convo_path-} != "$PATH" ]]; then
            _convo_path=$PATH _convo_command=()
            while IFS= read -r -d '' part; do
                _convo_command[${#_convo_command[@]}]=$part
            done < <(command convo __complete command 2>/dev/null </dev/null)
        fi
        [[ ${#_convo_command[@]} -gt 0 ]] || { _convo_path=; return; }
        {
            IFS= read -r -d '' mode && attempt=2
            while IFS= read -r -d '' part; do
                COMPREPLY[${#COMPREPLY[@]}]=$part
            done
        } < <("${_convo_command[@]}" bash "$line" "$COMP_WORDBREAKS" "${COMP_TYPE-}" \
            "${COLUMNS:-80}" 2>/dev/null </dev/null)
        [[ $attempt == 2 ]] && break
        # It may have been moved by an upgrade.
        _convo_path=
    done
    case $mode in
        files)
            COMPREPLY=()
            compopt -o default 2>/dev/null ||
                { IFS=$'\n'; COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")); } ;;
        folders)
            COMPREPLY=()
            compopt -o dirnames 2>/dev/null ||
                { IFS=$'\n'; COMPREPLY=($(compgen -d -- "${COMP_WORDS[COMP_CWORD]}")); } ;;
        open) compopt -o nospace -o nosort 2>/dev/null ;;
        *) compopt -o nosort 2>/dev/null ;;
    esac
    return 0
}

complete -F _convo convo
