"""What all screens over the feed share: a header, a key bar, and being painted by the app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen
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
    """A screen that shows what it is given and knows nothing else.

    Attributes:
        UNUSED_ACTIONS: Actions that make no sense here, and so are not on the key bar.
        order_id: The order that it is about; None if it is about all.
    """

    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, order_id: str | None, commands: Sequence[Action]) -> None:
        super().__init__()
        self._compositor = DiffCompositor()
        self.order_id = order_id
        self.header = Pane[Headline](header.render_header, id="header")
        self.keys = Pane[Sequence[Action]](keys.render_key_bar, id="keys")
        self._actions = [
            command for command in commands if command.name not in self.UNUSED_ACTIONS and command.applies_to(self)
        ]

    @property
    def selected_order_id(self) -> str | None:
        """The order that a user means here: the screen's own, or the one under the cursor."""
        return self.order_id

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to a line in which something is typed the keys that mean something to it."""
        return not (isinstance(self.focused, Input) and opens_prompt(action))

    def on_mount(self) -> None:
        """Say what there is to press."""
        self.keys.show(self._actions)

    def on_screen_resume(self) -> None:
        """Say again what there is to press, and ask for a picture: out of sight none was painted."""
        self.keys.show(self._actions)
        self.request_frame()

    def on_screen_suspend(self) -> None:
        """Promise no key: those that do something now are the keys of what lies on top, on whose frame they are."""
        self.keys.show(())

    def request_frame(self) -> None:
        """Have the app paint this screen again."""
        self.post_message(StateChanged())

    def paint(self, picture: Frame) -> None:
        """Show a picture."""
        self.header.show(picture.headline(self.order_id))
