import subprocess
import sys

from convo.pending.processes import Process

_TELL = """
from convo.pending.processes import Process
print(Process.current().began, flush=True)
input()
"""


def test_a_process_runs_until_it_has_ended() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    process = Process("here", child.pid, child.stdout.readline().strip())
    assert process.is_running()
    child.communicate("\n")
    assert not process.is_running()


def test_a_number_that_was_given_again_is_another_process() -> None:
    current = Process.current()
    assert current.is_running()
    assert current.is_here()
    assert not current._replace(began="before").is_running()
    assert not current._replace(host="elsewhere").is_here()
