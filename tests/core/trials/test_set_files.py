"""Sets are read from TOML and JSON Lines, and all their mistakes are found at once."""

import json
from pathlib import Path

import pytest

from convo.errors import SetError
from convo.trials.cases import Case, Origin, case_of
from convo.trials.checks import Check
from convo.trials.set_files import read_set

TOML = """\
name = "Capital cities"
instructions = "One word."
judge_model = "echo"
checks = [{ regex = "^\\\\S+$" }]

[[cases]]
name = "france"
prompt = "The capital of France?"
contains = "Paris"

[[cases]]
prompts = ["I am Ada.", "Who am I?"]
instructions = "Be kind."
checks = [{ equals = "Ada", ignore_case = true }, { judge = "It is short.", not = true }]

[[cases]]
session = "trip"
turn = 3
"""


def written(tmp_path: Path, text: str, name: str = "set.toml") -> Path:
    file = tmp_path / name
    file.write_text(text)
    return file


def mistakes(file: Path) -> list[str]:
    with pytest.raises(SetError) as found:
        read_set(file)
    return [line.replace(str(file.parent) + "/", "") for line in found.value.lines]


def test_a_toml_file(tmp_path: Path) -> None:
    made = read_set(written(tmp_path, TOML))
    word = Check("regex", r"^\S+$", folder=tmp_path)
    assert (made.name, made.judge) == ("capital-cities", "echo")
    paris = Check("contains", "Paris", folder=tmp_path)
    assert made.cases == [
        Case("france", ("The capital of France?",), (paris, word), "One word."),
        Case(
            "i-am-ada",
            ("I am Ada.", "Who am I?"),
            (
                Check("equals", "Ada", True, folder=tmp_path),
                Check("judge", "It is short.", negated=True, folder=tmp_path),
                word,
            ),
            "Be kind.",
        ),
        Case("main-turn-3", (), (word,), "One word.", origin=Origin("trip", "main", 3)),
    ]


def test_json_lines_with_messages(tmp_path: Path) -> None:
    said = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": "4"},
        {"role": "user", "content": "And 3 more?"},
    ]
    line = json.dumps({"messages": said, "equals": ["7", "seven"]})
    (case, again) = read_set(written(tmp_path, f"{line}\n\n{line}\n", "set.jsonl")).cases
    assert case == Case(
        "and-3-more",
        ("And 3 more?",),
        (Check("equals", ["7", "seven"], folder=tmp_path),),
        "Be brief.",
        tuple(said[1:3]),
    )
    assert (again.name, again.digest) == ("and-3-more-2", case.digest)


def test_all_mistakes_are_found_with_their_places(tmp_path: Path) -> None:
    text = """\
titel = "x"
[[cases]]
name = "a/b"
prompt = "Hi"
contians = "x"
[[cases]]
name = "same"
prompt = "Hi"
[[cases]]
name = "same"
prompt = " "
regex = "("
[[cases]]
prompt = "Hi"
prompts = ["Hi"]
checks = [{ contains = "a", equals = "b" }, { command = "grep x | wc" }, { command = "no-such-x" }]
[[cases]]
branch = "main"
json-schema = { type = "strange" }
"""
    assert mistakes(written(tmp_path, text)) == [
        "set.toml: the key 'titel' is not understood; a case begins with [[cases]]",
        "set.toml, line 2, 'a/b': the key 'contians' is not understood (did you mean 'contains'?)",
        "set.toml, line 2, 'a/b': the name of a case 'a/b' has a slash: use '-' or '_' instead",
        "set.toml, line 6, 'same': it has no check: give it one of contains, equals, regex, "
        "json-schema, command, judge",
        "set.toml, line 9, 'same': `regex` '(' is not a pattern: missing ), unterminated "
        "subpattern at position 0",
        "set.toml, line 9, 'same': `prompt` is a text that is not empty",
        "set.toml, line 13: a check has one of contains, equals, regex, json-schema, command, "
        "judge, not 2 of them",
        "set.toml, line 13: `command` 'grep x | wc' is for a shell, and none runs it: write its "
        'words, as ["sh", "-c", "…"]',
        "set.toml, line 13: the program of `command` is not there: 'no-such-x'",
        "set.toml, line 13: `prompt` and `prompts` exclude each other: give one",
        "set.toml, line 17: `json-schema` is not a JSON Schema: type: 'strange' is not valid under "
        "any of the given schemas",
        "set.toml, line 17: `turn` is missing: the number of the turn that is asked again",
    ]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("b = 1\na = x\n", "set.toml", "set.toml, line 2: it is not TOML: Invalid value"),
        ("{}\n{", "set.jsonl", "set.jsonl, line 2: it is not JSON: Expecting property name"),
        ("", "set.toml", "set.toml has no cases"),
        ("prompts:\n - x", "set.yaml", "set.yaml is YAML, which is not understood"),
        ('[{"prompt": "x"}]', "set.json", "set.json is one JSON value, which is not understood"),
        ('{"input": "x", "ideal": "y"}', "x.jsonl", "has cases as of OpenAI's evals, with `ideal`"),
        ('{"question": "x", "answer": "y"}', "x.jsonl", "has cases as of questions and answers"),
        ('{"prompt": ' + "[" * 100_000, "set.jsonl", "set.jsonl, line 1: it is not JSON"),
    ],
)
def test_files_that_are_no_sets(tmp_path: Path, text: str, name: str, said: str) -> None:
    assert said in "\n".join(mistakes(written(tmp_path, text, name)))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert mistakes(tmp_path / "none.toml") == [
        "none.toml cannot be read: No such file or directory"
    ]
    assert mistakes(tmp_path) == [f"{tmp_path.name} is not a regular file"]
    file = tmp_path / "set.toml"
    file.write_bytes(b"a = 1\nb = '\xff'")
    assert mistakes(file) == ["set.toml, line 2: it is not UTF-8 text"]


def test_many_mistakes_are_counted(tmp_path: Path) -> None:
    found = mistakes(written(tmp_path, '{"x": 1}\n' * 50, "set.jsonl"))
    assert (len(found), found[-1]) == (21, "set.jsonl: and 30 more mistakes")


def test_a_schema_is_read_from_a_file_beside_the_set(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"type": "object"}')
    text = '{"prompt": "x", "json-schema": "s.json"}'
    (case,) = read_set(written(tmp_path, text, "set.jsonl")).cases
    assert case.checks[0].value == {"type": "object"}
    assert mistakes(written(tmp_path, text.replace("s.json", "t.json"), "set.jsonl")) == [
        "set.jsonl, line 1: the schema 't.json' cannot be read: No such file or directory"
    ]


def test_a_digest_tells_whether_cases_ask_and_check_the_same() -> None:
    case = case_of(prompt="Hi", contains="x")
    assert (
        case.digest == case_of(Path("/elsewhere"), name="other", prompt="Hi", contains="x").digest
    )
    assert case.digest != case_of(prompt="Hi", contains="y").digest
    assert case.digest != case_of(prompt="Hi", contains="x", instructions="z").digest


def test_a_case_with_a_wrong_check_may_lack_a_prompt_too(tmp_path: Path) -> None:
    said = mistakes(written(tmp_path, '[[cases]]\nregex = "("\n[[cases]]\nprompt = 3\n'))
    assert [line.partition(": ")[2][:14] for line in said] == [
        "`regex` '(' is",
        "it asks nothin",
        "`prompt` is a ",
        "it has no chec",
    ]
