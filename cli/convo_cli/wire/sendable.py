"""Adapts a stored history to the API that it is sent to. The stored items are not changed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from convo_cli.wire import chat, responses
from convo_cli.wire.kinds import Api, Fate, Item, fate, kind_of
from convo_cli.wire.pairs import distinct, whole_pairs
from convo_cli.wire.shapes import items_of


class Sendable(NamedTuple):
    """The items to be sent, and the kinds of items that are not sent unchanged."""

    items: list[Item]
    changed: dict[str, Fate]


def sendable(items: Sequence[Any], api: Api, *, with_images: bool = True) -> Sendable:
    """The items of a history in a form that is valid for this API.

    `with_images` says whether outputs of functions may contain images in chat completions.
    """
    given = items_of(items)
    pairs = whole_pairs(distinct(given, chat.fits if api == "chat" else responses.fits))
    changed: dict[str, Fate] = {}
    for item, kept in zip(given, pairs, strict=True):
        kind = kind_of(item)
        becomes = "left out" if kept is None else fate(kind, api)
        if becomes not in ("sent", "to its model"):
            changed[kind] = becomes
    if api == "chat":
        left = [item for item in pairs if item is not None]
        return Sendable(chat.for_chat(left, with_images=with_images), changed)
    return Sendable(responses.for_responses(pairs), changed)
