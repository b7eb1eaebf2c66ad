"""Finds the API of a server below its base URL, and the proxy on the way to it."""

import ipaddress
import re
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

_VERSION = re.compile(r"/v\d+[a-z0-9]*(?=/|$)")
_ENDS = ("/chat/completions", "/responses", "/models")


def in_v1(path: str) -> str | None:
    """The path of a request below `/v1`; None if it has a version, or is not a path of the API.

    Many users leave out of a base URL the `/v1` that most servers have.
    """
    end = next((end for end in _ENDS if path.endswith(end)), None)
    if end is None or _VERSION.search(path):
        return None
    return f"{path.removesuffix(end).rstrip('/')}/v1{end}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, which a proxy cannot reach."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def mounts_of(host: str) -> dict[str, None] | None:
    """The mounts that make an HTTP client reach this machine without a proxy; None elsewhere."""
    bracketed = f"[{host}]" if ":" in host else host
    return {f"all://{bracketed}": None} if is_loopback(host) else None


def proxy_of(url: str) -> tuple[str, str] | None:
    """The proxy for a URL, and the variable that names it; None without a proxy."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host):
        return None
    proxies = getproxies_environment()
    if proxy_bypass(host):
        return None
    for kind in (parts.scheme, "all"):
        if proxies.get(kind):
            shown = proxies[kind].rpartition("@")[2]
            return shown if "://" in shown else f"http://{shown}", f"{kind.upper()}_PROXY"
    return None


def server_of(url: str) -> str:
    """The part of a URL that names the server: requests there are limited together."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
