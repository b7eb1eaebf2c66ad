"""Runs the turns of agents: all code that knows the Agents SDK.

The SDK takes a second or two to load, so these modules are imported only for a turn that needs
them; see `convo_cli.plain.needs`.

    runner   runs one turn                         -> turn_session, models, events, usage
    models   from a choice to a model of the SDK   -> echo, client
    faults   from any error to a one-line message
"""
