"""What the server refuses, as the real ones do: status, error body and code.

`responses` and `messages` look at the history, `settings` at what the model takes, `fields` at
what the API knows at all; `profiles` has what is known of servers by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.server.received import Request
from tests.server.steps import Raw
from tests.server.strict.calls import check_text
from tests.server.strict.fields import chat_fields, responses_fields
from tests.server.strict.memory import Memory
from tests.server.strict.messages import message_refusals
from tests.server.strict.profiles import PROFILES, Profile
from tests.server.strict.refusal import RefusedError
from tests.server.strict.responses import responses_refusals
from tests.server.strict.settings import check_chat_settings, check_responses_settings

__all__ = ["PROFILES", "Memory", "Profile", "RefusedError", "refusal", "refusals"]


def refusal(request: Request, profile: Profile, memory: Memory) -> Raw | None:
    """The answer to a request that the server does not take, None where it takes it."""
    checks = profile.checks()
    for found in refusals(request, profile, memory):
        if found.check in checks:
            status = profile.status.get(found.check, found.status)
            found.status = status
            return Raw(
                status, json.dumps(profile.body(found)), {"content-type": "application/json"}
            )
    return None


def refusals(request: Request, profile: Profile, memory: Memory) -> Iterator[RefusedError]:
    """All that is wrong with a request, whether this server looks for it or not."""
    body = request.data
    is_chat = "messages" in body
    try:
        check_text(request.sent, body)
    except RefusedError as refused:
        yield refused
    yield from _fields(request, profile, is_chat)
    try:
        (check_chat_settings if is_chat else check_responses_settings)(body)
    except RefusedError as refused:
        yield refused
    yield from message_refusals(body) if is_chat else responses_refusals(body, memory)


def _fields(request: Request, profile: Profile, is_chat: bool) -> Iterator[RefusedError]:
    known = (chat_fields() if is_chat else responses_fields()) - profile.unknown
    for name in request.data.keys() - known:
        if is_chat:
            yield RefusedError("fields", profile.unknown_said.format(name), name)
        else:
            said = f"Unknown parameter: '{name}'."
            yield RefusedError("fields", said, name, "unknown_parameter")
    if request.data.get("stream_options") is not None and not request.streamed:
        said = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        yield RefusedError("fields", said, "stream_options")
