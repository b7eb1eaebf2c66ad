"""Draws docs/page.png, a picture of an exported page: `python -m docs.draw_page`.

It needs Chromium and its driver, as the tests of the page do.
"""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from selenium import webdriver

from convo import ConversationStore, RunRecord
from convo_cli.render.pages.html.document import session_page

PICTURE = Path(__file__).with_name("page.png")
SIZE = "1240,900"
SESSION = "faster-parser"

_CODE = """A generator, which holds one line at a time:

```python
def parse(lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        if line.strip():
            yield Row(*line.split("\\t"))
```

| | before | after |
|---|---:|---:|
| 10,000 rows | 1.2 s | 0.31 s |
| memory | 190 MB | 37 MB |
"""
_ASYNC = """It can, but a local file gains nothing: the work is in parsing, **not in waiting**.

```python
async def parse(lines: AsyncIterable[str]) -> AsyncIterator[Row]:
    async for line in lines:
        yield Row(*line.split("\\t"))
```
"""


def _turn(question: str, answer: str, *calls: dict[str, Any]) -> list[dict[str, Any]]:
    content = [{"type": "output_text", "text": answer}]
    message = {"type": "message", "role": "assistant", "content": content}
    return [{"role": "user", "content": question}, *calls, message]


def _run(given: int, taken: int, cached: int) -> RunRecord:
    details = {"cached_tokens": cached}
    return RunRecord("gpt-5", 1, given, taken, given + taken, input_details=details)


async def _page(folder: Path) -> Path:
    async with ConversationStore(folder / "c.db", create=True) as store:
        await store.start_session(SESSION)
        call = {"call_id": "1", "name": "read_file", "arguments": '{"path": "parser.py"}'}
        calls = (
            {"type": "function_call", **call},
            {"type": "function_call_output", "call_id": "1", "output": "def parse(): …\n" * 40},
        )
        turns = [
            (_turn("Why is my parser slow?", "It builds three lists.", *calls), _run(2100, 300, 0)),
            (_turn("Make it faster.", _CODE), _run(3600, 700, 2000)),
            (_turn("Does it skip empty lines?", "Yes, by `line.strip()`."), _run(4700, 250, 3600)),
        ]
        for items, run in turns:
            await store.record_turn(SESSION, "main", items, run)
        await store.branch(SESSION, "main", turn=2, name="async", expected="main")
        more = [("Can it be asynchronous?", _ASYNC), ("How much slower?", "About 40 %.")]
        for count, (question, answer) in enumerate(more, 1):
            run = _run(2900 * count, 480, 2000 * count)
            await store.record_turn(SESSION, "async", _turn(question, answer), run)
        whole = await store.whole_session(SESSION)
        page = folder / "page.html"
        page.write_text("".join(session_page(whole, SESSION)), encoding="utf-8")
        return page


def main() -> None:
    """Draw the picture."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for argument in ("headless=new", "no-sandbox", "hide-scrollbars", f"window-size={SIZE}"):
        options.add_argument(f"--{argument}")
    with tempfile.TemporaryDirectory() as folder:
        # What the browser leaves behind goes with the folder.
        environ = {**os.environ, "TMPDIR": folder}
        service = webdriver.ChromeService(shutil.which("chromedriver"), env=environ)
        with webdriver.Chrome(options, service) as driver:
            driver.get(f"{asyncio.run(_page(Path(folder))).as_uri()}#compare:main:async")
            driver.save_screenshot(str(PICTURE))


if __name__ == "__main__":
    main()
