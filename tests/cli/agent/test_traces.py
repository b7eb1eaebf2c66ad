"""Traces are exported if they are wanted, and nothing is made for them otherwise."""

from __future__ import annotations

from unittest import mock

import pytest
from agents.tracing import setup
from agents.tracing.processors import default_processor

from convo_cli.agent import traces


@pytest.fixture(autouse=True)
def _as_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "GLOBAL_TRACE_PROVIDER", None)
    monkeypatch.setattr(traces, "_silent", None)


def _exports() -> int:
    provider = setup.GLOBAL_TRACE_PROVIDER
    assert provider is not None
    processor = default_processor()
    with mock.patch.object(processor, "on_trace_start") as started, provider.create_trace("test"):
        pass
    return started.call_count


def test_without_traces_no_exporter_is_made() -> None:
    with mock.patch("agents.tracing.processors.default_processor") as exporting:
        traces.trace(False)
    assert exporting.call_count == 0
    assert setup.GLOBAL_TRACE_PROVIDER is not None


def test_traces_can_be_wanted_later() -> None:
    traces.trace(False)
    assert _exports() == 0
    traces.trace(True)
    assert _exports() == 1
    traces.trace(False)
    assert _exports() == 0


def test_a_provider_of_an_agent_is_kept() -> None:
    own = mock.Mock()
    setup.set_trace_provider(own)
    traces.trace(False)
    assert setup.GLOBAL_TRACE_PROVIDER is own
    own.set_disabled.assert_called_with(True)
