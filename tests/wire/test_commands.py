"""Commands and their answers on the wire."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.domain.command import LONGEST_TEXT, Accepted, Command, Verb
from tracker_tui.wire.codec import ProtocolViolation
from tracker_tui.wire.commands import decode_accepted, decode_command, encode_body

ID = "0b5c3f0a-6d5e-4a86-9d52-3a1f0c1d2e3f"

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=LONGEST_TEXT)


@given(TEXTS.filter(lambda text: text.strip()))
def test_any_text_survives_a_round_trip(text: str) -> None:
    command = Command(ID, Verb.NOTE, text)
    assert decode_command(encode_body(command)) == command


def test_an_answer_survives_a_round_trip() -> None:
    assert decode_accepted(encode_body(Accepted(ID, 5, 7))) == Accepted(ID, 5, 7)


def test_a_command_has_the_names_of_the_protocol_and_omits_missing_fields() -> None:
    assert json.loads(encode_body(Command(ID, Verb.CANCEL))) == {"commandId": ID, "command": "cancel"}


def test_a_text_that_is_not_unicode_can_be_encoded_and_is_refused_when_decoded() -> None:
    body = encode_body(Command(ID, Verb.NOTE, "half of a pair: \ud83d"))
    body.encode("ascii")
    with pytest.raises(ProtocolViolation):
        decode_command(body)


@pytest.mark.parametrize("body", ["null", "[]", "1", '"x"', "{}", b"\xff", "{" * 100_000])
def test_other_data_is_a_violation(body: str | bytes) -> None:
    for decode in (decode_command, decode_accepted):
        with pytest.raises(ProtocolViolation):
            decode(body)


def test_an_error_contains_no_escape_sequence() -> None:
    with pytest.raises(ProtocolViolation) as violation:
        decode_command('{"commandId":"\\u001b[2J","command":"note","text":"x"}')
    assert str(violation.value).isprintable()
