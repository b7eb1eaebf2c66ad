"""Running one turn of an agent: everything that knows the Agents SDK.

The SDK takes a second or two to load: what is here is imported only once a turn is to run that
needs it, see `convo_cli.plain.needs`.

    runner   runs one turn                         -> turn_session, models, events, usage
    models   from a choice to a model of the SDK   -> echo, client
    faults   from whatever went wrong to one clear line
"""
