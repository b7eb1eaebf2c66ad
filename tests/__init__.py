"""Tests, as a package, so that helpers are imported by name: `from tests.server import ...`."""
