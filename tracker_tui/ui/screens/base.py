"""The bases of the screens: a screen painted by the app, and a panel over one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from tracker_tui.ui.messages import StateChanged
from tracker_tui.ui.model.actions import Action, opens_prompt
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
    """

    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, order_id: str | None, actions: Sequence[Action]) -> None:
        super().__init__()
        self._compositor = DiffCompositor()
        self.order_id = order_id
        self.header = Pane[Headline](header.render_header, id="header")
        self.keys = Pane[Sequence[Action]](keys.render_key_bar, id="keys")
        self._actions = [each for each in actions if each.name not in self.UNUSED_ACTIONS and each.applies_to(self)]

    @property
    def selected_order_id(self) -> str | None:
        """The order that actions apply to; None if there is none."""
        return self.order_id

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action may run; prompts may not while the user types in an input."""
        return not (isinstance(self.focused, Input) and opens_prompt(action))

    def on_mount(self) -> None:
        """Show the key bar."""
        self.keys.show(self._actions)

    def on_screen_resume(self) -> None:
        """Show the key bar again, and request a frame: hidden screens get none."""
        self.keys.show(self._actions)
        self.request_frame()

    def on_screen_suspend(self) -> None:
        """Empty the key bar: the keys belong to the dialog on top."""
        self.keys.show(())

    def request_frame(self) -> None:
        """Ask the app to paint this screen."""
        self.post_message(StateChanged())

    def paint(self, frame: Frame) -> None:
        """Show a frame."""
        self.header.show(frame.headline(self.order_id))


class LivePanel(ModalScreen[None]):
    """A panel over a screen that stays live; the app's tick updates both."""

    def tick(self) -> None:
        """Update what changes each second."""
