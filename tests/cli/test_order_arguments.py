"""The orders of a run: from arguments, stdin and lists."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tracker_tui.cli.options import UsageError
from tracker_tui.cli.order_arguments import MAX_BYTES, choose_orders
from tracker_tui.cli.print_config import settings_as_toml
from tracker_tui.cli.settings import Flags, load_settings

LISTS = {"vip": ("A1042", "A1001"), "late-shift": ("P1",), "none": ()}


def piped(text: str | bytes) -> Callable[[], bytes]:
    """Return a reader of a stdin with this text."""
    return lambda: text.encode() if isinstance(text, str) else text


def choose(*words: str, names: tuple[str, ...] = (), stdin: str | bytes = "") -> tuple[str, ...]:
    return choose_orders(words, names, LISTS, "https://orders.example:8443/api", piped(stdin))


def settings_file(folder: Path, text: str) -> dict[str, str]:
    file = folder / "config.toml"
    file.write_text(text)
    return {"TRACKER_CONFIG": str(file)}


@pytest.mark.parametrize(
    ("words", "orders"),
    [
        (["A1,A3"], ("A1", "A3")),
        (["#A1", "A2"], ("A1", "A2")),
        (["A1 A2\nA1"], ("A1", "A2")),
        (["alpha", "a1"], ("alpha", "a1")),
        (["https://orders.example/track/A1"], ("A1",)),
        (["https://orders.example/?order=A1,A3"], ("A1", "A3")),
    ],
)
def test_an_argument_has_one_id_several_or_the_address_of_a_page(words: list[str], orders: tuple[str, ...]) -> None:
    assert choose(*words) == orders


def test_ids_come_from_arguments_stdin_and_lists_in_this_order_without_duplicates() -> None:
    found = choose("P1", "-", "A1042", "-", names=("vip", "late-shift"), stdin="\ufeffA7\r\n#A1001, A8\n")
    assert found == ("P1", "A7", "A1001", "A8", "A1042")


@pytest.mark.parametrize(
    ("words", "names", "stdin", "message"),
    [
        (["-"], (), "", "no order ids on stdin: give them separated by spaces, commas or lines"),
        (["-"], (), " ,\n", "no order ids on stdin: give them separated by spaces, commas or lines"),
        (["-"], (), b"\xff\xfeA1", "stdin is not UTF-8 text: give order ids, separated by spaces, commas or lines"),
        (["-"], (), "A1 -x", 'stdin: "-x" is not an order id: it is 1 to 64 letters, digits, dots, dashes and'),
        (["-"], (), "A1\x00", 'stdin: "A1␀" is not an order id'),
        (["-"], (), " ".join(f"A{number}" for number in range(1_001)), "1001 orders are too many: at most 1000 can be"),
        (["-"], (), "A1 " * MAX_BYTES, "stdin has more than 4 MB: at most 1000 orders can be watched"),
        (["https://orders.example.evil/A1"], (), "", "is not the page of an order at orders.example:8443"),
        (["https://orders.example/"], (), "", "https://orders.example/ names no order: give the order's id"),
        ([""], (), "", "no order id in it"),
        ([], ("vpi",), "", '--list: there is no list "vpi", did you mean vip?; lists in the config file: vip, late-sh'),
        ([], ("\x1b[2J",), "", '--list: there is no list "␛[2J"; lists in the config file: vip, late-shift, none'),
        ([], ("none",), "", "--list none: there is no order in this list of the config file; add one"),
    ],
)
def test_a_mistake_is_one_line(words: list[str], names: tuple[str, ...], stdin: str | bytes, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        choose(*words, names=names, stdin=stdin)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_without_lists_in_the_config_file_the_message_says_how_to_write_one() -> None:
    with pytest.raises(UsageError, match=r'write \[lists\] into the config file, and in the next line vip = \["A1042"'):
        choose_orders((), ("vip",), {}, "http://localhost", piped(""))


def test_lists_of_the_config_file_are_watched_and_printed(tmp_path: Path) -> None:
    environ = settings_file(tmp_path, '[lists]\nvip = ["A1042", "A1001", "A1042"]\n"night.shift" = []\n')
    settings = load_settings(Flags(orders=("A1001", "P1"), lists=("vip",)), environ)
    assert settings.orders == ("A1001", "P1", "A1042")
    assert settings.lists == {"vip": ("A1042", "A1001"), "night.shift": ()}
    text = settings_as_toml(settings)
    assert f'[lists]\n# from {tmp_path}/config.toml\nvip = ["A1042", "A1001"]\n"night.shift" = []\n' in text
    printed = load_settings(Flags(lists=("vip",)), settings_file(tmp_path, text))
    assert printed.lists == settings.lists
    empty = settings_as_toml(load_settings(Flags(orders=("A1",)), {}))
    assert tomllib.loads(empty)["lists"] == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lists = 1", "lists: write a table, such as [lists] and in the next line vip ="),
        ("[lists]\nvip = 'A1'", 'lists: vip: write order ids in quotes and brackets, such as vip = ["A1042", "A1001"]'),
        ("[lists]\nvip = [1]", "lists: vip: write order ids in quotes and brackets"),
        ("[lists]\nvip = ['A1', '#A2']", "lists: vip: not an order id: '#A2'"),
        ("[lists]\n'a b' = []", 'lists: "a b" is not a name of letters, digits, dots and dashes'),
        ("[lists]\n'-x' = []", 'lists: "-x" is not a name of letters, digits, dots and dashes'),
    ],
)
def test_a_mistake_in_a_list_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        load_settings(Flags(orders=("A1",)), settings_file(tmp_path, text))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_all_orders_need_no_list(tmp_path: Path) -> None:
    environ = settings_file(tmp_path, '[lists]\nvip = ["A1"]\n')
    with pytest.raises(UsageError, match='leave out either "--all" or "--list"'):
        load_settings(Flags(everything=True, lists=("vip",)), environ)


def test_stdin_is_read_only_if_it_is_asked_for() -> None:
    def fail() -> bytes:
        raise AssertionError

    settings = load_settings(Flags(orders=("A1",)), {}, fail)
    assert not settings.reads_stdin
    assert load_settings(Flags(orders=("-",)), {}, piped("A1")).reads_stdin
    assert load_settings(Flags(orders=("-",), print_config=True), {}, fail).orders == ()
