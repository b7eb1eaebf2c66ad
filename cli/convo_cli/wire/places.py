"""Where a server has its API, and what stands between it and us."""

import ipaddress
import re
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

_VERSION = re.compile(r"/v\d+[a-z0-9]*(?=/|$)")
_ENDS = ("/chat/completions", "/responses", "/models")


def in_v1(path: str) -> str | None:
    """The path of a request below `/v1`; None where a version is in it already, or it is another.

    Many write a base URL without the `/v1` that most servers have their API under.
    """
    end = next((end for end in _ENDS if path.endswith(end)), None)
    if end is None or _VERSION.search(path):
        return None
    return f"{path.removesuffix(end).rstrip('/')}/v1{end}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, which no proxy can reach."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def mounts_of(host: str) -> dict[str, None] | None:
    """What has an HTTP client ask this machine itself, which no proxy reaches; None elsewhere."""
    bracketed = f"[{host}]" if ":" in host else host
    return {f"all://{bracketed}": None} if is_loopback(host) else None


def proxy_of(url: str) -> tuple[str, str] | None:
    """The proxy through which a URL is asked, and the variable that names it; None without one."""
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
