"""Chat completions of servers that part reasoning from the text, though not quite."""

import pytest

from convo_cli.wire.chat_answers import whole_answer
from convo_cli.wire.chat_stream import ChatStream, completion

HM = {"reasoning_content": "Hm.", "reasoning": "Hm."}


@pytest.mark.parametrize(
    ("text", "thought"),
    [("</think>\n\n7", "Hm."), ("7", "Hm."), ("<think> So.</think>7", "Hm.So.")],
)
def test_reasoning_in_its_own_field_and_tags_in_the_text(text: str, thought: str) -> None:
    message = {"role": "assistant", "content": text, **HM}
    whole, _ = whole_answer({"choices": [{"message": message, "finish_reason": "stop"}]}, {})
    deltas = [HM, *({"content": one} for one in text)]
    stream = ChatStream({})
    chunks = [made for delta in deltas for made in stream.mended({"choices": [{"delta": delta}]})]
    streamed = completion([*chunks, *stream.ended(is_done=True)])
    assert streamed is not None
    for answer in (whole, streamed):
        made = answer["choices"][0]["message"]
        assert (made["content"], made["reasoning_content"]) == ("7", thought)
        assert "reasoning" not in made
