"""Turns the SDK's traces on and off."""

from agents import add_trace_processor, set_trace_provider, set_tracing_disabled
from agents.tracing import setup
from agents.tracing.processors import default_processor
from agents.tracing.provider import DefaultTraceProvider

_silent: DefaultTraceProvider | None = None
"""The provider that exports nothing, as long as no turn has wanted traces."""


def trace(is_wanted: bool) -> None:
    """Export traces from now on, or none: also none that an agent's own code makes.

    Without traces no exporter is made: its HTTP client would refuse a proxy or a certificate that
    cannot be used, even if no request needs them.
    """
    global _silent
    if is_wanted and _silent is not None and setup.GLOBAL_TRACE_PROVIDER is _silent:
        add_trace_processor(default_processor())
        _silent = None
    elif not is_wanted and setup.GLOBAL_TRACE_PROVIDER is None:
        _silent = DefaultTraceProvider()
        set_trace_provider(_silent)
    set_tracing_disabled(not is_wanted)
