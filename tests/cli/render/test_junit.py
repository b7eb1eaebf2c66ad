"""JUnit XML is well-formed, counts right, and has the elements that its readers know."""

from xml.etree import ElementTree

from convo.eval_records import CheckResult, EvalResult, EvalRun
from convo_cli.render.data.junit import junit

RUN = EvalRun(
    3, "a<b", None, "d", "eval", ("x", 'y"&'), 2, 1, 4, 1, 1, "2026-11-26T10:00:00Z", None
)
HOSTILE = "bad \x1b[31m <b>&\ud800 ]]> \ufffe\x00"
RESULTS = [
    EvalResult(0, "one", "d", "x", 1, "passed", "eval", "one", 1, seconds=1.5),
    EvalResult(
        1,
        HOSTILE,
        "d",
        "x",
        1,
        "failed",
        "eval",
        "two",
        1,
        (CheckResult("contains", True, ""), CheckResult("regex", False, HOSTILE)),
        seconds=0.25,
    ),
    EvalResult(0, "one", "d", 'y"&', 1, "error", message=HOSTILE),
]


def root() -> ElementTree.Element:
    return ElementTree.fromstring("".join(junit(RUN, RESULTS)).encode())


def test_suites_and_tests_are_counted() -> None:
    found = root()
    assert {key: found.attrib[key] for key in ("tests", "failures", "errors", "time")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "time": "1.750",
    }
    assert [(one.tag, one.attrib["name"], one.attrib["tests"]) for one in found] == [
        ("testsuite", "a<b: x", "2"),
        ("testsuite", 'a<b: y"&', "1"),
    ]
    assert {one.attrib["timestamp"] for one in found} == {"2026-11-26T10:00:00"}


def test_what_has_not_passed_says_why() -> None:
    said = [
        (test.attrib["classname"], one.tag, one.attrib["type"], one.text)
        for test in root().iter("testcase")
        for one in test
    ]
    text = "bad \ufffd[31m <b>&\ufffd ]]> \ufffd\ufffd"
    assert said == [
        ("a<b.x", "failure", "regex", f"regex: {text}\nthe answer: session eval, branch two"),
        ('a<b.y"&', "error", "model", text),
    ]


def test_attempts_at_one_case_have_names_of_their_own() -> None:
    again = [one._replace(attempt=number) for number in (1, 2) for one in RESULTS[:1]]
    text = "".join(junit(RUN._replace(repeat=2), again))
    names = [one.attrib["name"] for one in ElementTree.fromstring(text).iter("testcase")]
    assert names == ["one [1]", "one [2]"]
