"""Keeps what is sent to a server from being sent on to another one.

HTTP lets a server redirect a request. The HTTP library takes the key off such a request, but the
conversation goes along; the user has named the first server only, so it ends here instead.
"""

from httpx2 import URL, InvalidURL, Response

ELSEWHERE = "convo.elsewhere"
"""Where a redirect that was not followed leads, among the extensions of its response."""


async def stay_at_server(response: Response) -> None:
    """Let a redirect within the server pass, and to its https; make others an answer of no use."""
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
