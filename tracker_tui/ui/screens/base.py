"""The bases of the screens: a screen painted by the app, and a panel over one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from tracker_tui.ui.messages import StateChanged
from tracker_tui.ui.model.actions import COMMAND_ACTIONS, Action, opens_prompt
from tracker_tui.ui.model.headline import Headline
from tracker_tui.ui.terminal.diff_compositor import DiffCompositor
from tracker_tui.ui.widgets import header, keys
from tracker_tui.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame


class PaintedScreen(Screen[None]):
    """A screen with a header and a key bar; the app paints it with a frame.

    Attributes:
        UNUSED_ACTIONS: Names of actions that do nothing here, so that the key bar omits them.
        order_id: The order shown; None for all orders.
        hidden_actions: Names of actions that the present order doesn't accept; key bar and palette omit them.
    """

    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, order_id: str | None, actions: Sequence[Action]) -> None:
        super().__init__()
        self._compositor = DiffCompositor()
        self.order_id = order_id
        self.header = Pane[Headline](header.render_header, id="header")
        self.keys = Pane[Sequence[Action]](keys.render_key_bar, id="keys")
        self.hidden_actions: frozenset[str] = frozenset()
        self._actions = [each for each in actions if each.name not in self.UNUSED_ACTIONS and each.applies_to(self)]
        self._has_keys = False

    @property
    def selected_order_id(self) -> str | None:
        """The order that actions apply to; None if there is none."""
        return self.order_id

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action may run; prompts may not while the user types in an input."""
        return not (isinstance(self.focused, Input) and opens_prompt(action))

    def on_mount(self) -> None:
        """Show the key bar."""
        self._show_keys(True)

    def on_screen_resume(self) -> None:
        """Show the key bar again, and request a frame: hidden screens get none."""
        self._show_keys(True)
        self.request_frame()

    def on_screen_suspend(self) -> None:
        """Empty the key bar: the keys belong to the dialog on top."""
        self._show_keys(False)

    def offer_commands(self, is_possible: bool) -> None:
        """Offer the commands of an order, or hide them, if the order accepts none."""
        hidden: frozenset[str] = frozenset() if is_possible else COMMAND_ACTIONS
        if hidden != self.hidden_actions:
            self.hidden_actions = hidden
            self._show_keys(self._has_keys)

    def request_frame(self) -> None:
        """Ask the app to paint this screen."""
        self.post_message(StateChanged())

    def paint(self, frame: Frame) -> None:
        """Show a frame."""
        self.header.show(self.headline(frame))

    def headline(self, frame: Frame) -> Headline:
        """Return the header's content."""
        return frame.headline(self.order_id)

    def _show_keys(self, is_shown: bool) -> None:
        self._has_keys = is_shown
        self.keys.show([each for each in self._actions if each.name not in self.hidden_actions] if is_shown else ())


class LivePanel(ModalScreen[None]):
    """A panel over a screen that stays live; the app's tick updates both."""

    def tick(self) -> None:
        """Update what changes each second."""

    def observe(self, frame: Frame) -> None:
        """Take into account the frame that the screens behind the panel show now."""
