"""Fixtures that every folder of tests may use."""

import os

from tests.server.fixtures import openai_server

# No run of a test is traced: traces go to OpenAI.
os.environ["OPENAI_AGENTS_DISABLE_TRACING"] = "1"

__all__ = ["openai_server"]
