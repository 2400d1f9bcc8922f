"""Parsing server-sent events, as in the WHATWG's text and other test suites."""

from __future__ import annotations

from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.link.transports.sse_parser import EventTooLarge, ServerSentEvent, SseParser

LIMIT = 1_000


def parsed(*chunks: bytes) -> list[ServerSentEvent]:
    """The events in a stream that arrives in these chunks."""
    stream = SseParser(LIMIT)
    return [event for chunk in chunks for event in stream.feed(chunk)]


def data_of(*chunks: bytes) -> list[str]:
    return [event.data for event in parsed(*chunks)]


@pytest.mark.parametrize(
    ("sent", "data"),
    [
        (b"data: one\n\n", ["one"]),
        (b"data:one\n\ndata:two\n\n", ["one", "two"]),
        (b"data: one\ndata:two\n\n", ["one\ntwo"]),
        (b"data:  two spaces\n\n", [" two spaces"]),
        (b"data:\ttab\n\n", ["\ttab"]),
        (b"data:a:b: c\n\n", ["a:b: c"]),
        # no data, no event; an empty line of data is data
        (b"event: x\n\n", []),
        (b"\n\n\n", []),
        (b"data:\n\n", [""]),
        (b"data\n\ndata\ndata\n\n", ["", "\n"]),
        (b"data:\ndata: 2\ndata:\n\n", ["\n2\n"]),
        # an event without a final empty line is dropped
        (b"data: one\n\ndata: two", ["one"]),
        (b"data: one\n\ndata: two\n", ["one"]),
        # unknown field names are ignored
        (b"Data: no\ndata : no\n data: no\ndat\ndatax: no\ndata\0: no\ncolour: blue\ndata: yes\n\n", ["yes"]),
        (b"\0data: no\ndata:\0\n\n", ["\0"]),
        # comments have no effect
        (b": hello\n:\n::\n\n", []),
        (b"data: one\n: in between\ndata: two\n\n: after\n\n", ["one\ntwo"]),
        (b":" + b"x" * 900 + b"\ndata: one\n\n", ["one"]),
        # text
        ("data: €豆腐 ok…\n\n".encode(), ["€豆腐 ok…"]),
        (b"data: \xff\xc3\n\ndata: ok\n\n", ["\ufffd\ufffd", "ok"]),
        (b"data: a\x0bb\xc2\x85c\xe2\x80\xa8d\n\n", ["a\x0bb\x85c\u2028d"]),
        (b"\xef\xbb\xbfdata: one\n\n\xef\xbb\xbfdata: two\n\ndata: three\n\n", ["one", "three"]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: one\n\ndata: two\n\n", ["two"]),
        # a mix of line ends
        (b"data: a\r\ndata\ndata: b\r\n\r", ["a\n\nb"]),
        (b"data: a\rdata: b\r\r\ndata: c\n\r\n", ["a\nb", "c"]),
    ],
)
def test_a_stream_is_parsed_according_to_the_standard(sent: bytes, data: list[str]) -> None:
    assert data_of(sent) == data
    assert data_of(*(sent[at : at + 1] for at in range(len(sent)))) == data
    assert data_of(*(sent[at : at + 2] for at in range(0, len(sent), 2))) == data


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_every_kind_of_line_end_will_do(end: bytes) -> None:
    sent = end.join([b"data: 1", b"", b"", b"data: 2", b"data:", b"data: 3", b"", b"", b""])
    assert data_of(sent) == data_of(*(sent[at : at + 1] for at in range(len(sent)))) == ["1", "2\n\n3"]


def test_an_event_ended_by_a_carriage_return_does_not_wait_for_the_next_byte() -> None:
    stream = SseParser(LIMIT)
    assert [event.data for event in stream.feed(b"data: now\r\r")] == ["now"]
    assert [event.data for event in stream.feed(b"\ndata: next\r\n\r")] == ["next"]
    assert [event.data for event in stream.feed(b"\n\n")] == []


def test_a_line_end_may_be_cut_in_two() -> None:
    assert data_of(b"data: a\r", b"\ndata: b\r", b"", b"\n\r\ndata: c\r", b"\n", b"\r", b"\n") == ["a\nb", "c"]


def test_type_and_id_belong_to_the_event_in_any_order() -> None:
    assert parsed(b"data: x\nid: A1@7:2\nevent: snapshot\n\n") == [ServerSentEvent("snapshot", "x", "A1@7:2")]
    assert parsed(b"event: \ndata: x\n\n") == [ServerSentEvent("message", "x", "")]


def test_a_type_is_for_one_event_and_an_id_until_the_next() -> None:
    sent = b"event: a\nid: 1\ndata: x\n\ndata: y\n\nid\ndata: z\n\n"
    assert [(event.type, event.id) for event in parsed(sent)] == [("a", "1"), ("message", "1"), ("message", "")]


def test_a_type_without_data_is_forgotten_and_an_id_is_not() -> None:
    assert parsed(b"event: a\nid: 1\n\ndata: x\n\n") == [ServerSentEvent("message", "x", "1")]


def test_an_id_with_a_null_is_ignored() -> None:
    assert parsed(b"id: 1\nid: a\0b\ndata: x\n\n") == [ServerSentEvent("message", "x", "1")]


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (b"retry: 1500\n", 1.5),
        (b"retry:0\n", 0),
        (b"retry: 007\n\n", 0.007),
        (b"retry: 20\nretry: soon\n", 0.02),
        (b"retry: -1\n", None),
        (b"retry: 1.5\n", None),
        (b"retry: 1e3\n", None),
        (b"retry:  5\n", None),
        (b"retry: 5 \n", None),
        (b"retry\n", None),
        ("retry: ٣\n".encode(), None),
        ("retry: ²\n".encode(), None),
    ],
)
def test_retry_is_digits_or_nothing(sent: bytes, seconds: float | None) -> None:
    stream = SseParser(LIMIT)
    assert list(stream.feed(sent)) == []
    assert stream.retry == seconds


def test_a_huge_retry_time_is_accepted() -> None:
    stream = SseParser(10_000)
    assert list(stream.feed(b"retry: " + b"9" * 5_000 + b"\n")) == []
    assert stream.retry is not None
    assert stream.retry > 1e6


def test_an_event_may_hold_as_much_as_the_limit_and_no_more() -> None:
    assert [len(data) for data in data_of(b"data: " + b"x" * LIMIT + b"\n\n")] == [LIMIT]
    assert [len(data) for data in data_of(b"data: " + b"x" * (LIMIT - 2) + b"\ndata:y\n\n")] == [LIMIT]
    for over in (b"data: " + b"x" * (LIMIT + 1) + b"\n\n", b"data: 12345678\n" * 112):
        with pytest.raises(EventTooLarge):
            parsed(over)


@pytest.mark.parametrize("endless", [b"data: ", b": ", b"id: ", b""])
def test_a_line_without_end_is_not_kept(endless: bytes) -> None:
    stream = SseParser(LIMIT)
    with pytest.raises(EventTooLarge):
        list(chain.from_iterable(stream.feed(endless + b"x" * 100) for _ in range(20)))


def test_comments_and_many_small_events_never_reach_the_limit() -> None:
    assert len(parsed(b": still here\n" * 1_000, b"data: x\n\n" * 1_000)) == 1_000


STREAMS = st.lists(
    st.sampled_from([b"data", b"event", b"id", b"retry", b":", b" ", b"\r", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\0"])
    | st.sampled_from(["é", "豆", "x", "12"]).map(str.encode)
    | st.binary(max_size=2),
    max_size=60,
).map(b"".join)


@given(STREAMS, st.lists(st.integers(0, 200)))
def test_where_a_stream_is_cut_makes_no_difference(sent: bytes, cuts: list[int]) -> None:
    places = sorted({min(cut, len(sent)) for cut in cuts} | {0, len(sent)})
    pieces = [sent[start:end] for start, end in pairwise(places)]
    assert parsed(*pieces) == parsed(sent)


LINE = st.tuples(
    st.sampled_from(["data", "event", "id", "other", ""]),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")),
)


@given(st.lists(st.lists(LINE, max_size=5), max_size=5), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_valid_stream_arrives_unchanged(events: list[list[tuple[str, str]]], end: str) -> None:
    sent = "".join("".join(f"{name}: {value}{end}" for name, value in lines) + end for lines in events)
    data = [
        "\n".join(value for name, value in lines if name == "data")
        for lines in events
        if any(name == "data" for name, _ in lines)
    ]
    assert [event.data for event in SseParser(1 << 20).feed(sent.encode())] == data
