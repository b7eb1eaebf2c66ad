"""Plain questions: asked of a model without an agent, and without the Agents SDK, slow to load.

`needs` says which turns go without; `host` runs them, beside the host of `convo_cli.agent`. What is
sent and what comes in is made and read in `convo_cli.wire`, for both.
"""
