"""Several models, templates and agents are each asked with each other."""

from __future__ import annotations

import json

from tests.program import Program


def test_each_model_with_each_template(convo: Program) -> None:
    lines = [
        "chat --no-stdin One",
        "template save brief -i Briefly.",
        "template save long -i 'At length.'",
        "replay -m echo -t brief -t long --json",
        "replay -t brief --json",
        "replay --json",
        "replay -m echo -m echo --json",
        "ask -m echo -t brief -t long --no-stdin Two --json",
    ]
    *_, product, template, session, twice, asked = convo.each(*lines)
    for one in (product, template, session, twice, asked):
        assert one.code == 0, one.err
    names = [
        [(row["name"], row["branch"]) for row in json.loads(one.out)]
        for one in (product, template, session, twice, asked)
    ]
    assert names == [
        [("echo+brief", "replay-echo+brief"), ("echo+long", "replay-echo+long")],
        [("brief", "replay-brief")],
        [("echo", "replay-echo")],
        [("echo", "replay-echo-b")],
        [("echo+brief", "ask-echo+brief"), ("echo+long", "ask-echo+long")],
    ]


def test_what_contradicts_itself(convo: Program) -> None:
    lines = ["chat --no-stdin One", "replay -a desk.py --no-agent", "ask -m '' --no-stdin Two"]
    _, agent, model = convo.each(*lines)
    assert agent.error(2).startswith("--agent and --no-agent contradict each other")
    assert model.error(2) == "--model needs the name of a model"
