# bash completion for convo, made by `convo completion bash`

_convo() {
    local cur=${COMP_WORDS[COMP_CWORD]}
    local path= expected= word words i
    local IFS=$' \t\n'

    # Which command this is, and whether the word under the cursor is the value of an option.
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $expected ]]; then
            # bash parts --option=value in three words
            [[ $word == = ]] || expected=
            continue
        fi
        case $word in
            --after|--agent|--api|--as|--attach|--base-url|--branch|--context|--cwd|--db|--env|--format|--from|--header|--instructions|--key-variable|--limit|--match|--max-turns|--mcp|--mcp-config|--model|--needs-approval|--option|--output|--param|--project|--prompt|--schema|--session|--since|--template|--timeout|--transport|--turn|--without-approval|-a|-b|-i|-m|-n|-o|-p|-s|-t)
                expected=$word ;;
            -*) ;;
            *)
                case "$path $word" in
                    " chat"|" retry"|" continue"|" status"|" turns"|" log"|" show"|" diff"|" search"|" tools"|" usage"|" sessions"|" list"|" branch"|" branches"|" switch"|" rename"|" delete"|" rm"|" undo"|" restore"|" session"|" session list"|" session new"|" session use"|" session rename"|" session delete"|" session info"|" export"|" import"|" db"|" db path"|" db check"|" db backup"|" db gc"|" help"|" config"|" config path"|" config list"|" config get"|" config set"|" config unset"|" config edit"|" server"|" server add"|" server list"|" server remove"|" server check"|" key"|" key set"|" key list"|" key remove"|" models"|" alias"|" alias set"|" alias list"|" alias remove"|" template"|" template save"|" template list"|" template show"|" template edit"|" template delete"|" mcp"|" mcp add"|" mcp remove"|" mcp list"|" mcp tools"|" completion")
                        path="$path $word" ;;
                esac ;;
        esac
    done
    [[ $cur == = ]] && cur=

    if [[ $expected ]]; then
        case $expected in
            --db)
                IFS=$'\n'
                COMPREPLY=($(compgen -f -- "$cur"))
                compopt -o filenames 2>/dev/null
                return ;;
            --format) words="table json jsonl csv tsv" ;;
            --api) words="responses chat" ;;
            --mcp-config)
                IFS=$'\n'
                COMPREPLY=($(compgen -f -- "$cur"))
                compopt -o filenames 2>/dev/null
                return ;;
            -o|--output)
                IFS=$'\n'
                COMPREPLY=($(compgen -f -- "$cur"))
                compopt -o filenames 2>/dev/null
                return ;;
            --transport) words="http sse" ;;
            --needs-approval) words="always never" ;;
            *) return ;;
        esac
    elif [[ $cur == -* ]]; then
        case $path in
            "") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " chat") words="-m --model --base-url --api -i --instructions -a --agent --no-agent --context -t --template -p --param --no-template -o --option --schema --mcp --mcp-config --no-mcp --max-turns --timeout --no-stream --trace --attach --raw -x --extract -X --extract-last --new -c --continue --turn --no-switch --no-stdin --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " retry") words="-m --model --base-url --api -i --instructions -a --agent --no-agent --context -t --template -p --param --no-template -o --option --schema --mcp --mcp-config --no-mcp --max-turns --timeout --no-stream --trace --drop --keep --last --from-start --raw --no-switch --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " continue") words="-m --model --base-url --api -i --instructions -a --agent --no-agent --context -t --template -p --param --no-template -o --option --schema --mcp --mcp-config --no-mcp --max-turns --timeout --no-stream --trace --raw --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " status") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " turns") words="-n --limit --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " log") words="-n --limit --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " show") words="--raw --waiting --no-pager --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " diff") words="--no-pager --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " search") words="-n --limit --from --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " tools") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " usage") words="--by-turn --by-branch -n --limit --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " sessions") words="-n --limit --from --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " list") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " branch") words="--turn --after --match --no-switch --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " branches") words="--tree --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " switch") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " rename") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " delete") words="--force --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " rm") words="--force --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " undo") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " restore") words="--list --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " session") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " session list") words="-n --limit --from --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " session new") words="--no-switch --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " session use") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " session rename") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " session delete") words="--force --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " session info") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " export") words="--format -o --output --all-branches --force --db -s --session -b --branch --json -q --quiet --debug --version -h --help" ;;
            " import") words="--list --dry-run --since --project --as --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " db") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " db path") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " db check") words="--repair --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " db backup") words="--force --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " db gc") words="--force --all --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " help") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " config") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " config path") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " config list") words="--origin --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " config get") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " config set") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " config unset") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " config edit") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " server") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " server add") words="--api --key-variable --force --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " server list") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " server remove") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " server check") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " key") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " key set") words="--keyring --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " key list") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " key remove") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " models") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " alias") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " alias set") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " alias list") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " alias remove") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " template") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " template save") words="-i --instructions --prompt -m --model -o --option -a --agent --mcp --schema --force --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " template list") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " template show") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " template edit") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " template delete") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " mcp") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " mcp add") words="--env --header --cwd --transport --without-approval --needs-approval --force --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " mcp remove") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " mcp list") words="--mcp-config --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " mcp tools") words="--mcp-config --db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
            " completion") words="--db -s --session -b --branch --json --format -q --quiet --debug --version -h --help" ;;
        esac
    else
        case $path in
            "") words="chat retry continue status turns log show diff search tools usage sessions list branch branches switch rename delete rm undo restore session export import db help config server key models alias template mcp completion" ;;
            " list") words="turns branches sessions tools" ;;
            " session") words="list new use rename delete info" ;;
            " db") words="path check backup gc" ;;
            " config") words="path list get set unset edit" ;;
            " server") words="add list remove check" ;;
            " key") words="set list remove" ;;
            " alias") words="set list remove" ;;
            " template") words="save list show edit delete" ;;
            " mcp") words="add remove list tools" ;;
            " completion") words="bash zsh fish" ;;
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

complete -F _convo convo
