# fish completion for convo: what `convo completion fish` prints.

# Asks the program, and puts its answer into __convo_answer. fish calls this before the others
# below: it begins with the last line that it was given.
function __convo_ask
    # fish 4 expands variables here; an older one knows no -x.
    set -l words (commandline -pxc 2>/dev/null)
    or set words (commandline -opc)
    while string match -qr '^\w+=' -- $words[1]
        set -e words[1]
    end
    set -e words[1]
    set -l token (commandline -ct)
    set -g __convo_answer
    set -g __convo_mode
    for attempt in 1 2
        # The program says once how it answers fastest. Another PATH may lead to another program.
        if test "$__convo_path" != "$PATH"
            set -g __convo_path "$PATH"
            set -g __convo_command (command convo __complete command 2>/dev/null </dev/null | string split0)
        end
        if test (count $__convo_command) -eq 0
            set -e __convo_path
            return 1
        end
        set __convo_answer ($__convo_command fish "$token" $words 2>/dev/null </dev/null | string split0)
        test (count $__convo_answer) -gt 0; and break
        # It may have been moved by an upgrade.
        set -e __convo_path
    end
    set __convo_mode $__convo_answer[1]
    set -e __convo_answer[1]
    switch "$__convo_mode"
        case files
            set __convo_answer
            return 1
        case folders
            set __convo_answer (__fish_complete_directories "$token")
    end
    return 0
end

function __convo_wants_file
    test "$__convo_mode" = files
end

complete -c convo -e
complete -c convo -f
complete -c convo -n __convo_wants_file -F
complete -c convo -k -n __convo_ask -a '$__convo_answer'
