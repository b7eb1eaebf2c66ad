"""Histories as broken as real ones come to be, and what a strict server says to them."""

from typing import Any

from agents.models.chatcmpl_converter import Converter
from agents.models.openai_responses import OpenAIResponsesModel
from hypothesis import strategies as st
from openai import AsyncOpenAI

from convo_cli.wire.kinds import FATES, Item
from convo_cli.wire.pairs import OUTPUT_OF
from tests.server.strict import RefusedError
from tests.server.strict.calls import check_text
from tests.server.strict.memory import Memory
from tests.server.strict.messages import message_refusals
from tests.server.strict.responses import responses_refusals

IDS = st.sampled_from(["call_0", "call_0", "call_1", "", "c" * 80, "call_\ud800", "x", None])
ITEM_IDS = st.sampled_from([None, "", "__fake_id__", "msg_1", "rs_1", "rs_2", "fc_1", "ws_1", "7"])
TEXTS = st.sampled_from(["", "Hello.", "caf\udce9.txt", "\ud83d\ude00", "x" * 40])
ARGUMENTS = st.sampled_from(
    ["{}", '{"a": 1}', '{"a": "\\ud800"}', '{"a', "", "[1]", "NaN", '{"a": NaN}', None, {"a": "b"}]
)
PARTS = st.one_of(
    st.builds(
        lambda kind, text: {"type": kind, "text": text},
        st.sampled_from(["input_text", "output_text", "text", "brand_new"]),
        st.one_of(TEXTS, st.none()),
    ),
    st.builds(lambda text: {"type": "refusal", "refusal": text}, TEXTS),
    st.sampled_from(
        [
            {"type": "input_image", "image_url": "data:image/png;base64,AA=="},
            {"type": "input_image", "file_id": "file_1"},
            {"type": "input_image", "image_url": None},
            {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}},
            {
                "type": "input_file",
                "filename": "a.pdf",
                "file_data": "data:application/pdf;base64,",
            },
            {"type": "input_file", "file_url": "https://x.test/a.pdf"},
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
            {"type": "computer_screenshot", "image_url": "https://x.test/a.png"},
            {"no": "type"},
            "bare text",
            None,
        ]
    ),
)
CONTENTS = st.one_of(TEXTS, st.none(), st.lists(PARTS, max_size=3), PARTS)
ROLES = st.sampled_from(["user", "assistant", "system", "developer", "tool", "stranger"])
MESSAGES = st.fixed_dictionaries(
    {"role": ROLES, "content": CONTENTS},
    optional={
        "type": st.just("message"),
        "id": ITEM_IDS,
        "status": st.sampled_from(["completed", None]),
        "provider_data": st.just({"model": "m"}),
        "tool_call_id": IDS,
        "tool_calls": st.lists(
            st.builds(
                lambda own, arguments: {
                    "id": own,
                    "type": "function",
                    "function": {"name": "look", "arguments": arguments},
                },
                IDS,
                ARGUMENTS,
            ),
            max_size=2,
        ),
    },
)
CALLS = st.fixed_dictionaries(
    {
        "type": st.just("function_call"),
        "call_id": IDS,
        "name": st.sampled_from(["look", "srv.look", "lo\udceak", "", None]),
        "arguments": ARGUMENTS,
    },
    optional={"id": ITEM_IDS, "status": st.none()},
)
OUTPUTS = st.fixed_dictionaries(
    {"type": st.just("function_call_output"), "call_id": IDS},
    optional={"output": st.one_of(CONTENTS, st.just({"a": "\ud800"}), st.just(7))},
)
REASONING = st.fixed_dictionaries(
    {"type": st.just("reasoning")},
    optional={
        "id": ITEM_IDS,
        "summary": st.one_of(st.none(), st.just([{"type": "summary_text", "text": "Hm."}])),
        "content": st.none(),
        "encrypted_content": st.one_of(st.none(), st.just("sealed-rs_1")),
        "provider_data": st.one_of(st.none(), st.just({"model": "m"})),
    },
)
SERVER_KINDS = {"mcp_approval_request", "tool_search_call", "program"}
CLIENT_KINDS = {
    kind for call in OUTPUT_OF.keys() - SERVER_KINDS for kind in (call, OUTPUT_OF[call])
}
NOT_HOSTED = {"message", "reasoning", *CLIENT_KINDS}
PAIRED = [kind for pair in OUTPUT_OF.items() for kind in pair if kind in CLIENT_KINDS]
OTHER_CALLS = st.fixed_dictionaries(
    {"type": st.sampled_from(PAIRED), "call_id": IDS},
    optional={
        "id": ITEM_IDS,
        "action": st.sampled_from([{"type": "exec", "command": ["caf\udce9"]}, None]),
        "output": st.one_of(TEXTS, st.just([{"stdout": "a", "stderr": "b"}]), PARTS),
        "input": TEXTS,
        "name": st.just("tool"),
    },
)
HOSTED = st.fixed_dictionaries(
    {"type": st.sampled_from([kind for kind in FATES if kind not in NOT_HOSTED]), "id": ITEM_IDS},
    optional={
        "action": st.just({"type": "search", "query": "caf\udce9"}),
        "approval_request_id": ITEM_IDS,
        "outputs": st.just([{"type": "logs", "logs": "7"}, {"type": "image", "url": "data:"}]),
        "result": st.just("AAAA"),
    },
)
HISTORIES = st.lists(
    st.one_of(MESSAGES, CALLS, OUTPUTS, REASONING, OTHER_CALLS, HOSTED), max_size=12
)


_CLIENT = AsyncOpenAI(api_key="none", base_url="http://localhost:1")
_MODEL = OpenAIResponsesModel("test-model", _CLIENT)


def refused_by_chat(items: list[Item]) -> list[RefusedError]:
    """What chat completions refuse of these items, as the SDK makes messages of them."""
    body = {"messages": Converter.items_to_messages(items, model="test-model")}
    return _refused(body, list(message_refusals(body)))


def refused_by_responses(items: list[Item]) -> list[RefusedError]:
    """What the Responses API refuses of these items, as the SDK sends them.

    Whether it still knows an item, and the fields of items that are all made up, is another thing.
    """
    body = {"input": _MODEL._remove_openai_responses_api_incompatible_fields(items)}
    found = responses_refusals(body, Memory())
    return _refused(
        body, [one for one in found if one.check not in ("stored_items", "item_fields")]
    )


def _refused(body: dict[str, Any], found: list[RefusedError]) -> list[RefusedError]:
    try:
        check_text(b"", body)
    except RefusedError as refused:
        found.append(refused)
    return [one for one in found if "brand_new" not in one.message]
