"""Running one turn: everything that knows the Agents SDK.

`choice` says in light words which model to ask and what happened; the rest imports the SDK, which
takes a second or two, and is therefore imported only once a turn is about to run.

    choice   which model, and what a running turn tells        (light)
    runner   runs one turn                                     -> held, models, events, usage
    models   from a choice to a model of the SDK               -> echo, wire
    faults   from whatever went wrong to one clear line        -> redact
"""
