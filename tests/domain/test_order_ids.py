"""Order ids in pasted and piped texts."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.hostile_text import HOSTILE, active_characters
from tracker_tui.domain.order import is_order_id
from tracker_tui.domain.order_ids import OrderIdInput, parse_order_ids

HOST = "orders.example:8443"
LINKS = {
    "A1042": "https://shop.example/track/7c9e?lang=de,at",
    "P7": "https://parcels.example/all",
    "P8": "https://parcels.example/all",
}
"""Two orders share a page, which therefore names neither."""


def parse(text: str, *, is_prose: bool = True) -> OrderIdInput:
    return parse_order_ids(text, host=HOST, links=LINKS, is_prose=is_prose)


@pytest.mark.parametrize(
    ("text", "order_ids"),
    [
        ("A1042", ["A1042"]),
        ("alpha", ["alpha"]),
        (" #A1042\n", ["A1042"]),
        ("A1,A3", ["A1", "A3"]),
        ("A1, A3; #A2\r\nA3\tA1", ["A1", "A3", "A2"]),
        ("A-1_x.2", ["A-1_x.2"]),
        ("«A1042».", ["A1042"]),
        ("\u200b\u2066A1042\u2069", ["A1042"]),
        ("a1042 A1042", ["a1042", "A1042"]),
    ],
)
def test_ids_are_separated_by_commas_spaces_and_lines(text: str, order_ids: list[str]) -> None:
    assert parse(text) == OrderIdInput(tuple(order_ids))


def test_of_several_words_only_those_with_a_digit_are_ids() -> None:
    found = parse("Mrs Diaz asks about order A1042 (and #A1001), since 12:30 — please call!")
    assert found.order_ids == ("A1042", "A1001")
    assert found.ignored == ("Mrs", "Diaz", "asks", "about", "order", "(and", "since", "please", "call!")
    assert found.invalid == ("12:30",)
    assert found.problem is not None
    assert found.problem.startswith('"12:30" is not an order id: it is 1 to 64 letters')


def test_output_of_a_program_is_read_word_for_word() -> None:
    assert parse("alpha beta,#A1", is_prose=False) == OrderIdInput(("alpha", "beta", "A1"))
    assert parse("A1.", is_prose=False).order_ids == ("A1.",)
    assert parse("A1 (A2) —", is_prose=False).invalid == ("(A2)", "—")


@pytest.mark.parametrize(
    ("url", "order_id"),
    [
        (LINKS["A1042"], "A1042"),
        (f"<{LINKS['A1042']}>.", "A1042"),
        ("https://orders.example/A1", "A1"),
        ("http://ORDERS.example:8080/orders/A1/", "A1"),
        ("https://orders.example/track?lang=de&order=alpha#map", "alpha"),
        ("https://orders.example/A9?order=A1", "A1"),
        ("https://shop.example/orders/A3", "A3"),
        ("https://parcels.example/P9", "P9"),
    ],
)
def test_a_page_of_the_server_or_of_a_known_order_names_an_order(url: str, order_id: str) -> None:
    assert parse(url) == OrderIdInput((order_id,))
    assert parse(f"see {url} please").order_ids == (order_id,)
    assert parse(f"{url} A5", is_prose=False).order_ids[-1] == "A5"


def test_several_pages_may_be_separated_by_commas() -> None:
    found = parse("https://orders.example/A1,https://orders.example/A2;A3")
    assert found.order_ids == ("A1", "A2", "A3")


@pytest.mark.parametrize(
    "url",
    [
        "https://orders.example.evil/A1",
        "https://evil-orders.example/A1",
        "https://orders.example@evil.example/A1",
        "https://orders.example:443@evil.example/A1",
        "https://user@orders.example/A1",
        "https://orders.example\\@evil.example/A1",
        "https://evil.example\\.orders.example/A1",
        "https://orders%2eexample/A1",
        "https://orders.example./A1",
        "https://xn--orders-xyz.example/A1",
        "https://örders.example/A1",
        "https://orders。example/A1",
        "https://evil.example/orders.example/A1",
        "https://evil.example#orders.example/A1",
        "https://evil.example?host=orders.example/A1",
        "https://[::1/A1",
        "https:///A1",
        "https:A1",
        "https://orders.example:99999/A1",
        "https://orders.example:x/A1",
        "https://orders.example/A1" + "x" * 2_000,
    ],
)
def test_a_page_elsewhere_names_no_order(url: str) -> None:
    found = parse(url)
    assert (found.order_ids, len(found.invalid)) == ((), 1)
    assert found.problem is not None
    assert found.problem.endswith("is not the page of an order at orders.example:8443: give the order's id")


@pytest.mark.parametrize(
    "url",
    [
        "https://orders.example",
        "https://orders.example/orders/",
        "https://orders.example/A1%2e",
        "https://orders.example/%41%31",
        "https://orders.example/A1;x=@",
        "https://orders.example/?order=",
        "https://orders.example/A1?order=A%001",
        "https://orders.example/A1?order=A1&order=A2",
        "https://orders.example/A1?" + "&".join(f"f{number}=1" for number in range(60)),
        "https://orders.example/#A1",
        "https://parcels.example/all",
    ],
)
def test_a_page_of_the_server_without_an_id_names_no_order(url: str) -> None:
    found = parse(url.replace(";", "%3b"))
    assert found.order_ids == ()
    assert found.problem is not None
    assert found.problem.endswith("names no order: give the order's id")


@pytest.mark.parametrize("text", ["", " \n", ",;,", "—", "()", "#"])
def test_a_text_without_a_word_has_a_problem(text: str) -> None:
    assert parse(text) == OrderIdInput(problem="no order id in it: give one or several, such as A1042")


def test_without_a_host_and_links_no_page_names_an_order() -> None:
    assert parse_order_ids("https:///A1 http://localhost/A1").order_ids == ()


def test_a_huge_text_is_read_in_linear_time() -> None:
    found = parse(" ".join(f"A{number}" for number in range(100_000)))
    assert len(found.order_ids) == 100_000
    assert parse("A" * 1_000_000).order_ids == ()
    assert parse("(" * 1_000_000).order_ids == ()
    assert len(parse("https://" + "a/" * 500_000).invalid[0]) == 81


TEXTS = st.one_of(
    st.text(),
    st.sampled_from(list(HOSTILE.values())),
    st.lists(
        st.sampled_from(
            [
                *["A1", "#", "https://", "http:", "orders.example", "shop.example", "evil", ":8443", "@", "%2e", "/"],
                *["?order=", "&", ",", " ", "\n", "\\", "[", "]", ".", "\x00", "\u202e", "\ud800", "xn--", "١", "Ａ"],
            ]
        )
    ).map("".join),
)


@given(TEXTS, st.text(max_size=20), st.dictionaries(st.text(max_size=5), TEXTS, max_size=3), st.booleans())
@example("https://[", "[", {"A1": "https://["}, True)
def test_any_text_yields_only_order_ids_and_lines_that_are_safe_to_show(
    text: str, host: str, links: dict[str, str], is_prose: bool
) -> None:
    found = parse_order_ids(text, host=host, links=links, is_prose=is_prose)
    assert all(map(is_order_id, found.order_ids))
    assert len(set(found.order_ids)) == len(found.order_ids)
    shown = [*found.ignored, *found.invalid, found.problem or ""]
    assert [active_characters(line) for line in shown] == [[]] * len(shown)
    assert found.problem is not None or (found.order_ids and not found.invalid)
