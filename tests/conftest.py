"""Fixtures that every folder of tests may use."""

from tests.server.fixtures import openai_server

__all__ = ["openai_server"]
