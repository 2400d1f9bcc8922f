"""The headline as a value: the order or the orders watched, the badge, the age of the data shown."""

from __future__ import annotations

from dataclasses import dataclass

from tracker_tui.domain.order import Order
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import Phase, Standing
from tracker_tui.link.labels import transport
from tracker_tui.ui.model.badge import Badge
from tracker_tui.ui.model.scene import BoardScene, ConnectionStatus, OrderScene
from tracker_tui.ui.model.styles import ACCENT, CAUTION, MUTED, OUTCOMES, STRONG
from tracker_tui.wording.names import counted
from tracker_tui.wording.times import Instant, age, ago, clock, stamp

_HEARING = {Phase.SYNCING, Phase.LIVE}
"""Phases in which it is said when the last byte came: in others the badge or the age of what is shown says more."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What the header says.

    Attributes:
        subject: The order's id, or what else is watched.
        stage: Where the order is; empty where there is none.
        stage_style: Its style.
        heard: How long ago the last byte came; empty where that says nothing.
        pending_commands: The order's pending commands; empty for all orders.
        about: The second line: facts, or how old they are.
        about_style: Its style.
        short_about: The second line where that has no room; empty where it is the same.
    """

    subject: str
    stage: str
    stage_style: str
    badge: Badge
    heard: str
    clock: str
    about: str
    about_style: str
    pending_commands: PendingCommands = ()
    short_about: str = ""


def order_headline(scene: OrderScene) -> Headline:
    """The headline of an order's screen."""
    state = scene.view.state.value if scene.view.state else None
    style = OUTCOMES[state.outcome][2] if state and state.outcome else ACCENT
    facts = _facts(scene.view.facts.value) if scene.view.facts else ""
    if scene.standing is Standing.REFUSED and scene.problem is not None and scene.problem.detail:
        # Who may not see it knows that it is there.
        hint = [] if scene.problem.code == "forbidden" else ["check the id and --server"]
        facts = " · ".join([sanitize(scene.problem.detail), *hint])
    age_line = _as_of(scene) if state and not scene.trusted else ""
    if scene.connection.link.phase is Phase.SIGNED_OUT:
        age_line, facts = " · ".join(filter(None, (age_line, scene.connection.sign_in_hint))), ""
    return Headline(
        scene.view.order_id,
        scene.stage,
        f"{STRONG} {style}",
        scene.badge,
        _heard(scene.connection, scene.instant),
        clock(scene.instant.now, scene.instant),
        " · ".join(filter(None, (age_line, facts))) or _waiting(scene.connection),
        CAUTION if age_line else MUTED,
        scene.pending_commands,
    )


def _waiting(connection: ConnectionStatus) -> str:
    """What is in the way of the first answer; nowhere else is so much room for it."""
    return sanitize(connection.link.reason) if connection.link.reason else "waiting for the first answer"


def board_headline(scene: BoardScene, about: str = "") -> Headline:
    """The headline of a screen about all orders, of which there is `about` to say."""
    words, style = _about_all(scene, about)
    brief = about.replace(" · ", " ")
    if scene.as_of is not None and not scene.trusted and scene.connection.link.phase is not Phase.SIGNED_OUT:
        brief = " · ".join(filter(None, (f"as of {stamp(scene.as_of, scene.instant)}", brief)))
    elif words != about:
        brief = ""
    return Headline(
        counted(len(scene.orders), "order", "orders"),
        "",
        "",
        scene.badge,
        _heard(scene.connection, scene.instant),
        clock(scene.instant.now, scene.instant),
        words,
        style,
        short_about=brief,
    )


def _about_all(scene: BoardScene, about: str) -> tuple[str, str]:
    link = scene.connection.link
    age_line = _as_of(scene) if scene.as_of is not None and not scene.trusted else ""
    if link.phase is Phase.SIGNED_OUT:
        return " · ".join(filter(None, (age_line, scene.connection.sign_in_hint, about))), CAUTION
    if age_line:
        return " · ".join(filter(None, (age_line, about))), CAUTION
    if link.reason and link.phase is not Phase.LIVE:
        return " · ".join(filter(None, (sanitize(link.reason), about))), CAUTION
    if link.fallback:
        # The badge names the transport; why it is not the best one can be read to its end in other places.
        return " · ".join(filter(None, (about, f"over {transport(link)}; {sanitize(link.fallback)}"))), CAUTION
    return about, MUTED


def _facts(order: Order) -> str:
    to = f"to {sanitize(order.destination.label)}" if order.destination and order.destination.label else ""
    customer = f"for {sanitize(order.customer)}" if order.customer else ""
    return " · ".join(filter(None, (sanitize(order.title), customer, to)))


def _as_of(scene: OrderScene | BoardScene) -> str:
    if scene.as_of is None:
        return ""
    whence = ", from the last session" if scene.is_cached else ""
    return f"as of {stamp(scene.as_of, scene.instant)}, {ago(scene.as_of, scene.instant)}{whence}"


def _heard(connection: ConnectionStatus, instant: Instant) -> str:
    is_over = connection.replay is not None and connection.replay.finished
    if connection.heard_at is None or connection.paused is not None or is_over:
        return ""
    if connection.link.phase not in _HEARING:
        return ""
    return f"heard {age(instant.time - connection.heard_at)} ago"
