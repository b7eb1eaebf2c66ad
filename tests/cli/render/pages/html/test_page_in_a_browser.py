"""The page in a browser, by clicking and typing: headless Chromium, through its driver."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from convo import ConversationStore
from convo_cli.render.compare import of_two
from convo_cli.render.pages.html.comparison import ComparisonPage
from convo_cli.render.pages.html.document import session_page
from tests.cli.stored import items, run
from tests.program import PATIENCE

EVIL = "<script>hacked = 1</script><img src=x onerror=hacked=1> [x](javascript:hacked=1)"
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)
LOG = "\n".join(f"{hour:02}:00 calm" for hour in range(20)) + "\nthe zephyr rises"


async def make_page(folder: Path) -> Path:
    """Three turns on main, with a long output; `side` forks after the first, `third` off that."""
    async with ConversationStore(folder / "c.db", create=True) as store:
        await store.start_session("talk")
        for question in ("Capital?", "Weather?", EVIL):
            turn = items(question, f"About {question}\n\n```python\nprint()\n```", "get_log")
            turn[2]["output"] = LOG if question == "Weather?" else "short"
            image = {"type": "input_image", "image_url": PIXEL}
            turn[0]["content"] = [{"type": "input_text", "text": question}, image]
            await store.record_turn("talk", "main", turn, run(100))
        await store.branch("talk", "main", turn=2, name="side", expected="main")
        await store.record_turn("talk", "side", items("Sights?", "A zephyr."), run(900))
        await store.record_turn("talk", "side", items("More?", "Many."), run(500))
        await store.branch("talk", "side", turn=3, name="third", expected="side")
        await store.record_turn("talk", "third", items("Food?", "Some."), run(300))
        whole = await store.whole_session("talk", "side")
        page = folder / "talk.html"
        page.write_text("".join(session_page(whole, "talk")), encoding="utf-8")
        return page


class Browser:
    """The browser, with the page open in it."""

    def __init__(self, driver: webdriver.Chrome, page: Path) -> None:
        self.driver = driver
        self.page = page.as_uri()

    def open(self, address: str = "") -> None:
        self.driver.get("about:blank")
        self.driver.get(f"{self.page}{address}")

    def run(self, script: str, *args: Any) -> Any:
        return self.driver.execute_script(script, *args)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def click(self, words: str) -> None:
        """Click the visible link or button that says this."""
        found = self.driver.find_elements(By.XPATH, f"//*[self::a or self::button][.='{words}']")
        next(each for each in found if each.is_displayed()).click()

    def type(self, *keys: str) -> None:
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def wait(self, ready: Callable[[], object]) -> None:
        WebDriverWait(self.driver, PATIENCE).until(lambda _: ready())

    def turns(self, within: str = "#conversation") -> list[str]:
        """The ids of the turns that are shown."""
        return [
            turn.get_attribute("id") or ""
            for turn in self.driver.find_elements(By.CSS_SELECTOR, f"{within} article")
            if turn.is_displayed()
        ]

    def focused(self) -> str:
        return self.run("return document.activeElement.textContent.trim()")

    def emulate(self, media: str = "", scheme: str = "light") -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        emulated = {"media": media, "features": [feature]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", emulated)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    programs = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if not all(programs):
        pytest.skip("chromium and its chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = str(programs[0])
    # As root, which CI is, its sandbox does not start.
    for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "window-size=1300,900"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    folder = tmp_path_factory.mktemp("page")
    # What the browser leaves behind goes with this folder. The path of its socket has to be short.
    with tempfile.TemporaryDirectory() as left:
        service = webdriver.ChromeService(programs[1], env={**os.environ, "TMPDIR": left})
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NO_PROXY", "localhost,127.0.0.1")
            driver = webdriver.Chrome(options=options, service=service)
        yield Browser(driver, asyncio.run(make_page(folder)))
        driver.quit()


@pytest.fixture
def browser(running: Browser) -> Browser:
    """The page, as it opens: on the branch `side`, without anything that the browser minds."""
    running.emulate()
    running.open()
    assert running.driver.get_log("browser") == []
    return running


def test_the_tree_is_walked_with_keys(browser: Browser) -> None:
    assert browser.turns() == ["turn-1", "side.turn-2", "side.turn-3"]
    browser.run("document.querySelector('[role=tree] [tabindex=\"0\"]').focus()")
    walked = []
    for key in (Keys.HOME, Keys.DOWN, Keys.RIGHT, Keys.LEFT, Keys.LEFT, Keys.DOWN, Keys.END, "m"):
        browser.type(key)
        walked.append(browser.focused().partition("<")[0])
    assert walked == ["main", "1 Capital?", "side", "side", "1 Capital?", "side", "3 ", "main"]
    in_tab_order = browser.driver.find_elements(By.CSS_SELECTOR, "[role=tree] [tabindex='0']")
    assert [item.text.split() for item in in_tab_order] == [["main"]]
    browser.type(Keys.ENTER)
    browser.wait(lambda: browser.turns() == ["turn-1", "turn-2", "turn-3"])
    assert browser.find("[role=tree] [aria-selected=true]").text.split() == ["main"]


def test_both_sides_of_a_fork_are_side_by_side(browser: Browser) -> None:
    browser.click("side by side")
    browser.wait(lambda: browser.driver.find_elements(By.ID, "sides"))
    assert browser.turns(".side:first-of-type") == ["turn-2", "turn-3"]
    assert browser.turns(".side:last-of-type") == ["side.turn-2", "side.turn-3"]
    left, right = browser.driver.find_elements(By.CLASS_NAME, "side")
    assert left.location["y"] == right.location["y"]
    assert browser.turns()[0] == "turn-2"
    browser.click("Show the 1 shared turn")
    assert browser.turns()[0] == "turn-1"
    browser.find("#views label:last-child select").send_keys("nothing")
    browser.wait(lambda: browser.turns() == ["turn-1", "turn-2", "turn-3"])
    browser.run("history.go(-2)")
    browser.wait(lambda: browser.turns() == ["turn-1", "side.turn-2", "side.turn-3"])


def test_search_finds_what_is_folded_and_on_other_branches(browser: Browser) -> None:
    hits = browser.find("#find output")
    browser.type("/", "zephyr")
    browser.wait(lambda: hits.text == "2 hits")
    browser.type(Keys.ENTER)
    assert (hits.text, browser.turns()) == ("1 of 2", ["turn-1", "turn-2", "turn-3"])
    here = browser.run("""
        const [range] = CSS.highlights.get("here");
        const { top, bottom } = range.getBoundingClientRect();
        const { open } = range.startContainer.parentElement.closest("details");
        return [range.toString(), open, top > 0 && bottom < innerHeight];
    """)
    assert here == ["zephyr", True, True]
    browser.type(Keys.ENTER)
    assert (hits.text, browser.turns()) == ("2 of 2", ["turn-1", "side.turn-2", "side.turn-3"])
    browser.type(Keys.SHIFT + Keys.ENTER)
    assert hits.text == "1 of 2"
    browser.type(Keys.NULL, "nowhere")
    browser.wait(lambda: hits.text == "no hits")


def test_a_link_to_a_turn_shows_its_branch(browser: Browser) -> None:
    browser.open("#third.turn-3")
    assert browser.turns() == ["turn-1", "side.turn-2", "third.turn-3"]
    assert browser.run("return document.activeElement.id") == "third.turn-3"
    browser.find("#side\\.turn-2 h3 a").send_keys(Keys.ENTER)
    assert browser.driver.current_url.endswith("#side.turn-2")
    browser.driver.back()
    browser.wait(lambda: browser.run("return document.activeElement.id") == "third.turn-3")


def test_light_and_dark_follow_the_system_until_the_reader_chooses(browser: Browser) -> None:
    def background() -> str:
        return browser.find("body").value_of_css_property("background-color")

    light = background()
    browser.emulate(scheme="dark")
    dark = background()
    assert light != dark
    browser.click("Theme: auto")
    assert background() == light
    browser.click("Theme: light")
    assert background() == dark
    browser.click("Theme: dark")


def test_print_has_everything_unfolded_and_no_controls(browser: Browser) -> None:
    browser.open("#turn-2")
    folded = browser.find("#turn-2 details.tool_output")
    code = folded.find_element(By.TAG_NAME, "pre")
    assert not code.is_displayed()
    browser.emulate("print")
    assert code.size["height"] > 0
    controls = browser.driver.find_elements(By.CSS_SELECTOR, "button, input, select, [role=tree]")
    assert controls
    assert not any(each.is_displayed() for each in controls)
    browser.emulate()
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert code.is_displayed()
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert not code.is_displayed()


def test_code_is_copied(browser: Browser) -> None:
    granted = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", granted)
    browser.wait(
        lambda: browser.driver.find_elements(By.CSS_SELECTOR, "#turn-1 .assistant pre button")
    )
    browser.find("#turn-1 .assistant pre button").click()
    browser.wait(
        lambda: browser.find("#tools > [role=status]").get_attribute("textContent") == "Copied"
    )
    read = "navigator.clipboard.readText().then(arguments[0])"
    assert browser.driver.execute_async_script(read) == "print()\n"


def test_nothing_of_a_conversation_runs_and_nothing_is_loaded(browser: Browser) -> None:
    browser.open("#all")
    assert browser.run("return typeof hacked") == "undefined"
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    assert browser.run("return document.querySelectorAll('script').length") == 1
    seen = browser.run("return [...document.images].map((image) => image.naturalWidth)")
    assert seen == [1, 1, 1]
    links = browser.run("return [...document.links].map((link) => link.protocol)")
    assert set(links) == {"file:"}
    refused = """
        const [done] = arguments;
        const image = document.createElement("img");
        image.onerror = () => fetch("data:,x").then(() => done("fetched"), () => done("refused"));
        image.src = "http://127.0.0.1/x.png";
    """
    assert browser.driver.execute_async_script(refused) == "refused"
    said = [entry["message"] for entry in browser.driver.get_log("browser")]
    assert len(said) >= 2
    assert all("Content Security Policy" in message for message in said)


def test_all_is_readable_without_javascript(browser: Browser) -> None:
    switch = "Emulation.setScriptExecutionDisabled"
    browser.driver.execute_cdp_cmd(switch, {"value": True})
    try:
        browser.open()
        text = browser.find("body").text
        assert not browser.find("#tools").text
    finally:
        browser.driver.execute_cdp_cmd(switch, {"value": False})
    for words in (
        "Capital?",
        "Weather?",
        "Sights?",
        "More?",
        "Food?",
        "goes on after turn 2 of side",
    ):
        assert words in text


def test_every_control_has_a_name(browser: Browser) -> None:
    tree = browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = {"button", "link", "combobox", "searchbox", "treeitem", "tree", "image", "navigation"}
    found = [node for node in tree if node.get("role", {}).get("value") in roles]
    assert {node["role"]["value"] for node in found} == roles
    assert [node for node in found if not node["name"]["value"].strip()] == []


def test_a_narrow_screen_is_not_wider_than_it_is(browser: Browser) -> None:
    size = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for address in ("", "#compare:main:side"):
            browser.open(address)
            assert browser.run("return document.documentElement.scrollWidth") == 400
    finally:
        browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


async def make_comparison(folder: Path) -> Path:
    """Two branches that have different turns after the first one."""
    async with ConversationStore(folder / "c.db", create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", items("Capital?", "Paris."), run(100))
        await store.branch("talk", "main", after=1, name="side", expected=None)
        for branch, answer in (("main", f"It is {EVIL}"), ("side", "It was rainy.")):
            await store.record_turn("talk", branch, items("Weather?", answer), run(100))
        found = await store.compare("talk", "main", "side")
        usage = [await store.usage_of_turns("talk", branch, 2) for branch in ("main", "side")]
    page = folder / "comparison.html"
    pieces = ComparisonPage(of_two("talk", found, usage), words=True).pieces()
    page.write_text("".join(pieces), encoding="utf-8")
    return page


def test_a_comparison_is_beside_each_other_or_below(running: Browser, tmp_path: Path) -> None:
    browser = Browser(running.driver, asyncio.run(make_comparison(tmp_path)))
    browser.emulate()
    browser.open()
    assert browser.driver.get_log("browser") == []
    assert browser.run("return typeof hacked") == "undefined"
    assert browser.turns() == ["b0-turn-2", "b1-turn-2"]
    assert browser.find("#b1-turn-2 ins").text == "was rainy."
    assert browser.find("#b0-turn-2 del").text.startswith("is <script>hacked = 1</script><img")
    left, right = browser.driver.find_elements(By.CLASS_NAME, "side")
    assert left.location["y"] == right.location["y"]
    browser.click("Theme: auto")
    browser.click("Theme: light")
    dark = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(19, 22, 25)"
    browser.click("Theme: dark")
    # Without colours, what was removed and added is told by lines.
    lines = "return getComputedStyle(document.querySelector(arguments[0])).textDecorationLine"
    assert [browser.run(lines, tag) for tag in ("del", "ins")] == ["line-through", "underline"]
    narrow = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
    assert left.location["y"] < right.location["y"]
    assert browser.run("return document.documentElement.scrollWidth") <= 400
    browser.emulate("print")
    assert not browser.find("#tools").is_displayed()
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.emulate()
