"""What the fixtures `theirs` and `ours` are: functions that open a session of either class.

Both take the session's name, "talk" where none is given, and the options of the constructor.
"""

from collections.abc import Callable
from typing import TypeAlias

from agents.extensions.memory import AdvancedSQLiteSession as TheirSession

from convo import AdvancedSQLiteSession

OpenTheirs: TypeAlias = Callable[..., TheirSession]
OpenOurs: TypeAlias = Callable[..., AdvancedSQLiteSession]
AnySession: TypeAlias = TheirSession | AdvancedSQLiteSession
