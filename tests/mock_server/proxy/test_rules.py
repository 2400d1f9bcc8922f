"""Files of rules for the proxy."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.proxy.rules import RulesError, load_rules

TOML = """
[[rules]]
match = "/v1/stream"
action = "latency:seconds=0.5,jitter=0.1"
times = 3

[[rules]]
action = "down:for=2"
"""

JSON = """[
    {"match": "/v1/stream", "action": "latency:seconds=0.5,jitter=0.1", "times": 3},
    {"action": "down:for=2"}
]"""


@pytest.mark.parametrize(("name", "text"), [("rules.toml", TOML), ("rules.json", JSON)])
def test_rules_are_faults_with_a_match_and_a_count(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert load_rules(str(tmp_path / name)) == [
        "latency:seconds=0.5,jitter=0.1,match=/v1/stream,count=3",
        "down:for=2",
    ]


@pytest.mark.parametrize("text", ["", "rules = []"])
def test_a_file_may_contain_no_rules(tmp_path: Path, text: str) -> None:
    (tmp_path / "rules.toml").write_text(text)
    assert load_rules(str(tmp_path / "rules.toml")) == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("r.toml", "rules = 7", "rules must be a list"),
        ("r.toml", "[rule]", "unknown key 'rule'; allowed: rules"),
        ("r.toml", "[[rules]", "rules are TOML, or JSON in a file named *.json"),
        ("r.json", "[[rules]]", "rules are TOML, or JSON in a file named *.json"),
        ("r.json", "[" * 100_000, "rules are TOML, or JSON"),
        ("r.json", "[7]", "rules[0] must be a table, not 7"),
        ("r.json", '"x"', "must be a table, not 'x'"),
        ("r.json", "[{}]", "rules[0].action must be a fault, NAME[:key=value,…]; it is missing"),
        ("r.json", '[{"action": "up"}, {"action": "explode"}]', "rules[1]: there is no fault 'explode'"),
        ("r.json", '[{"action": "drop"}]', "rules[0]: drop is a fault of the server"),
        ("r.json", '[{"action": "latency:seconds=x"}]', "seconds is a number from 0 to 3600, not 'x'"),
        ("r.json", '[{"action": "cut", "match": "ws"}]', "rules[0]: cut: match is all | http | websocket | sse"),
        ("r.json", '[{"action": "cut", "match": "/a,count=7"}]', "rules[0].match must be without a comma"),
        ("r.json", '[{"action": "cut", "times": 0}]', "rules[0].times must be a whole number from 1"),
        ("r.json", '[{"action": "down", "times": 2}]', "rules[0]: down has no parameter 'count'"),
        ("r.json", '[{"action": "cut", "when": 2}]', "unknown key 'when'; allowed: match, action, times"),
        ("r.json", '[{"action": "\\u001b[2J"}]', "there is no fault '\\x1b[2J'"),
    ],
)
def test_an_error_is_one_line_that_names_its_place(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(RulesError) as error:
        load_rules(str(tmp_path / name))
    assert message in str(error.value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = \x00"])
def test_a_file_that_is_not_text_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rules.toml").write_bytes(content)
    with pytest.raises(RulesError, match="rules are TOML"):
        load_rules(str(tmp_path / "rules.toml"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"none\.toml.*No such file or directory; check the path"):
        load_rules(str(tmp_path / "none.toml"))
