"""Messages for errors of HTTP and of the connection."""

import socket
import ssl
from typing import Protocol

import httpx2

from convo_cli.plain.redirects import ELSEWHERE
from convo_cli.turn.asked import Asked, Fault
from convo_cli.wire.failures import in_words


class Refused(Protocol):
    """A response with an HTTP error; `body` is its body, parsed JSON or else text."""

    @property
    def status_code(self) -> int: ...  # noqa: D102
    @property
    def code(self) -> str | None: ...  # noqa: D102
    @property
    def body(self) -> object: ...  # noqa: D102
    @property
    def response(self) -> httpx2.Response: ...  # noqa: D102


_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
"""OpenSSL's reason for an answer that is not encrypted."""

_TRY_LATER = "try again later, or ask another model"
_OF_PROXIES = (407, 502, 503, 504)
_NOT_FOUND = ("not found", "404 not found", "404 page not found")
_TOO_LONG = ("context_length", "context length", "context window", "maximum context", "too long")


def broken_connection(error: Exception, asked: Asked) -> Fault:
    """There was no connection, no answer in time, or the connection broke."""
    causes = _causes(error)
    if asked.proxy is not None and _one_of(
        causes, httpx2.ConnectTimeout, httpx2.ConnectError, httpx2.ProxyError
    ):
        proxy, variable = asked.proxy
        return (
            f"cannot reach {asked.where} through the proxy {proxy}: {_unreachable(causes)}",
            f"{variable} names the proxy, and NO_PROXY the servers that are asked without it",
        )
    if _one_of(causes, httpx2.ConnectTimeout, httpx2.ConnectError):
        return f"cannot reach {asked.where}: {_unreachable(causes)}", _reach_hint(asked)
    if _one_of(causes, httpx2.TimeoutException):
        return silence(asked)
    if _one_of(causes, httpx2.NetworkError, httpx2.RemoteProtocolError, ssl.SSLError):
        return f"the connection to {asked.where} was lost before the answer was complete", None
    return f"cannot talk to {asked.where}: {causes[-1]}", _reach_hint(asked)


def silence(asked: Asked) -> Fault:
    """The server sent nothing within the timeout."""
    return f"{asked.where} said nothing for {asked.timeout:g} s", _TRY_LATER


def error_status(error: Refused, asked: Asked) -> Fault:
    """The server answered with an HTTP error."""
    status = error.status_code
    said = _said(error)
    if elsewhere := error.response.extensions.get(ELSEWHERE):
        return (
            f"{asked.where} sends the question on to {elsewhere} ({status})",
            "name that server with --base-url if it is the one to ask",
        )
    if status == 401:
        return _unauthorized(asked)
    if _is_about_model(error, said):
        return _no_such_model(asked)
    if status == 404:
        told = "" if said.lower() in _NOT_FOUND else said
        return (
            _with(f"{asked.where} does not know the address that was asked (404)", told),
            "a base URL mostly ends in /v1, and --api responses|chat asks in the other way",
        )
    if any(sign in f"{error.code} {said}".lower() for sign in _TOO_LONG) or status == 413:
        return (
            f"the conversation is too long for {asked.model}",
            "branch from an earlier turn, or ask a model that takes more",
        )
    if status == 429:
        return _rate_limited(error, asked, said)
    if asked.proxy is not None and status in _OF_PROXIES:
        where = f"{asked.where}, or the proxy {asked.proxy[0]} before it,"
        return _with(f"{where} failed ({status})", said), f"{asked.proxy[1]} names the proxy"
    if status >= 500 or status in (408, 409):
        return _with(f"{asked.where} failed ({status})", said), _TRY_LATER
    return _with(f"{asked.where} refused the request ({status})", said), None


def _unauthorized(asked: Asked) -> Fault:
    if asked.base_url is None and not asked.has_key:
        return f"{asked.where} got no API key (401)", "set the key that it wants"
    if not asked.has_key:
        return f"{asked.where} wants an API key (401)", asked.key_help
    return f"{asked.where} does not accept the API key (401)", asked.key_help


def _no_such_model(asked: Asked) -> Fault:
    return f"{asked.where} has no model {asked.model!r}", "choose another with -m"


def _rate_limited(error: Refused, asked: Asked, said: str) -> Fault:
    if error.code == "insufficient_quota":
        return (
            f"{asked.where} says that your quota is used up (429)",
            "check your plan and billing there, or ask another model",
        )
    wait = error.response.headers.get("retry-after", "").strip()
    then = f"in {wait} seconds" if wait.replace(".", "", 1).isdigit() else "later"
    return (
        _with(f"{asked.where} takes no more requests for now (429)", said),
        f"try again {then}, or ask another model",
    )


def _is_about_model(error: Refused, said: str) -> bool:
    if error.status_code not in (400, 404):
        return False
    if error.code in ("model_not_found", "invalid_model"):
        return True
    return error.status_code == 404 and "model" in said.lower()


def _said(error: Refused) -> str:
    """The server's own message; none for a web page, which a proxy has sent."""
    said = in_words(error.body)
    return "" if said.startswith("<") else said


def _with(message: str, said: str) -> str:
    return f"{message}: {said}" if said else message


def _causes(error: BaseException) -> list[BaseException]:
    """The error and the chain of its causes, each once."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found


def _one_of(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _unreachable(causes: list[BaseException]) -> str:
    if _one_of(causes, ConnectionRefusedError):
        return "connection refused"
    if _one_of(causes, socket.gaierror):
        return "no such host"
    if any(isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS for cause in causes):
        return "that server speaks http, not https"
    if _one_of(causes, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    if _one_of(causes, httpx2.ConnectTimeout, TimeoutError):
        return "no answer"
    return str(causes[-1]) or type(causes[-1]).__name__


def _reach_hint(asked: Asked) -> str:
    if asked.base_url is None:
        return "check the network"
    return "is the server running there, and the address right?"
