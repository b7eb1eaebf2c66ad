"""Servers that are known by name: what each is documented, or reported, to refuse, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.server.strict.refusal import RefusedError

JsonObject = dict[str, Any]

CHECKS = frozenset(
    {
        "settings",
        "fields",
        "item_types",
        "item_fields",
        "null_content",
        "message_ids",
        "ids",
        "names",
        "duplicate_items",
        "duplicate_calls",
        "calls",
        "arguments",
        "reasoning",
        "stored_items",
        "surrogates",
    }
)
"""All that the server looks at, by name."""


def _openai(refused: RefusedError, kind: str = "invalid_request_error") -> JsonObject:
    error = {"message": refused.message, "type": kind, "param": refused.param, "code": refused.code}
    return {"error": error}


def _plain(refused: RefusedError) -> JsonObject:
    error = {"message": refused.message, "type": "invalid_request_error"}
    return {"error": error | ({"param": refused.param} if refused.param else {})}


def _llama_cpp(refused: RefusedError) -> JsonObject:
    kind = "server_error" if refused.status >= 500 else "invalid_request_error"
    return {"error": {"code": refused.status, "message": refused.message, "type": kind}}


def _vllm(refused: RefusedError) -> JsonObject:
    error = {"message": refused.message, "type": "BadRequestError", "param": refused.param}
    return {"error": error | {"code": refused.status}}


def _mistral(refused: RefusedError) -> JsonObject:
    if refused.check == "fields":
        place = ["body", refused.param]
        said = {"type": "extra_forbidden", "loc": place, "msg": "Extra inputs are not permitted"}
        return {"object": "error", "message": {"detail": [said]}, "code": None, "param": None}
    return {"object": "error", "message": refused.message, "type": "invalid_request_message_order"}


def _litellm(refused: RefusedError) -> JsonObject:
    said = f"litellm.BadRequestError: OpenAIException - {refused.message}"
    if refused.check == "settings" and refused.param:
        said = "litellm.UnsupportedParamsError: openai does not support parameters: "
        said += f"['{refused.param}']. To drop these, set `litellm.drop_params=True`"
    return {"error": {"message": said, "type": "None", "param": "None", "code": "400"}}


def _lm_studio(refused: RefusedError) -> JsonObject:
    return {"error": refused.message}


@dataclass(frozen=True)
class Profile:
    """A kind of server.

    `lenient` names checks that it does not make, `status` those that it answers with another
    status than 400, and `unknown` fields of the body that it refuses although OpenAI knows them.
    `ways` are those of its answers, by their names in `tests.server.quirks`.
    """

    name: str
    title: str
    ways: tuple[str, ...] = ()
    lenient: frozenset[str] = frozenset()
    status: Mapping[str, int] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    unknown_said: str = "Unrecognized request argument supplied: {}"
    body: Callable[[RefusedError], JsonObject] = _openai

    def checks(self) -> frozenset[str]:
        """The checks that it makes."""
        return CHECKS - self.lenient


_LOCAL = frozenset({"settings", "fields", "item_fields", "ids", "names", "stored_items"})
"""Local servers overlook what they do not know."""

PROFILES = {
    profile.name: profile
    for profile in (
        Profile("openai", "OpenAI"),
        Profile("azure", "Azure OpenAI", ("a first chunk without choices",)),
        Profile(
            "azure-2024",
            "Azure OpenAI, API versions of 2024",
            ("a first chunk without choices",),
            unknown=frozenset({"stream_options"}),
            unknown_said="Unrecognized request argument supplied: {}. Please contact us through "
            "an Azure support request for further questions.",
        ),
        Profile(
            "groq",
            "Groq",
            ("reasoning in its own field", "usage beside the answer"),
            # Its messages have a field for what was thought.
            lenient=frozenset({"item_fields"}),
            unknown=frozenset({"verbosity", "logprobs", "top_logprobs", "logit_bias"}),
            unknown_said="property '{}' is unsupported",
            body=_plain,
        ),
        Profile(
            "mistral",
            "Mistral",
            ("content in parts",),
            status={"fields": 422},
            unknown=frozenset({"stream_options", "store", "verbosity"}),
            unknown_said="Extra inputs are not permitted",
            body=_mistral,
        ),
        Profile("ollama", "Ollama", ("reasoning in its own field",), lenient=_LOCAL, body=_plain),
        Profile(
            "llama.cpp",
            "llama.cpp",
            ("thinking in tags", "calls without an id"),
            lenient=_LOCAL,
            status={"arguments": 500},
            body=_llama_cpp,
        ),
        Profile(
            "vllm",
            "vLLM",
            ("reasoning in its own field", "usage in every chunk", "no role"),
            lenient=_LOCAL,
            body=_vllm,
        ),
        Profile(
            "lm-studio",
            "LM Studio",
            ("thinking in tags", "no role", "CRLF"),
            lenient=_LOCAL,
            body=_lm_studio,
        ),
        Profile("litellm", "LiteLLM proxy", body=_litellm),
        Profile("openrouter", "OpenRouter", ("comments", "no [DONE]"), lenient=_LOCAL),
        Profile(
            "transformers", "`transformers serve`", ("a stream for a whole answer",), lenient=_LOCAL
        ),
    )
}
