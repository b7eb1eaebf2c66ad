"""Converts the parts of a message to the form of either API."""

import json
from collections.abc import Iterator
from typing import Any, Literal

from convo_cli.wire.kinds import Api, Item

Side = Literal["said", "answered"]
"""Whether a message goes to the model (from a user, the program or a tool) or comes from it."""

_TEXTS = frozenset({"input_text", "output_text", "text", "summary_text", "reasoning_text"})
_IMAGES = frozenset({"input_image", "image_url", "computer_screenshot", "image"})
_FILES = frozenset({"input_file", "file"})


def parts_of(content: Any, side: Side, api: Api) -> list[Item]:
    """The parts of a content; parts that the API does not accept are named in brackets."""
    if content is None:
        return []
    if isinstance(content, list):
        return [part for one in content for part in _parts(one, side, api)]
    return list(_parts(content, side, api))


def text_of(content: Any) -> str:
    """All text of a content; other parts are named in brackets."""
    parts = parts_of(content, "answered", "chat")
    return "\n".join(part["text"] for part in parts)


def texts(text: str, side: Side) -> list[Item]:
    """A text as a content."""
    return [_text({}, text, side)] if text else []


def _parts(part: Any, side: Side, api: Api) -> Iterator[Item]:
    if part is None:
        return
    if not isinstance(part, dict) or not isinstance(part.get("type"), str):
        yield from texts(part if isinstance(part, str) else _json(part), side)
        return
    kind: str = part["type"]
    if kind in _TEXTS:
        if isinstance(part.get("text"), str):
            yield _text(part, part["text"], side)
    elif kind == "refusal":
        yield from _refusal(part, side, api)
    else:
        made = None if side == "answered" else _made(part, kind, api)
        yield made or _unknown(part, kind, side, api)


def _text(part: Item, text: str, side: Side) -> Item:
    if side == "answered":
        return {**_given(part), "type": "output_text", "text": text, "annotations": _notes(part)}
    breakpoint_ = part.get("prompt_cache_breakpoint")
    kept = {} if breakpoint_ is None else {"prompt_cache_breakpoint": breakpoint_}
    return {"type": "input_text", "text": text, **kept}


def _given(part: Item) -> Item:
    """The part without its nulls."""
    return {key: value for key, value in part.items() if value is not None}


def _notes(part: Item) -> list[Any]:
    notes = part.get("annotations")
    return notes if isinstance(notes, list) else []


def _refusal(part: Item, side: Side, api: Api) -> Iterator[Item]:
    if not isinstance(part.get("refusal"), str):
        return
    if side == "answered" and api == "responses":
        yield part
    else:
        # Few servers with chat completions know the field, and most expect text instead.
        yield _text({}, part["refusal"], side)


def _made(part: Item, kind: str, api: Api) -> Item | None:
    """An image, a file or a sound if it can be sent, otherwise None."""
    if kind in _IMAGES:
        return _image(part, api)
    if kind in _FILES:
        return _file(part, api)
    if api == "chat" and kind == "input_audio":
        sound = part.get("input_audio")
        is_whole = isinstance(sound, dict) and sound.get("data") and sound.get("format")
        return part if is_whole else None
    if api == "chat" and kind == "video_url":
        video = part.get("video_url")
        return part if isinstance(video, dict) and video.get("url") else None
    return None


def _image(part: Item, api: Api) -> Item | None:
    given = part.get("image_url")
    image: Item = given if isinstance(given, dict) else {"url": given}
    url, detail = image.get("url"), image.get("detail") or part.get("detail")
    if isinstance(url, str) and url:
        return {"type": "input_image", "image_url": url, "detail": detail or "auto"}
    if api == "responses" and isinstance(part.get("file_id"), str):
        return {"type": "input_image", "file_id": part["file_id"], "detail": detail or "auto"}
    return None


def _file(part: Item, api: Api) -> Item | None:
    file = part["file"] if isinstance(part.get("file"), dict) else part
    names = ("file_data", "file_id") if api == "chat" else ("file_data", "file_id", "file_url")
    where = {name: file[name] for name in names if isinstance(file.get(name), str) and file[name]}
    if not where:
        return None
    # With both, one API would ignore the reference, and the other would refuse the request.
    first = next(iter(where))
    named = {"filename": file["filename"]} if isinstance(file.get("filename"), str) else {}
    return {"type": "input_file", first: where[first], **named}


def _unknown(part: Item, kind: str, side: Side, api: Api) -> Item:
    if api == "responses" and not _is_known(kind):
        return part
    if isinstance(part.get("text"), str):
        return _text({}, part["text"], side)
    return _text({}, f"[{_name(part, kind)}]", side)


def _is_known(kind: str) -> bool:
    return kind in _IMAGES | _FILES | {"input_audio", "video_url", "output_audio"}


def _name(part: Item, kind: str) -> str:
    if kind in _IMAGES:
        return "image"
    if kind in _FILES:
        file = part["file"] if isinstance(part.get("file"), dict) else part
        name = file.get("filename")
        return f"file {name}" if isinstance(name, str) and name else "file"
    if kind in ("input_audio", "output_audio"):
        return "audio"
    return "video" if kind == "video_url" else kind


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
