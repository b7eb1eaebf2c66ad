"""How fast convo is, beside the OpenAI Agents SDK's own classes and plain `sqlite3`.

`python -m benchmarks` measures; `command.py` says with which options. `workloads.py` holds what is
timed, `subjects.py` what it is timed on, and `targets.py` what has to come out.
"""
