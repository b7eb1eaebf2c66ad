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
            case --after --agent --api --as --attach --base-url --branch --context --cwd --db --env --format --from --header --instructions --key-variable --limit --match --max-turns --mcp --mcp-config --model --needs-approval --option --output --param --project --prompt --schema --session --since --template --timeout --transport --turn --without-approval -a -b -i -m -n -o -p -s -t
                set expected yes
            case '-*'
            case '*'
                set -l longer (string join ' ' $path $word)
                if contains -- $longer 'chat' 'retry' 'continue' 'status' 'turns' 'log' 'show' 'diff' 'search' 'tools' 'usage' 'sessions' 'list' 'branch' 'branches' 'switch' 'rename' 'delete' 'rm' 'undo' 'restore' 'session' 'session list' 'session new' 'session use' 'session rename' 'session delete' 'session info' 'export' 'import' 'db' 'db path' 'db check' 'db backup' 'db gc' 'help' 'config' 'config path' 'config list' 'config get' 'config set' 'config unset' 'config edit' 'server' 'server add' 'server list' 'server remove' 'server check' 'key' 'key set' 'key list' 'key remove' 'models' 'alias' 'alias set' 'alias list' 'alias remove' 'template' 'template save' 'template list' 'template show' 'template edit' 'template delete' 'mcp' 'mcp add' 'mcp remove' 'mcp list' 'mcp tools' 'completion'
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

complete -c convo -l db -r -F -d 'The database file'
complete -c convo -s s -l session -x -d 'The session to work on; the current one if not given'
complete -c convo -s b -l branch -x -d 'The branch to work on; the session\'s current one if not given'
complete -c convo -l json -d 'Write JSON: short for --format json'
complete -c convo -l format -x -a 'table json jsonl csv tsv' -d 'The format of data: table, json, jsonl, csv or tsv'
complete -c convo -s q -l quiet -d 'Write nothing but errors to stderr'
complete -c convo -l debug -d 'Show the traceback of an error'
complete -c convo -l version -d 'Show the version and exit'
complete -c convo -s h -l help -d 'Show this message and exit'

complete -c convo -n '__convo_at \'\'' -a chat -d 'Ask a model, and store the turn'
complete -c convo -n '__convo_at \'\'' -a retry -d 'Ask a failed prompt again, or the last turn in a new branch'
complete -c convo -n '__convo_at \'\'' -a continue -d 'Ask the model to continue an answer that was cut off'
complete -c convo -n '__convo_at \'\'' -a status -d 'Show where you are: the database, the session, the branch, and who answers'
complete -c convo -n '__convo_at \'\'' -a turns -d 'List the turns of a branch, with their prompts and costs'
complete -c convo -n '__convo_at \'\'' -a log -d 'List the turns of a branch, with their prompts and costs'
complete -c convo -n '__convo_at \'\'' -a show -d 'Show the messages of a branch, with tool calls and outputs'
complete -c convo -n '__convo_at \'\'' -a diff -d 'Show two branches side by side, from where they diverge'
complete -c convo -n '__convo_at \'\'' -a search -d 'Search prompts and answers of every session, or of the one that -s names'
complete -c convo -n '__convo_at \'\'' -a tools -d 'List the tool calls of a branch, by turn'
complete -c convo -n '__convo_at \'\'' -a usage -d 'Show the tokens used by the session, or with -b by one branch'
complete -c convo -n '__convo_at \'\'' -a sessions -d 'List the sessions of the database; * marks the current one'
complete -c convo -n '__convo_at \'\'' -a list -d 'List turns, branches, sessions or tools'
complete -c convo -n '__convo_at \'\'' -a branch -d 'Create a branch from a turn, and switch to it'
complete -c convo -n '__convo_at \'\'' -a branches -d 'List the branches of the session; * marks the current one'
complete -c convo -n '__convo_at \'\'' -a switch -d 'Make another branch the current one'
complete -c convo -n '__convo_at \'\'' -a rename -d 'Rename a branch'
complete -c convo -n '__convo_at \'\'' -a delete -d 'Delete branches'
complete -c convo -n '__convo_at \'\'' -a rm -d 'Delete branches'
complete -c convo -n '__convo_at \'\'' -a undo -d 'Undo the last N turns of the branch'
complete -c convo -n '__convo_at \'\'' -a restore -d 'Bring back what `undo`, `delete` or `session delete` removed'
complete -c convo -n '__convo_at \'\'' -a session -d 'List, create, switch, describe, rename and delete sessions'
complete -c convo -n '__convo_at \'\'' -a export -d 'Write a branch as Markdown, JSON, JSON Lines or HTML'
complete -c convo -n '__convo_at \'\'' -a import -d 'Import the conversations of another program; again takes only what is new'
complete -c convo -n '__convo_at \'\'' -a db -d 'Find, check, back up and clean up the database'
complete -c convo -n '__convo_at \'\'' -a help -d 'Show the help of a command, or list all commands'
complete -c convo -n '__convo_at \'\'' -a config -d 'Show and change config.toml: model, database, colours and so on'
complete -c convo -n '__convo_at \'\'' -a server -d 'Give servers names, so that `-m local/qwen3` asks one of them'
complete -c convo -n '__convo_at \'\'' -a key -d 'Keep the keys of servers in a file of your own, or in the system\'s keyring'
complete -c convo -n '__convo_at \'\'' -a models -d 'List the models that servers offer; * marks the one that a new session asks'
complete -c convo -n '__convo_at \'\'' -a alias -d 'Give models short names'
complete -c convo -n '__convo_at \'\'' -a template -d 'Save prompts, instructions and options for `convo chat -t NAME`'
complete -c convo -n '__convo_at \'\'' -a mcp -d 'List, add and remove MCP servers, and see their tools'
complete -c convo -n '__convo_at \'\'' -a completion -d 'Print the completion script for a shell'

complete -c convo -n '__convo_at \'chat\'' -s m -l model -x -d 'The model to ask; `echo` answers offline'
complete -c convo -n '__convo_at \'chat\'' -l base-url -x -d 'An OpenAI-compatible server to ask instead of OpenAI'
complete -c convo -n '__convo_at \'chat\'' -l api -x -a 'responses chat' -d 'The API the server speaks, responses or chat; chat with --base-url'
complete -c convo -n '__convo_at \'chat\'' -s i -l instructions -x -d 'Instructions that go before the conversation'
complete -c convo -n '__convo_at \'chat\'' -s a -l agent -x -d 'An agent of the Agents SDK with its tools and handoffs, or a function that makes it'
complete -c convo -n '__convo_at \'chat\'' -l no-agent -d 'Go on without the agent that the session was started with'
complete -c convo -n '__convo_at \'chat\'' -l context -x -d 'The context for the agent\'s tools: an object in a file, or JSON'
complete -c convo -n '__convo_at \'chat\'' -s t -l template -x -d 'A template to ask with: its instructions, model, agent and the rest'
complete -c convo -n '__convo_at \'chat\'' -s p -l param -x -d 'The value of $NAME in the template; repeatable'
complete -c convo -n '__convo_at \'chat\'' -l no-template -d 'Go on without the template that the session was started with'
complete -c convo -n '__convo_at \'chat\'' -s o -l option -x -d 'A setting of the model, such as temperature=0.2 or reasoning.effort=low; repeatable'
complete -c convo -n '__convo_at \'chat\'' -l schema -x -d 'A JSON Schema that the answer has to fit, or fields: \'name, age int, tags list\''
complete -c convo -n '__convo_at \'chat\'' -l mcp -x -d 'An MCP server of the configuration, whose tools the model can call; repeatable'
complete -c convo -n '__convo_at \'chat\'' -l mcp-config -r -F -d 'A JSON file with `mcpServers`, as other programs have; all of them without --mcp'
complete -c convo -n '__convo_at \'chat\'' -l no-mcp -d 'Go on without the MCP servers of the session'
complete -c convo -n '__convo_at \'chat\'' -l max-turns -x -d 'How often the model may be called for one answer'
complete -c convo -n '__convo_at \'chat\'' -l timeout -x -d 'How long the model may be silent'
complete -c convo -n '__convo_at \'chat\'' -l no-stream -d 'Write the answer when it is complete'
complete -c convo -n '__convo_at \'chat\'' -l trace -d 'Send a trace of the run to OpenAI'
complete -c convo -n '__convo_at \'chat\'' -l attach -x -d 'An image, a PDF or a text to send with the prompt, - for stdin; repeatable'
complete -c convo -n '__convo_at \'chat\'' -l raw -d 'Write the answer unrendered, as the model wrote it, on a terminal too'
complete -c convo -n '__convo_at \'chat\'' -s x -l extract -d 'Write only the first code block of the answer'
complete -c convo -n '__convo_at \'chat\'' -s X -l extract-last -d 'Write only the last code block of the answer'
complete -c convo -n '__convo_at \'chat\'' -l new -d 'Start a new session, named after its first prompt'
complete -c convo -n '__convo_at \'chat\'' -s c -l continue -d 'Go on with the current session, as without this option'
complete -c convo -n '__convo_at \'chat\'' -l turn -x -d 'Replace turn N, in a new branch; -1 is the last'
complete -c convo -n '__convo_at \'chat\'' -l no-switch -d 'Leave the current session and branch current'
complete -c convo -n '__convo_at \'chat\'' -l no-stdin -d 'Leave stdin unread, as in a loop that reads it'

complete -c convo -n '__convo_at \'retry\'' -s m -l model -x -d 'The model to ask; `echo` answers offline'
complete -c convo -n '__convo_at \'retry\'' -l base-url -x -d 'An OpenAI-compatible server to ask instead of OpenAI'
complete -c convo -n '__convo_at \'retry\'' -l api -x -a 'responses chat' -d 'The API the server speaks, responses or chat; chat with --base-url'
complete -c convo -n '__convo_at \'retry\'' -s i -l instructions -x -d 'Instructions that go before the conversation'
complete -c convo -n '__convo_at \'retry\'' -s a -l agent -x -d 'An agent of the Agents SDK with its tools and handoffs, or a function that makes it'
complete -c convo -n '__convo_at \'retry\'' -l no-agent -d 'Go on without the agent that the session was started with'
complete -c convo -n '__convo_at \'retry\'' -l context -x -d 'The context for the agent\'s tools: an object in a file, or JSON'
complete -c convo -n '__convo_at \'retry\'' -s t -l template -x -d 'A template to ask with: its instructions, model, agent and the rest'
complete -c convo -n '__convo_at \'retry\'' -s p -l param -x -d 'The value of $NAME in the template; repeatable'
complete -c convo -n '__convo_at \'retry\'' -l no-template -d 'Go on without the template that the session was started with'
complete -c convo -n '__convo_at \'retry\'' -s o -l option -x -d 'A setting of the model, such as temperature=0.2 or reasoning.effort=low; repeatable'
complete -c convo -n '__convo_at \'retry\'' -l schema -x -d 'A JSON Schema that the answer has to fit, or fields: \'name, age int, tags list\''
complete -c convo -n '__convo_at \'retry\'' -l mcp -x -d 'An MCP server of the configuration, whose tools the model can call; repeatable'
complete -c convo -n '__convo_at \'retry\'' -l mcp-config -r -F -d 'A JSON file with `mcpServers`, as other programs have; all of them without --mcp'
complete -c convo -n '__convo_at \'retry\'' -l no-mcp -d 'Go on without the MCP servers of the session'
complete -c convo -n '__convo_at \'retry\'' -l max-turns -x -d 'How often the model may be called for one answer'
complete -c convo -n '__convo_at \'retry\'' -l timeout -x -d 'How long the model may be silent'
complete -c convo -n '__convo_at \'retry\'' -l no-stream -d 'Write the answer when it is complete'
complete -c convo -n '__convo_at \'retry\'' -l trace -d 'Send a trace of the run to OpenAI'
complete -c convo -n '__convo_at \'retry\'' -l drop -d 'Drop the prompts N…, or all of them, instead of asking again'
complete -c convo -n '__convo_at \'retry\'' -l keep -d 'Store the part of the answer that arrived, instead of asking'
complete -c convo -n '__convo_at \'retry\'' -l last -d 'Ask the last turn again, even if prompts wait'
complete -c convo -n '__convo_at \'retry\'' -l from-start -d 'Run everything again, including tools that have already run'
complete -c convo -n '__convo_at \'retry\'' -l raw -d 'Write the answer unrendered, as the model wrote it, on a terminal too'
complete -c convo -n '__convo_at \'retry\'' -l no-switch -d 'Leave the current session and branch current'

complete -c convo -n '__convo_at \'continue\'' -s m -l model -x -d 'The model to ask; `echo` answers offline'
complete -c convo -n '__convo_at \'continue\'' -l base-url -x -d 'An OpenAI-compatible server to ask instead of OpenAI'
complete -c convo -n '__convo_at \'continue\'' -l api -x -a 'responses chat' -d 'The API the server speaks, responses or chat; chat with --base-url'
complete -c convo -n '__convo_at \'continue\'' -s i -l instructions -x -d 'Instructions that go before the conversation'
complete -c convo -n '__convo_at \'continue\'' -s a -l agent -x -d 'An agent of the Agents SDK with its tools and handoffs, or a function that makes it'
complete -c convo -n '__convo_at \'continue\'' -l no-agent -d 'Go on without the agent that the session was started with'
complete -c convo -n '__convo_at \'continue\'' -l context -x -d 'The context for the agent\'s tools: an object in a file, or JSON'
complete -c convo -n '__convo_at \'continue\'' -s t -l template -x -d 'A template to ask with: its instructions, model, agent and the rest'
complete -c convo -n '__convo_at \'continue\'' -s p -l param -x -d 'The value of $NAME in the template; repeatable'
complete -c convo -n '__convo_at \'continue\'' -l no-template -d 'Go on without the template that the session was started with'
complete -c convo -n '__convo_at \'continue\'' -s o -l option -x -d 'A setting of the model, such as temperature=0.2 or reasoning.effort=low; repeatable'
complete -c convo -n '__convo_at \'continue\'' -l schema -x -d 'A JSON Schema that the answer has to fit, or fields: \'name, age int, tags list\''
complete -c convo -n '__convo_at \'continue\'' -l mcp -x -d 'An MCP server of the configuration, whose tools the model can call; repeatable'
complete -c convo -n '__convo_at \'continue\'' -l mcp-config -r -F -d 'A JSON file with `mcpServers`, as other programs have; all of them without --mcp'
complete -c convo -n '__convo_at \'continue\'' -l no-mcp -d 'Go on without the MCP servers of the session'
complete -c convo -n '__convo_at \'continue\'' -l max-turns -x -d 'How often the model may be called for one answer'
complete -c convo -n '__convo_at \'continue\'' -l timeout -x -d 'How long the model may be silent'
complete -c convo -n '__convo_at \'continue\'' -l no-stream -d 'Write the answer when it is complete'
complete -c convo -n '__convo_at \'continue\'' -l trace -d 'Send a trace of the run to OpenAI'
complete -c convo -n '__convo_at \'continue\'' -l raw -d 'Write the answer unrendered, as the model wrote it, on a terminal too'

complete -c convo -n '__convo_at \'turns\'' -s n -l limit -x -d 'The newest N turns; 0 for all'

complete -c convo -n '__convo_at \'log\'' -s n -l limit -x -d 'The newest N turns; 0 for all'

complete -c convo -n '__convo_at \'show\'' -l raw -d 'Write Markdown unrendered; to a file, with its control characters'
complete -c convo -n '__convo_at \'show\'' -l waiting -d 'List the prompts that wait for `convo retry`, or show the one numbered TURN'
complete -c convo -n '__convo_at \'show\'' -l no-pager -d 'Do not use a pager, however long the output is'

complete -c convo -n '__convo_at \'diff\'' -l no-pager -d 'Do not use a pager, however long the output is'

complete -c convo -n '__convo_at \'search\'' -s n -l limit -x -d 'The best N matches; 0 is all'
complete -c convo -n '__convo_at \'search\'' -l from -x -d 'Only sessions imported from that program, as codex'

complete -c convo -n '__convo_at \'usage\'' -l by-turn -d 'A row for every turn'
complete -c convo -n '__convo_at \'usage\'' -l by-branch -d 'A row for every branch'
complete -c convo -n '__convo_at \'usage\'' -s n -l limit -x -d 'The newest N turns; 0 for all'

complete -c convo -n '__convo_at \'sessions\'' -s n -l limit -x -d 'The newest N sessions; 0 for all'
complete -c convo -n '__convo_at \'sessions\'' -l from -x -d 'Only sessions imported from that program, as codex'

complete -c convo -n '__convo_at \'list\'' -a turns
complete -c convo -n '__convo_at \'list\'' -a branches
complete -c convo -n '__convo_at \'list\'' -a sessions
complete -c convo -n '__convo_at \'list\'' -a tools

complete -c convo -n '__convo_at \'branch\'' -l turn -x -d 'Keep the turns before turn N; the next message replaces it'
complete -c convo -n '__convo_at \'branch\'' -l after -x -d 'Keep the turns up to and including turn N'
complete -c convo -n '__convo_at \'branch\'' -l match -x -d 'Like --turn, for the first turn that contains TEXT'
complete -c convo -n '__convo_at \'branch\'' -l no-switch -d 'Leave the current session and branch current'

complete -c convo -n '__convo_at \'branches\'' -l tree -d 'Draw the tree of branches, with the prompt of each turn'


complete -c convo -n '__convo_at \'delete\'' -l force -d 'Delete the current branch too; main is then current'

complete -c convo -n '__convo_at \'rm\'' -l force -d 'Delete the current branch too; main is then current'

complete -c convo -n '__convo_at \'restore\'' -l list -d 'List what can be restored, and restore nothing'

complete -c convo -n '__convo_at \'session\'' -a list -d 'List the sessions of the database; * marks the current one'
complete -c convo -n '__convo_at \'session\'' -a new -d 'Create an empty session and make it the current one'
complete -c convo -n '__convo_at \'session\'' -a use -d 'Make another session the current one'
complete -c convo -n '__convo_at \'session\'' -a rename -d 'Rename a session'
complete -c convo -n '__convo_at \'session\'' -a delete -d 'Delete a session with all its branches'
complete -c convo -n '__convo_at \'session\'' -a info -d 'Show the size of a session, and its last model and agent'

complete -c convo -n '__convo_at \'session list\'' -s n -l limit -x -d 'The newest N sessions; 0 for all'
complete -c convo -n '__convo_at \'session list\'' -l from -x -d 'Only sessions imported from that program, as codex'

complete -c convo -n '__convo_at \'session new\'' -l no-switch -d 'Leave the current session and branch current'


complete -c convo -n '__convo_at \'session delete\'' -l force -d 'Delete it without asking'

complete -c convo -n '__convo_at \'export\'' -l format -x -a 'md json jsonl html' -d 'md, json, jsonl or html; from the name of the file if not given, else md'
complete -c convo -n '__convo_at \'export\'' -s o -l output -r -F -d 'The file; stdout if not given'
complete -c convo -n '__convo_at \'export\'' -l all-branches -d 'All branches of the session; for html'
complete -c convo -n '__convo_at \'export\'' -l force -d 'Overwrite an existing file'

complete -c convo -n '__convo_at \'import\'' -l list -d 'List the sources found on this machine, and what is new'
complete -c convo -n '__convo_at \'import\'' -l dry-run -d 'Say what would be imported, and store nothing'
complete -c convo -n '__convo_at \'import\'' -l since -x -d 'Only sessions with a turn since then: 2026-11-01, 7d'
complete -c convo -n '__convo_at \'import\'' -l project -x -d 'Only sessions about that folder'
complete -c convo -n '__convo_at \'import\'' -l as -x -d 'Begin the names of the sessions with this'

complete -c convo -n '__convo_at \'db\'' -a path -d 'Print the path of the database file, even if it does not exist'
complete -c convo -n '__convo_at \'db\'' -a check -d 'List the problems of the database, if there are any'
complete -c convo -n '__convo_at \'db\'' -a backup -d 'Copy the database to FILE, and verify the copy'
complete -c convo -n '__convo_at \'db\'' -a gc -d 'Delete for good what could be restored, and free its space'

complete -c convo -n '__convo_at \'db check\'' -l repair -d 'Repair what can be repaired without deleting a message'

complete -c convo -n '__convo_at \'db backup\'' -l force -d 'Overwrite an existing file'

complete -c convo -n '__convo_at \'db gc\'' -l force -d 'Remove without asking'
complete -c convo -n '__convo_at \'db gc\'' -l all -d 'Remove the search index too, with words of removed messages'

complete -c convo -n '__convo_at \'config\'' -a path -d 'Print the path of config.toml, even if it does not exist'
complete -c convo -n '__convo_at \'config\'' -a list -d 'List the values in effect'
complete -c convo -n '__convo_at \'config\'' -a get -d 'Print the value in effect; exit code 3 if there is none'
complete -c convo -n '__convo_at \'config\'' -a set -d 'Set a key in config.toml, and leave the rest of the file unchanged'
complete -c convo -n '__convo_at \'config\'' -a unset -d 'Remove a key, or a whole table, from config.toml'
complete -c convo -n '__convo_at \'config\'' -a edit -d 'Open config.toml in $VISUAL or $EDITOR, and check it afterwards'

complete -c convo -n '__convo_at \'config list\'' -l origin -d 'Say where each value comes from'



complete -c convo -n '__convo_at \'server\'' -a add -d 'Name a server'
complete -c convo -n '__convo_at \'server\'' -a list -d 'List the named servers, and where the key of each comes from'
complete -c convo -n '__convo_at \'server\'' -a remove -d 'Remove a server and its stored key'
complete -c convo -n '__convo_at \'server\'' -a check -d 'Check that servers respond and accept their keys'

complete -c convo -n '__convo_at \'server add\'' -l api -x -a 'responses chat' -d 'The API the server speaks, responses or chat; chat with --base-url'
complete -c convo -n '__convo_at \'server add\'' -l key-variable -x -d 'The environment variable with its key; NAME_API_KEY if not given'
complete -c convo -n '__convo_at \'server add\'' -l force -d 'Replace a server of that name'



complete -c convo -n '__convo_at \'key\'' -a set -d 'Read a key from the terminal or a pipe, and store it'
complete -c convo -n '__convo_at \'key\'' -a list -d 'List the servers that have a key, and where it is stored'
complete -c convo -n '__convo_at \'key\'' -a remove -d 'Remove the stored key of a server'

complete -c convo -n '__convo_at \'key set\'' -l keyring -d 'Keep it in the system\'s keyring instead'



complete -c convo -n '__convo_at \'alias\'' -a set -d 'Set a short name, to be used wherever a model is named'
complete -c convo -n '__convo_at \'alias\'' -a list -d 'List the short names and their models'
complete -c convo -n '__convo_at \'alias\'' -a remove -d 'Remove a short name'



complete -c convo -n '__convo_at \'template\'' -a save -d 'Save a template'
complete -c convo -n '__convo_at \'template\'' -a list -d 'List the templates'
complete -c convo -n '__convo_at \'template\'' -a show -d 'Show a template as it is in config.toml'
complete -c convo -n '__convo_at \'template\'' -a edit -d 'Edit a template in $VISUAL or $EDITOR'
complete -c convo -n '__convo_at \'template\'' -a delete -d 'Delete a template'

complete -c convo -n '__convo_at \'template save\'' -s i -l instructions -x -d 'Instructions that go before the conversation'
complete -c convo -n '__convo_at \'template save\'' -l prompt -x -d 'The prompt; a typed one is added below it'
complete -c convo -n '__convo_at \'template save\'' -s m -l model -x -d 'The model to ask; `echo` answers offline'
complete -c convo -n '__convo_at \'template save\'' -s o -l option -x -d 'A setting of the model, such as temperature=0.2 or reasoning.effort=low; repeatable'
complete -c convo -n '__convo_at \'template save\'' -s a -l agent -x -d 'An agent of the Agents SDK with its tools and handoffs, or a function that makes it'
complete -c convo -n '__convo_at \'template save\'' -l mcp -x -d 'An MCP server of the configuration, whose tools the model can call; repeatable'
complete -c convo -n '__convo_at \'template save\'' -l schema -x -d 'A JSON Schema that the answer has to fit, or fields: \'name, age int, tags list\''
complete -c convo -n '__convo_at \'template save\'' -l force -d 'Replace an existing template'



complete -c convo -n '__convo_at \'mcp\'' -a add -d 'Add an MCP server: one at a URL, or a program'
complete -c convo -n '__convo_at \'mcp\'' -a remove -d 'Remove an MCP server from the configuration'
complete -c convo -n '__convo_at \'mcp\'' -a list -d 'List the MCP servers of the configuration, or of a file'
complete -c convo -n '__convo_at \'mcp\'' -a tools -d 'Start MCP servers, and list their tools'

complete -c convo -n '__convo_at \'mcp add\'' -l env -x -d 'A variable for the program; \'$NAME\' is one of yours'
complete -c convo -n '__convo_at \'mcp add\'' -l header -x -d 'An HTTP header for the server, with \'$NAME\' as in --env'
complete -c convo -n '__convo_at \'mcp add\'' -l cwd -x -d 'The folder to start the program in'
complete -c convo -n '__convo_at \'mcp add\'' -l transport -x -a 'http sse' -d 'The transport for a URL: http, or sse'
complete -c convo -n '__convo_at \'mcp add\'' -l without-approval -x -d 'A tool that is called without asking'
complete -c convo -n '__convo_at \'mcp add\'' -l needs-approval -x -a 'always never' -d 'Whether to ask before calls: always, or never'
complete -c convo -n '__convo_at \'mcp add\'' -l force -d 'Replace a server of that name'

complete -c convo -n '__convo_at \'mcp list\'' -l mcp-config -r -F -d 'A JSON file with `mcpServers`, as other programs have; all of them without --mcp'

complete -c convo -n '__convo_at \'mcp tools\'' -l mcp-config -r -F -d 'A JSON file with `mcpServers`, as other programs have; all of them without --mcp'

complete -c convo -n '__convo_at \'completion\'' -a bash
complete -c convo -n '__convo_at \'completion\'' -a zsh
complete -c convo -n '__convo_at \'completion\'' -a fish
