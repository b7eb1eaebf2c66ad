"""Keeps requests from being redirected to another server.

The HTTP library removes the key from a redirected request, but not the conversation. The user has
named only the first server, so the redirect is refused.
"""

from httpx2 import URL, InvalidURL, Response

ELSEWHERE = "convo.elsewhere"
"""The response extension with the target of a redirect that was not followed."""


async def stay_at_server(response: Response) -> None:
    """Allow redirects within the server and to its https; make others fail as errors."""
    location = response.headers.get("location")
    if location is None or not response.has_redirect_location:
        return
    asked = response.request.url
    try:
        there = asked.join(location)
    except InvalidURL:
        there = URL()
    if _origin(there) != _origin(asked) and not _is_its_https(asked, there):
        response.extensions[ELSEWHERE] = location
        del response.headers["location"]


def _origin(url: URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _is_its_https(asked: URL, there: URL) -> bool:
    secure = (asked.scheme, there.scheme) == ("http", "https")
    return secure and asked.host == there.host and asked.port is there.port is None
