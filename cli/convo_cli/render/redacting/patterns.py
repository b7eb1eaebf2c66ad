"""The patterns of secrets, which `docs/export.md` lists.

Each takes time in proportion to the text: a pattern begins with a text that is searched for, and
what follows is bounded, or cannot be read in two ways. A pattern that could begin anywhere within
a word would be tried at each of its letters.
"""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

Kind = Literal["key", "token", "password", "mail", "user"]

KINDS: dict[Kind, tuple[str, str]] = {
    "key": ("key", "keys"),
    "token": ("token", "tokens"),
    "password": ("password", "passwords"),
    "mail": ("mail address", "mail addresses"),
    "user": ("home folder", "home folders"),
}
"""The kinds, each with the words for one and for more."""

_ALWAYS: Callable[[str], bool] = bool


class Pattern(NamedTuple):
    """Finds secrets of a kind: those are the first group.

    `begins` are texts of which one has to be there, in lower case, before the text is searched at
    all. `is_secret` looks at what was found once more.
    """

    kind: Kind
    begins: tuple[str, ...]
    regex: re.Pattern[str]
    is_secret: Callable[[str], bool] = _ALWAYS


def _key(prefix: str, rest: str) -> Pattern:
    """Keys that begin with a prefix that no letter or digit goes before."""
    regex = rf"({re.escape(prefix)}(?<![A-Za-z0-9]{re.escape(prefix)}){rest})"
    return Pattern("key", (prefix.lower(),), re.compile(regex))


_KEYS = [
    # OpenAI, Anthropic, OpenRouter, DeepSeek and many more.
    _key("sk-", r"[A-Za-z0-9_-]{16,}"),
    _key("gsk_", r"[A-Za-z0-9]{20,}"),
    _key("xai-", r"[A-Za-z0-9]{20,}"),
    _key("pplx-", r"[A-Za-z0-9]{20,}"),
    _key("hf_", r"[A-Za-z0-9]{20,}"),
    _key("r8_", r"[A-Za-z0-9]{20,}"),
    _key("nvapi-", r"[A-Za-z0-9_-]{20,}"),
    # GitHub and GitLab.
    *(_key(f"gh{letter}_", r"[A-Za-z0-9]{20,}") for letter in "pousr"),
    _key("github_pat_", r"[A-Za-z0-9_]{20,}"),
    _key("glpat-", r"[A-Za-z0-9_-]{16,}"),
    # The ids of AWS keys; their secrets have a name before them.
    *(_key(prefix, r"[A-Z2-7]{16}(?![A-Za-z0-9])") for prefix in ("AKIA", "ASIA", "ABIA", "ACCA")),
    # Google.
    _key("AIza", r"[A-Za-z0-9_-]{30,}"),
    _key("ya29.", r"[A-Za-z0-9_-]{20,}"),
    _key("GOCSPX-", r"[A-Za-z0-9_-]{20,}"),
    # Slack.
    *(_key(f"xox{letter}-", r"[A-Za-z0-9-]{10,}") for letter in "abeoprs"),
    _key("xapp-", r"[A-Za-z0-9-]{10,}"),
    Pattern(
        "key",
        ("hooks.slack.com/services/",),
        re.compile(r"hooks\.slack\.com/services/([A-Za-z0-9]+/[A-Za-z0-9]+/[A-Za-z0-9]+)"),
    ),
    # Stripe.
    *(
        _key(f"{prefix}_{mode}_", r"[A-Za-z0-9]{10,}")
        for prefix in ("sk", "rk", "pk")
        for mode in ("live", "test")
    ),
    _key("whsec_", r"[A-Za-z0-9+/=]{20,}"),
    # Registries, mail, chats, hosts and others.
    _key("npm_", r"[A-Za-z0-9]{30,}"),
    _key("pypi-", r"[A-Za-z0-9_-]{40,}"),
    _key("SG.", r"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    _key("dop_v1_", r"[a-f0-9]{40,}"),
    _key("dapi", r"[a-f0-9]{32}"),
    _key("lin_api_", r"[A-Za-z0-9]{20,}"),
    _key("ntn_", r"[A-Za-z0-9]{20,}"),
    _key("shpat_", r"[a-f0-9]{32}"),
    _key("AGE-SECRET-KEY-1", r"[A-Z0-9]{50,}"),
    Pattern(
        "key", (":aa",), re.compile(r"((?<![0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-]))")
    ),
]

_PRIVATE = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[A-Za-z0-9+/=\s:,.()]|-(?!----BEGIN))*"
)
_ENDS = re.compile(r"-----END [A-Z0-9 ]{0,40}-----")
_LINES = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}-----(?:\s*[A-Za-z0-9+/=]{16,})*")

_NO_SECRETS = frozenset(
    (
        *("string", "strings", "required", "optional", "undefined", "default", "placeholder"),
        *("password", "passwd", "secret", "secrets", "example", "redacted", "hidden", "changeme"),
    )
)
_CODE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


def _is_password(found: str) -> bool:
    """Whether a value may be a password, and not a placeholder, code or a number."""
    is_word = found.strip("*x.…").lower() in _NO_SECRETS or not found.strip("*x.…")
    return not is_word and not _CODE.fullmatch(found) and not _is_number(found)


def _is_token(found: str) -> bool:
    """Whether it is longer, or less like a word, than most values of such a name."""
    has_both = any(map(str.isdigit, found)) and any(map(str.isalpha, found))
    return (has_both or len(found) >= 32) and not _CODE.fullmatch(found) and not _is_number(found)


def _is_number(found: str) -> bool:
    try:
        float(found)
    except ValueError:
        return False
    return True


_IS = r"""["']{0,2}[ \t]{0,4}(?:=>|:=|=|:)[ \t]{0,4}(?:[bru]?["'])?"""
_VALUE = r"""[^\s"'`<>\[\]{}(),;&$\\]"""
_TOKEN_NAME = r"(?:api|access|secret|private|account|auth|signing|encryption|client)[_-]?key"

_NAMED = [
    Pattern(
        "password",
        ("passw", "passphrase", "pwd"),
        re.compile(rf"(?i:passwor[dt]|passwd|passphrase|pwd){_IS}({_VALUE}{{4,}})"),
        _is_password,
    ),
    Pattern(
        "token",
        ("secret", "token", "key"),
        re.compile(rf"(?i:secret|token|{_TOKEN_NAME}|_key){_IS}({_VALUE}{{8,}})"),
        _is_token,
    ),
    Pattern(
        "token",
        ("authorization",),
        re.compile(rf"(?i:authorization){_IS}(?:[A-Za-z]{{1,20}}[ \t]{{1,4}})?({_VALUE}{{8,}})"),
        _is_token,
    ),
    Pattern(
        "token",
        ("bearer", "basic"),
        re.compile(r"(?i:bearer|basic)[ \t]{1,4}([A-Za-z0-9._~+/=-]{12,})"),
        _is_token,
    ),
    Pattern(
        "token",
        ("cookie",),
        re.compile(r"""(?i:cookie)["']?[ \t]{0,4}:[ \t]{0,4}["']?([^\s"'\[\]][^\r\n"'\[\]]{7,})"""),
    ),
    Pattern(
        "token",
        ("sig", "credential", "key=", "code="),
        re.compile(
            r"""[?&](?i:sig|signature|x-amz-signature|x-amz-credential|key|code)="""
            r"""([^&\s"'#\[\]<>\\]{8,})"""
        ),
    ),
]

PATTERNS = (
    *_KEYS,
    Pattern(
        "token",
        ("eyj",),
        re.compile(
            r"(eyJ(?<![A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}"
            r"(?:\.[A-Za-z0-9_-]{0,}){0,3})"
        ),
    ),
    Pattern(
        "password",
        ("://",),
        re.compile(r"""://([^\s/?#@:"'<>\[\]\\]{0,256}:[^\s/?#@"'<>\[\]\\]{1,512})@"""),
    ),
    *_NAMED,
)
"""All that are found wherever they stand, the surest first."""

BEGINNINGS = re.compile("|".join(re.escape(one) for found in PATTERNS for one in found.begins))
"""Matches what one of the patterns begins with, in a text in lower case; few texts have any."""

NAMES = re.compile(
    rf"(?i)(?:.*[_.-])?(?:(?P<password>passwor[dt]|passwd|passphrase|pwd)|"
    rf"secret|token|{_TOKEN_NAME}|apikey|authorization|cookie)"
)
"""Keys of JSON whose values are secrets."""


def private_keys(text: str) -> list[tuple[int, int]]:
    """Where the private keys of a text are, as PEM and OpenPGP write them."""
    spans = []
    for found in _PRIVATE.finditer(text) if "PRIVATE KEY" in text else ():
        end = _ENDS.search(text, found.start(), found.end())
        if end is None:
            end = _LINES.match(text, found.start(), found.end())
        spans.append((found.start(), found.end() if end is None else end.end()))
    return spans


_AT = re.compile(r"(?:@|%40)((?:[\w-]{1,63}\.){1,8}([^\W\d_]{2,24}))(?![\w@])")
_LOCAL = re.compile(r"[\w.%+'-]{1,64}\Z")
_NO_DOMAINS = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "py", "js", "ts", "json"})


def mail_addresses(text: str) -> list[tuple[int, int]]:
    """Where the mail addresses of a text are. `git@host` and `icon@2x.png` are none."""
    spans = []
    for found in _AT.finditer(text) if "@" in text or "%40" in text else ():
        before = text[max(0, found.start() - 64) : found.start()]
        local = _LOCAL.search(before)
        if local is None or local[0] == "git" or found[2].lower() in _NO_DOMAINS:
            continue
        name = local[0].lstrip(".'%+-")
        if name:
            spans.append((found.start() - len(name), found.end()))
    return spans


_OF_NAME = r"""[^\s\\/:*?"'<>|,;()\[\]{}`]"""
_HOME = re.compile(
    rf"[\\/]{{1,16}}(?:[Uu]sers|USERS|home)[\\/]{{1,16}}"
    rf"({_OF_NAME}{{1,64}}(?:(?: {_OF_NAME}{{1,32}}){{0,3}}(?=[\\/]))?)"
)
_ADDRESS = re.compile(r"""https?:[^\s"'<>()]*\Z""")


def home_folders(text: str) -> list[tuple[int, int]]:
    """Where the names of users are in the paths of home folders, but not in web addresses."""
    spans = []
    has_one = "home" in text or "sers" in text or "USERS" in text
    for found in _HOME.finditer(text) if has_one else ():
        if not _ADDRESS.search(text[max(0, found.start() - 200) : found.start()]):
            spans.append(found.span(1))
    return spans
