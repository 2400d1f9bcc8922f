"""Tests of the error codes against the table of the protocol (PROTOCOL §8)."""

from __future__ import annotations

import re
from pathlib import Path

import tracker_tui.wire
from tracker_tui.domain.codes import ErrorCode, Recovery, parse_code

PROTOCOL = Path(tracker_tui.wire.__file__).with_name("PROTOCOL.md")


def rows() -> list[tuple[set[str], int | None, set[int]]]:
    """Return the codes, the close code and the HTTP statuses of every row of the table."""
    section = PROTOCOL.read_text(encoding="utf-8").partition("\n## 8. Codes\n")[2].partition("\n## ")[0]
    lines = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    return [
        (
            set(re.findall(r"`(\w+)`", codes)),
            int(close) if close.strip().isdecimal() else None,
            {int(status) for status in re.findall(r"\d+", statuses)},
        )
        for _, codes, close, statuses, *_ in lines
    ]


def test_every_code_of_the_protocol_is_listed() -> None:
    assert {code for codes, _, _ in rows() for code in codes} == set(ErrorCode)


def test_close_codes_and_http_statuses_are_those_of_the_protocol() -> None:
    for codes, close_code, statuses in rows():
        members = [code for code in map(parse_code, codes) if code is not None]
        assert {member.close_code for member in members} == {close_code}
        assert {status for member in members for status in member.http_statuses} == statuses


def test_a_close_code_is_final_from_4500_on() -> None:
    for code in ErrorCode:
        if code.close_code is not None:
            is_final = code.recovery in {Recovery.FINAL, Recovery.SIGNED_OUT}
            assert is_final == (code.close_code >= 4500)


def test_an_unknown_code_has_no_member() -> None:
    assert parse_code("forbidden") is ErrorCode.FORBIDDEN
    assert parse_code("teapot") is None
