"""Keys of the user's own choice: how they are written, and that they work wherever the old ones did."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.keys import _character_to_key

from tests.ui.app_harness import Rig
from tracker_tui.ui.model import keymap
from tracker_tui.ui.model.actions import ACTIONS

MakeRig = Callable[..., Rig]


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
def test_keys_are_written_as_people_write_them(text: str, key: str, shown: str) -> None:
    assert keymap.parse_key(text) == key
    assert keymap.key_label(key) == shown
    assert keymap.parse_key(keymap.format_key(key)) == key


def test_every_sign_on_a_keyboard_has_the_name_that_textual_gives_it() -> None:
    for character in map(chr, range(33, 127)):
        assert keymap.parse_key(character) == _character_to_key(character)


@pytest.mark.parametrize("text", ["", " ", "qq", "f99", "hyper+x", "ctrl+", "ctrl+é", "shift+a", "\x1b", "\n"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a key; write one such as") as mistake:
        keymap.parse_key(text)
    assert str(mistake.value).isprintable()


@pytest.mark.parametrize("text", ["enter", "up", "ctrl+c", "ctrl+p", "tab", "ctrl+z", "shift+tab", "ctrl+up"])
def test_what_moves_about_or_is_the_terminals_is_nobodys_to_choose(text: str) -> None:
    with pytest.raises(ValueError, match="has a fixed meaning and cannot be chosen"):
        keymap.parse_key(text)


def test_two_may_swap_their_keys() -> None:
    assert keymap.parse_keymap({"pause": "r", "reconnect": "p"}) == {"pause": "r", "reconnect": "p"}


def test_the_keys_that_come_along_make_a_keymap_without_a_clash() -> None:
    assert keymap.parse_keymap({command.name: keymap.format_key(command.key) for command in ACTIONS})


async def test_a_chosen_key_works_and_the_old_one_no_longer_does(rig: MakeRig) -> None:
    it = rig(keys=keymap.parse_keymap({"reconnect": "ctrl+r", "pause": "-"}))
    async with it.run():
        await it.press("r", "p")
        assert it.feed.reconnects == 0
        assert "Paused" not in it.text()
        await it.press("ctrl+r", "minus")
        assert it.feed.reconnects == 1
        assert "‖ Paused" in it.text()


async def test_swapped_keys_are_swapped(rig: MakeRig) -> None:
    it = rig(keys=keymap.parse_keymap({"reconnect": "p", "pause": "r"}))
    async with it.run():
        await it.press("p")
        assert it.feed.reconnects == 1
        await it.press("r")
        assert "‖ Paused" in it.text()


async def test_key_bar_help_and_palette_show_the_chosen_key(rig: MakeRig) -> None:
    it = rig(keys=keymap.parse_keymap({"reconnect": "ctrl+r", "quit": "Q", "help": "f1"}))
    async with it.run():
        assert "^r Reconnect" in it.rows()[-1]
        assert "Q Quit" in it.rows()[-1]
        await it.press("f1")
        assert "^r    Reconnect now" in it.text()
        await it.press("f1", "ctrl+p", *"reconn")
        await it.until(lambda: "Reconnect (^r)" in it.text())


async def test_a_panel_over_the_screen_heeds_the_chosen_keys_too(rig: MakeRig) -> None:
    it = rig(demo=True, keys=keymap.parse_keymap({"faults": "F", "heal": "H", "reconnect": "ctrl+r"}))
    async with it.run():
        await it.press("F")
        assert "Fault lab" in it.rows()[2]
        await it.press("h", "H", "ctrl+r")
        assert it.demo is not None
        assert it.demo.asked == ["heal"]
        assert it.feed.reconnects == 1
        await it.press("F")
        assert "Fault lab" not in it.rows()[2]


def test_a_sign_with_a_modifier_is_no_key_that_every_terminal_tells() -> None:
    with pytest.raises(ValueError, match="is not a key"):
        keymap.parse_key("ctrl+slash")
