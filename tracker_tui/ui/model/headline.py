"""The header's content: the watched order or orders, the badge, and the age of the data shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker_tui.domain.lateness import Lateness, late_by, lateness
from tracker_tui.domain.order import Order
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import Phase, Standing
from tracker_tui.link.labels import transport_label
from tracker_tui.ui.model.badge import Badge
from tracker_tui.ui.model.notices import NO_NOTICES, Notices
from tracker_tui.ui.model.scene import BoardScene, ConnectionStatus, OrderScene
from tracker_tui.ui.model.styles import ACCENT, CAUTION, LATENESS, MUTED, OUTCOMES, STRONG
from tracker_tui.wording.names import counted
from tracker_tui.wording.times import Instant, age, ago, clock, stamp

HEARD_AFTER = 5.0
"""Seconds since the last byte from which the header says so; a shorter time is normal."""

_HEARING = {Phase.SYNCING, Phase.LIVE}
"""Phases in which the header shows when the last byte arrived; in others the badge or the data's age says more."""


@dataclass(frozen=True, slots=True)
class HeaderChip:
    """A short fact of the second line, such as ``▲ 2 late``; its action runs on a click, unless it is empty."""

    text: str
    style: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """The header's content.

    Attributes:
        subject: The order's id, or the number of orders.
        stage: The order's stage; empty for all orders.
        stage_style: Style of the stage.
        heard: How long ago the last byte arrived; empty while that is short, and in phases where it means nothing.
        about: The beginning of the second line: facts, or the age of the data.
        about_style: Style of the second line.
        pending_commands: The order's pending commands; empty for all orders.
        short_about: A shorter beginning for a narrow header; empty if there is none.
        notice: The notices; the newest is shown at the right of the second line.
        lateness: How late an order is; empty unless it is late.
        keeps_room: Whether `heard` may appear any second, so that its cells are kept free.
        chips: The counts of the board, after `about`.
        after: The end of the second line.
        place: The user and the server.
        place_style: Style of the place.
        is_place_named: Whether the user named the server; its name is then dropped last.
        position: The order's place in the list that the user walks; empty without one.
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
    notice: Notices = NO_NOTICES
    lateness: str = ""
    keeps_room: bool = False
    chips: tuple[HeaderChip, ...] = ()
    after: str = ""
    place: str = ""
    place_style: str = MUTED
    is_place_named: bool = False
    position: str = ""

    def at(self, connection: ConnectionStatus) -> Headline:
        """Return the headline with the place of a connection."""
        label = connection.server
        return replace(
            self,
            place=label.text(connection.host),
            place_style=label.style,
            is_place_named=bool(label.name or label.colour),
        )


def order_headline(scene: OrderScene) -> Headline:
    """Return the headline of an order's screen."""
    outcome = scene.view.outcome
    style = OUTCOMES[outcome][2] if outcome else ACCENT
    facts = _facts(scene.view.order) if scene.view.order else ""
    if scene.standing is Standing.REFUSED and scene.problem is not None and scene.problem.detail:
        # "forbidden" means that the id is right; the order that was meant stands below.
        is_explained = scene.problem.code == "forbidden" or scene.suggestion is not None
        hint = [] if is_explained else ["check the id and --server"]
        facts = " · ".join([sanitize(scene.problem.detail), *hint])
    age_line = _as_of(scene) if scene.view.current and not scene.trusted else ""
    if scene.connection.link.phase is Phase.SIGNED_OUT:
        age_line, facts = " · ".join(filter(None, (age_line, scene.connection.sign_in_hint))), ""
    return Headline(
        scene.view.order_id,
        scene.stage,
        f"{STRONG} {style}",
        scene.badge,
        _heard(scene.connection, scene.instant),
        clock(scene.instant.now, scene.instant),
        " · ".join(filter(None, (age_line, facts)))
        or sanitize(scene.connection.link.reason or "waiting for the first answer"),
        CAUTION if age_line else MUTED,
        scene.pending_commands,
        lateness=lateness_chip(scene)[0] if lateness(scene.view, scene.judged_at) is Lateness.LATE else "",
        keeps_room=_hears(scene.connection),
    ).at(scene.connection)


def lateness_chip(scene: OrderScene) -> tuple[str, str]:
    """Return an order's lateness and its style: ``▲ 12 min late``; empty texts while it is unknown."""
    glyph, word, style = LATENESS[lateness(scene.view, scene.judged_at)]
    late = late_by(scene.view, scene.judged_at)
    text = f"{age(late.total_seconds())} {word}" if late is not None else word
    return f"{glyph} {text}".strip(), style


def board_headline(scene: BoardScene, chips: Sequence[HeaderChip] = ()) -> Headline:
    """Return the headline of a screen of all orders, with the counts of the board."""
    before, after = _about_all(scene)
    brief = ""
    if scene.as_of is not None and not scene.trusted and scene.connection.link.phase is not Phase.SIGNED_OUT:
        brief = f"as of {stamp(scene.as_of, scene.instant)}"
    # "0 orders" is a fact about the server, which it has not stated yet.
    is_known = scene.listed or scene.orders or scene.hidden or scene.connection.was_live
    return Headline(
        counted(len(scene.orders), "order", "orders") if is_known else "All orders",
        "",
        "",
        scene.badge,
        _heard(scene.connection, scene.instant),
        clock(scene.instant.now, scene.instant),
        before,
        CAUTION,
        short_about=brief,
        keeps_room=_hears(scene.connection),
        chips=tuple(chips),
        after=after,
    ).at(scene.connection)


def _about_all(scene: BoardScene) -> tuple[str, str]:
    """Return the beginning and the end of the second line: why the data is old, and why a transport was chosen."""
    link = scene.connection.link
    age_line = _as_of(scene) if scene.as_of is not None and not scene.trusted else ""
    if link.phase is Phase.SIGNED_OUT:
        return " · ".join(filter(None, (age_line, scene.connection.sign_in_hint))), ""
    if age_line:
        return age_line, ""
    if link.reason and link.phase is not Phase.LIVE:
        return sanitize(link.reason), ""
    if link.fallback:
        # The reason may be cut here; the log shows all of it.
        over = f"over {transport_label(link)}; " if link.list_every is None else ""
        return "", f"{over}{sanitize(link.fallback)}"
    return "", ""


def _facts(order: Order) -> str:
    to = f"to {sanitize(order.destination.label)}" if order.destination and order.destination.label else ""
    customer = f"for {sanitize(order.customer)}" if order.customer else ""
    return " · ".join(filter(None, (sanitize(order.title), customer, to)))


def _as_of(scene: OrderScene | BoardScene) -> str:
    if scene.as_of is None:
        return ""
    source = ", from the last session" if scene.is_cached else ""
    return f"as of {stamp(scene.as_of, scene.instant)}, {ago(scene.as_of, scene.instant)}{source}"


def _hears(connection: ConnectionStatus) -> bool:
    """Return whether the time since the last byte means something now."""
    is_finished = connection.replay is not None and connection.replay.finished
    return connection.paused is None and not is_finished and connection.link.phase in _HEARING


def _heard(connection: ConnectionStatus, instant: Instant) -> str:
    if connection.heard_at is None or not _hears(connection):
        return ""
    silence = instant.time - connection.heard_at
    return f"heard {age(silence)} ago" if silence >= HEARD_AFTER else ""
