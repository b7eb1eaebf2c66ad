"""Runs turns that need neither an agent nor the Agents SDK, which is slow to load.

`needs` decides which turns these are; `host` runs them, as the host of `convo_cli.agent` runs the
others. Both make their requests and read their answers with `convo_cli.wire`.
"""
