"""The server's label: the user's name and colour for it, and the signed-in user."""

from __future__ import annotations

import pytest

from tracker_tui.link.http.server import Server
from tracker_tui.ui.model.server_label import NO_LABEL, LabelColour, ServerLabel, parse_servers


def base_url(url: str) -> str:
    return Server.parse(url).base


def test_labels_are_found_by_base_url() -> None:
    labels = parse_servers({"https://orders.example.com/": {"name": "prod", "colour": "red"}}, base_url)
    assert labels == {base_url("https://orders.example.com"): ServerLabel("prod", LabelColour.RED)}


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (NO_LABEL, "orders.example.com"),
        (ServerLabel("prod"), "prod"),
        (ServerLabel("prod", user="mara"), "mara@prod"),
        (ServerLabel(user="mara"), "mara@orders.example.com"),
    ],
)
def test_the_label_names_user_and_server(label: ServerLabel, text: str) -> None:
    assert label.text("orders.example.com") == text


def test_the_users_name_is_safe_to_show_and_short() -> None:
    assert ServerLabel().with_user("\x1b[2J" + "x" * 200).user == "␛[2J" + "x" * 20
    assert ServerLabel("prod").with_user(None) == ServerLabel("prod")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"https://x": "prod"}, '"https://x": write a table, such as {name = "prod", colour = "red"}'),
        ({"https://x": {"nam": "prod"}}, 'unknown field "nam"; known fields: name, colour'),
        ({"https://x": {"name": 1}}, "name: write a text in quotes"),
        ({"https://x": {"name": "x" * 25}}, "name: a name has at most 24 characters"),
        ({"https://x": {"colour": "pink"}}, 'colour: "pink" is not one of red, yellow, green, blue'),
        ({"ftp://x": {}}, '"ftp://x": '),
    ],
)
def test_a_mistake_is_one_clear_line(table: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the message is checked below
        parse_servers(table, base_url)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
