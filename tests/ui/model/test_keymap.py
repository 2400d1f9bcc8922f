"""Keys chosen by the user: how they are written, and that they work on every screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.keys import _character_to_key

from tests.ui.app_harness import AppHarness
from tracker_tui.ui.model import keymap
from tracker_tui.ui.model.actions import ACTIONS

MakeHarness = Callable[..., AppHarness]


@pytest.mark.parametrize(
    ("text", "key", "shown"),
    [
        ("q", "q", "q"),
        ("Q", "Q", "Q"),
        ("?", "question_mark", "?"),
        ("/", "slash", "/"),
        ("-", "minus", "-"),
        ("+", "plus", "+"),
        ("question_mark", "question_mark", "?"),
        ("space", "space", "Space"),
        ("Escape", "escape", "Esc"),
        ("f5", "f5", "F5"),
        ("ctrl+r", "ctrl+r", "^r"),
        ("alt+x", "alt+x", "Alt+x"),
        ("shift+f5", "shift+f5", "Shift+F5"),
        ("é", "é", "é"),
    ],
)
def test_keys_are_parsed_and_shown(text: str, key: str, shown: str) -> None:
    assert keymap.parse_key(text) == key
    assert keymap.key_label(key) == shown
    assert keymap.parse_key(keymap.format_key(key)) == key


def test_every_ascii_character_has_textuals_name() -> None:
    for character in map(chr, range(33, 127)):
        assert keymap.parse_key(character) == _character_to_key(character)


@pytest.mark.parametrize("text", ["", " ", "qq", "f99", "hyper+x", "ctrl+", "ctrl+é", "shift+a", "\x1b", "\n"])
def test_unknown_keys_are_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="is not a key; write one such as") as mistake:
        keymap.parse_key(text)
    assert str(mistake.value).isprintable()


@pytest.mark.parametrize("text", ["enter", "up", "ctrl+c", "ctrl+p", "tab", "ctrl+z", "shift+tab", "ctrl+up"])
def test_keys_with_a_fixed_meaning_are_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="has a fixed meaning and cannot be chosen"):
        keymap.parse_key(text)


def test_two_actions_can_swap_their_keys() -> None:
    assert keymap.parse_keymap({"pause": "r", "reconnect": "p"}) == {"pause": "r", "reconnect": "p"}


def test_the_default_keys_have_no_conflict() -> None:
    assert keymap.parse_keymap({command.name: keymap.format_key(command.key) for command in ACTIONS})


async def test_a_chosen_key_replaces_the_default(harness: MakeHarness) -> None:
    ui = harness(keys=keymap.parse_keymap({"reconnect": "ctrl+r", "pause": "-"}))
    async with ui.run():
        await ui.press("r", "p")
        assert ui.feed.reconnects == 0
        assert "Paused" not in ui.text()
        await ui.press("ctrl+r", "minus")
        assert ui.feed.reconnects == 1
        assert "‖ Paused" in ui.text()


async def test_swapped_keys_run_each_others_action(harness: MakeHarness) -> None:
    ui = harness(keys=keymap.parse_keymap({"reconnect": "p", "pause": "r"}))
    async with ui.run():
        await ui.press("p")
        assert ui.feed.reconnects == 1
        await ui.press("r")
        assert "‖ Paused" in ui.text()


async def test_key_bar_help_and_palette_show_the_chosen_key(harness: MakeHarness) -> None:
    ui = harness(keys=keymap.parse_keymap({"reconnect": "ctrl+r", "quit": "Q", "help": "f1"}))
    async with ui.run():
        assert "^r Reconnect" in ui.rows()[-1]
        assert "Q Quit" in ui.rows()[-1]
        await ui.press("f1")
        assert "^r    Reconnect now" in ui.text()
        await ui.press("f1", "ctrl+p", *"reconn")
        await ui.wait_until(lambda: "Reconnect (^r)" in ui.text())


async def test_chosen_keys_work_in_panels(harness: MakeHarness) -> None:
    ui = harness(demo=True, keys=keymap.parse_keymap({"faults": "F", "heal": "H", "reconnect": "ctrl+r"}))
    async with ui.run():
        await ui.press("F")
        assert "Fault lab" in ui.rows()[2]
        await ui.press("h", "H", "ctrl+r")
        assert ui.demo is not None
        assert ui.demo.calls == ["heal"]
        assert ui.feed.reconnects == 1
        await ui.press("F")
        assert "Fault lab" not in ui.rows()[2]


def test_a_modifier_with_punctuation_is_rejected() -> None:
    with pytest.raises(ValueError, match="is not a key"):
        keymap.parse_key("ctrl+slash")


def test_a_removed_action_is_a_warning_that_names_its_replacement() -> None:
    table = {"save": "S", "pause": "P", "zone": "t"}
    assert keymap.parse_keymap(table) == {"pause": "P"}
    warning = keymap.removed_actions(table)
    assert warning is not None
    assert "save: use export (e)" in warning
    assert "zone: set utc = true, or use --utc" in warning
    assert keymap.removed_actions(["pause"]) is None
