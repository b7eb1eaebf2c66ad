"""A real HTTP server on loopback that speaks the OpenAI API and says what a test tells it to.

    with OpenAIServer() as server:
        server.script(ToolCall("get_weather", {"city": "Paris"}), Answer("Sunny."))
        server.script(Fault.status(401), Fault.cut_after("Par"))
        run_something_against(server.base_url)
        assert server.requests[0].user_texts == ["What is the weather in Paris?"]

Each step answers one request, in the order of arrival. With no step left the server answers
deterministically: ``Answer 2 to: And tomorrow?`` to a request with two user messages.

A request that the real API would refuse is refused with its status, error body and code, and uses
up no step: see `strict`. ``OpenAIServer(profile="groq")`` refuses as that server does.

The way of a request: `handler` reads it, `strict` refuses it or not, `play` performs the step,
`wire_responses` or `wire_chat` puts the answer into the API's format, `channel` sends it.
"""

from tests.server.received import Request
from tests.server.server import OpenAIServer
from tests.server.steps import Answer, Fault, Raw, ToolCall, Usage

__all__ = ["Answer", "Fault", "OpenAIServer", "Raw", "Request", "ToolCall", "Usage"]
