"""The user's saved views of the board, as the config file has them."""

from __future__ import annotations

import re

import pytest

from tracker_tui.ui.model.board_view import DEFAULT_VIEW, BoardView, Grouping, Sort, parse_views, start_view
from tracker_tui.wording.filter import MAX_LENGTH, Filter


def test_a_view_has_a_filter_a_sort_key_a_grouping_and_a_key() -> None:
    (view,) = parse_views({"Late food": {"filter": "late !parcel", "sort": "-eta", "group": "courier", "key": "3"}})
    assert view == BoardView("Late food", "3", Filter.parse("late !parcel"), Sort.ETA, True, Grouping.COURIER)
    assert view.sort_text == "-eta"


def test_fields_that_are_left_out_have_defaults_and_words_may_have_capitals() -> None:
    plain, loud = parse_views({"Plain": {}, "Loud": {"sort": "-ETA", "group": "Stage"}})
    assert plain == BoardView("Plain", "1")
    assert loud == BoardView("Loud", "2", sort=Sort.ETA, is_reversed=True, grouping=Grouping.STAGE)


def test_views_without_a_key_get_the_free_ones_and_all_are_ordered_by_key() -> None:
    views = parse_views({"A": {}, "B": {"key": "1"}, "C": {"key": "0"}, "D": {}})
    assert [(view.key, view.name) for view in views] == [("0", "C"), ("1", "B"), ("2", "A"), ("3", "D")]


def test_the_view_with_the_key_0_is_the_start_and_a_filter_on_the_command_line_replaces_its_own() -> None:
    views = parse_views({"Mine": {"filter": "late", "sort": "eta", "key": "0"}, "Other": {}})
    assert start_view(views, None) == views[0]
    assert start_view(views, "risk") == BoardView("Mine", "0", Filter.parse("risk"), Sort.ETA)
    assert start_view((), None) is DEFAULT_VIEW
    assert start_view(views[1:], "risk").filter == Filter.parse("risk")


def test_nine_views_have_room_without_keys() -> None:
    assert len(parse_views({str(number): {} for number in range(9)})) == 9
    with pytest.raises(ValueError, match=r"^too many views: there are only 9 keys"):
        parse_views({str(number): {} for number in range(10)})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("late", "write a table, such as {filter = "),
        ({"filtre": "late"}, 'unknown field "filtre"; known fields: filter, sort, group, key'),
        ({"\x1b[2J": ""}, 'unknown field "␛[2J"'),
        ({"filter": 3}, "filter: write a text in quotes"),
        ({"key": 1}, "key: write a text in quotes"),
        ({"filter": "x" * (MAX_LENGTH + 1)}, f"filter: a filter has at most {MAX_LENGTH} characters"),
        ({"sort": "up"}, 'sort: "up" is not one of attention, id, stage, eta'),
        ({"sort": "--eta"}, 'sort: "-eta" is not one of'),
        ({"group": "city"}, 'group: "city" is not one of none, stage, courier'),
        ({"key": "10"}, 'key: "10" is not a digit, such as "1"'),
        ({"key": "a"}, 'key: "a" is not a digit'),
        ({"key": "²"}, 'key: "²" is not a digit'),
    ],
)
def test_a_mistake_names_the_view_in_one_line(fields: object, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f'"Mine␊": {said}')) as mistake:
        parse_views({"Mine\n": fields})
    assert str(mistake.value).isprintable()


def test_two_views_cannot_have_one_key_and_a_name_is_short() -> None:
    with pytest.raises(ValueError, match='"2" is the key of both "A" and "B"'):
        parse_views({"A": {"key": "2"}, "B": {"key": "2"}})
    for name in ("", "x" * 41):
        with pytest.raises(ValueError, match="a name has 1 to 40 characters"):
            parse_views({name: {}})


def test_groupings_follow_each_other_in_a_circle() -> None:
    assert [Grouping.NONE.next, Grouping.NONE.next.next, Grouping.NONE.next.next.next] == [
        Grouping.STAGE,
        Grouping.COURIER,
        Grouping.NONE,
    ]
