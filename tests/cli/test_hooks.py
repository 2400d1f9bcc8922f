"""Tests of ``--on``: the values, and what the server's text can do to a command (nothing)."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.hostile_text import HOSTILE
from tests.support.orders import at, order, snapshot
from tracker_tui.cli.hooks import FIELDS, Hook, call_for, hook_environment, parse_hooks
from tracker_tui.cli.options import UsageError
from tracker_tui.cli.parser import parse_arguments
from tracker_tui.cli.settings import Flags, load_settings, unknown_variables
from tracker_tui.domain.edges import Edge
from tracker_tui.domain.order import Links
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView

PAGE = "https://orders.example/A1"
VIEW = OrderView("A1").join(
    snapshot(1, "preparing", facts=replace(order(promised_at=at(600)), links=Links(PAGE)), updated_at=at(0))
)


def hook(command: str, edge: str = "late") -> Hook:
    [parsed] = parse_hooks([(edge, command)])
    return parsed


def test_fields_are_replaced_inside_arguments_and_set_in_the_environment() -> None:
    call = call_for(hook("notify-send '{order} is {late_minutes} min late' --link={url} {status}"), VIEW, at(900))
    assert call.arguments == ("notify-send", "A1 is 5 min late", f"--link={PAGE}", "preparing")
    assert call.variables["TRACKER_ORDER"] == "A1"
    assert call.variables["TRACKER_LATE_MINUTES"] == "5"
    assert call.variables["TRACKER_EDGE"] == "late"
    assert {f"TRACKER_{field.upper()}" for field in FIELDS} < call.variables.keys()


def test_other_braces_are_left_alone() -> None:
    call = call_for(hook("""curl -d '{"order": "{order}", "x": {y}}' http://127.0.0.1"""), VIEW, at(0))
    assert call.arguments[2] == '{"order": "A1", "x": {y}}'


def test_a_value_with_another_field_in_braces_is_not_replaced_again() -> None:
    sly = VIEW.join(snapshot(2, "{url}", facts=order(), updated_at=at(0)))
    assert call_for(hook("echo {status}"), sly, at(0)).arguments == ("echo", "{url}")


def test_a_value_is_never_taken_for_an_option() -> None:
    sly = VIEW.join(snapshot(2, "--exec=rm", facts=order(), updated_at=at(0)))
    call = call_for(hook("find {status}"), sly, at(0))
    assert call.arguments == ("find", " --exec=rm")
    assert call.variables["TRACKER_STATUS"] == " --exec=rm"


@given(status=st.one_of(st.text(min_size=1, max_size=64), st.sampled_from(tuple(HOSTILE.values()))))
def test_the_server_chooses_neither_the_number_of_arguments_nor_control_characters(status: str) -> None:
    sly = VIEW.join(replace(snapshot(2, "x", facts=order(), updated_at=at(0)), state=replace(
        snapshot(2, "x").state, status=status)))  # fmt: skip
    call = call_for(hook("program '{status} {sentence}' {status}"), sly, at(0))
    assert len(call.arguments) == 3
    for text in (*call.arguments, *call.variables.values()):
        assert sanitize(text) == text
    assert not call.arguments[2].startswith("-")


def test_a_command_does_not_inherit_the_token() -> None:
    call = call_for(hook("true"), VIEW, at(0))
    environment = hook_environment({"PATH": "/bin", "TRACKER_TOKEN": "s3cret", "TRACKER_ORDER": "other"}, call)
    assert environment["PATH"] == "/bin"
    assert environment["TRACKER_ORDER"] == "A1"
    assert "s3cret" not in json.dumps(environment)


def test_a_command_that_runs_this_program_gets_no_warning_about_its_variables() -> None:
    call = call_for(hook("true"), VIEW, at(0))
    assert unknown_variables(call.variables) is None


@pytest.mark.parametrize(
    ("edge", "command", "message"),
    [
        ("lat", "true", '--on: "lat" is not one of late, stuck, action, ended'),
        ("stage", "true", "is not one of late, stuck, action, ended"),
        ("late", "", "--on late: the command is missing"),
        ("late", "  ", "--on late: the command is missing"),
        ("late", "say 'x", "--on late: the command's quotes do not match"),
        ("late", "{status} x", "--on late: the program must be a fixed name"),
    ],
)
def test_a_wrong_value_is_one_clear_line(edge: str, command: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_hooks([(edge, command)])
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["A1", "--once"], 'leave out either "--on" or "--once"'),
        (["--replay", "x.ndjson"], 'leave out either "--on" or "--replay"'),
    ],
)
def test_a_run_without_changes_of_its_own_takes_no_command(words: list[str], message: str) -> None:
    flags = parse_arguments([*words, "--on", "late", "true"])
    assert isinstance(flags, Flags)
    with pytest.raises(UsageError, match=message):
        load_settings(flags, {})


def test_the_flag_can_be_given_several_times() -> None:
    flags = parse_arguments(["A1", "--on", "late", "say late", "--on", "ended", "say 'it ended'"])
    assert isinstance(flags, Flags)
    hooks = load_settings(flags, {}).hooks
    assert hooks == (Hook(Edge.LATE, ("say", "late")), Hook(Edge.ENDED, tuple(shlex.split("say 'it ended'"))))
