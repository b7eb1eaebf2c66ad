"""Runs commands for `processes.py`, in a process that needs next to no memory itself.

The system counts what a process was before it became the command, which is a copy of the one that
started it, as part of the command's peak: the benchmarks would hide what a small command needs.

Run as a script. A line of stdin is `[argv, environment, file for stderr]`, a line of stdout
`[exit code, seconds, seconds of the processor, peak]`.
"""

import json
import os
import sys
import time

for line in sys.stdin:
    argv, environ, errors = json.loads(line)
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    begun = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, environ, file_actions=files)
    _, status, used = os.wait4(pid, 0)
    taken = time.perf_counter() - begun
    # Linux counts in kilobytes, macOS in bytes.
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    spent = used.ru_utime + used.ru_stime
    print(json.dumps([os.waitstatus_to_exitcode(status), taken, spent, peak]), flush=True)
