"""Normalises addresses of servers, so that two of them can be compared.

Requests go to the normalised form too. If the client parsed another spelling than the one that was
compared, the comparison could be bypassed.
"""

import re
from urllib.parse import SplitResult, urlsplit

_LONGEST = 2000
_LONGEST_HOST = 253
"""The longest host name that DNS allows, in characters."""

_PORTS = {"http": 80, "https": 443}
# Compiled when they are needed: most commands compare no addresses.
_HOST = r"[a-z0-9._-]+|\[[0-9a-f:.]+\]"
_PATH = r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*"
_NO_PART_OF_AN_ADDRESS = "[\x00-\x20\x7f-\xa0\\\\\u2028\u2029\ud800-\udfff]"


def address(url: str) -> str | None:
    """The scheme, host, port and path of a server, without user, password and query.

    The host is in lower case and encoded for DNS; the default port and a trailing slash are left
    out. None if the text is not a web address.
    """
    parts = _parts(url.strip())
    return None if parts is None else _joined(parts)


def recorded_address(url: str) -> str | None:
    """The address that a database names; None if it has a user or a query.

    convo records neither. If a database has them, somebody else wrote it, and an address such as
    `https://api.openai.com@evil.example/` is meant to deceive.
    """
    parts = _parts(url.strip())
    if parts is None or "@" in parts.netloc or parts.query or parts.fragment:
        return None
    return _joined(parts)


def host_of(known: str) -> str:
    """The host of an address that one of the functions above has returned."""
    return urlsplit(known).hostname or ""


def same_server(one: str | None, other: str | None) -> bool:
    """Whether two URLs name the same server, whatever their spelling and credentials."""
    if one is None or other is None:
        return one is other
    return one == other or (address(one) is not None and address(one) == address(other))


def _parts(url: str) -> SplitResult | None:
    # Checked first because splitting a URL removes some of them silently.
    if len(url) > _LONGEST or re.search(_NO_PART_OF_AN_ADDRESS, url):
        return None
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _joined(parts: SplitResult) -> str | None:
    scheme = parts.scheme.lower()
    host = _host(parts)
    path = parts.path.rstrip("/")
    if scheme not in _PORTS or host is None or not re.fullmatch(_PATH, path):
        return None
    try:
        port = parts.port
    except ValueError:
        return None
    if port == 0:
        return None
    number = "" if port is None or port == _PORTS[scheme] else f":{port}"
    return f"{scheme}://{host}{number}{path}"


def _host(parts: SplitResult) -> str | None:
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return host if len(host) <= _LONGEST_HOST and re.fullmatch(_HOST, host) else None
