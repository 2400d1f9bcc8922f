"""The header: what is watched, the badge, and how old what is shown is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.domain.order import Order
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import Phase, Standing
from tracker_tui.link.labels import transport_label
from tracker_tui.ui.cells.measure import Part, fit, line
from tracker_tui.ui.model.badge import Badge
from tracker_tui.ui.model.scene import BoardScene, Connection, Scene
from tracker_tui.ui.model.styles import ACCENT, CAUTION, MUTED, OUTCOMES, STRONG
from tracker_tui.ui.widgets import pending_commands
from tracker_tui.wording.names import counted
from tracker_tui.wording.times import Instant, age, ago, clock, stamp

NAME = "tracker-tui"

_HEARD = len("heard 59 s ago")
"""Cells for how long ago the last byte came; later than that it grows once in many minutes."""

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
        asked: What was asked of it last; empty where nothing was.
        about: The second line: facts, or how old they are.
        about_style: Its style.
        brief: The second line where that has no room; empty where it is the same.
    """

    subject: str
    stage: str
    stage_style: str
    badge: Badge
    heard: str
    clock: str
    about: str
    about_style: str
    asked: str = ""
    brief: str = ""


def draw(value: Headline, width: int, height: int) -> Content:
    """Lay the headline out."""
    words = value.about if cell_len(value.about) <= width else value.brief or value.about
    about = line([(words, value.about_style)], width)
    if height >= 3:
        top = [_subject(value, width), _bar([], _right(value, width), width), about]
    else:
        top = [next(_bars(value, width)), about]
    return Content("\n").join(top[:height])


def of_order(scene: Scene) -> Headline:
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
        age_line, facts = " · ".join(filter(None, (age_line, scene.connection.renewal))), ""
    return Headline(
        scene.view.order_id,
        scene.stage,
        f"{STRONG} {style}",
        scene.badge,
        _heard(scene.connection, scene.instant),
        clock(scene.instant.now, scene.instant),
        " · ".join(filter(None, (age_line, facts))) or _waiting(scene.connection),
        CAUTION if age_line else MUTED,
        pending_commands.brief(scene.pending_commands),
    )


def _waiting(connection: Connection) -> str:
    """What is in the way of the first answer; nowhere else is so much room for it."""
    return sanitize(connection.link.reason) if connection.link.reason else "waiting for the first answer"


def of_board(scene: BoardScene, about: str = "") -> Headline:
    """The headline of a screen about all orders, of which there is `about` to say."""
    words, style = _about_all(scene, about)
    brief = about.replace(" · ", " ")
    if scene.as_of is not None and not scene.trusted and scene.connection.link.phase is not Phase.SIGNED_OUT:
        brief = " · ".join(filter(None, (f"as of {stamp(scene.as_of, scene.instant)}", brief)))
    elif words != about:
        brief = ""
    return Headline(
        counted(len(scene.rows), "order", "orders"),
        "",
        "",
        scene.badge,
        _heard(scene.connection, scene.instant),
        clock(scene.instant.now, scene.instant),
        words,
        style,
        brief=brief,
    )


def _about_all(scene: BoardScene, about: str) -> tuple[str, str]:
    link = scene.connection.link
    age_line = _as_of(scene) if scene.as_of is not None and not scene.trusted else ""
    if link.phase is Phase.SIGNED_OUT:
        return " · ".join(filter(None, (age_line, scene.connection.renewal, about))), CAUTION
    if age_line:
        return " · ".join(filter(None, (age_line, about))), CAUTION
    if link.reason and link.phase is not Phase.LIVE:
        return " · ".join(filter(None, (sanitize(link.reason), about))), CAUTION
    if link.fallback:
        # The badge names the transport; why it is not the best one can be read to its end in other places.
        over = f"over {transport_label(link)}; " if link.list_every is None else ""
        return " · ".join(filter(None, (about, f"{over}{sanitize(link.fallback)}"))), CAUTION
    return about, MUTED


def _facts(order: Order) -> str:
    to = f"to {sanitize(order.destination.label)}" if order.destination and order.destination.label else ""
    customer = f"for {sanitize(order.customer)}" if order.customer else ""
    return " · ".join(filter(None, (sanitize(order.title), customer, to)))


def _as_of(scene: Scene | BoardScene) -> str:
    if scene.as_of is None:
        return ""
    whence = ", from the last session" if scene.remembered else ""
    return f"as of {stamp(scene.as_of, scene.instant)}, {ago(scene.as_of, scene.instant)}{whence}"


def _heard(connection: Connection, instant: Instant) -> str:
    is_over = connection.replay is not None and connection.replay.over
    if connection.heard_at is None or connection.paused is not None or is_over:
        return ""
    if connection.link.phase not in _HEARING:
        return ""
    return f"heard {age(instant.time - connection.heard_at)} ago"


def _bars(value: Headline, width: int) -> Iterator[Content]:
    """Yield the first line where it fits: the app's name goes first, then the clock, "heard", the status.

    What fits is judged by the longest that the badge and "heard" may grow to, lest their neighbours come and go with
    every second.
    """
    growth = max(0, value.badge.room - cell_len(value.badge.text))
    name: list[Part] = [(f"{NAME}  ", MUTED)]
    order: list[Part] = [(value.subject, STRONG)]
    stage: list[Part] = [(" ▸ ", MUTED), (value.stage, value.stage_style)] if value.stage else []
    asked: list[Part] = _asked(value)
    badge: list[Part] = [(value.badge.text, f"{STRONG} {value.badge.tone}")]
    heard: list[Part] = [(f"  {value.heard}", MUTED)] if value.heard else []
    time: list[Part] = [(f"   {value.clock}", MUTED)]
    heard_growth = max(0, _HEARD - cell_len(value.heard)) if value.heard else 0
    for left, right in (
        (name + order + stage + asked, badge + heard + time),
        (order + stage + asked, badge + heard + time),
        (order + stage + asked, badge + heard),
        (order + stage + asked, badge),
        (order + stage, badge),
        (order, badge),
    ):
        reserved = growth + (heard_growth if heard and heard[0] in right else 0)
        if _length(left) + 2 + _length(right) + reserved <= width:
            yield _bar(left, right, width)
    yield _bar(order, _right(value, width), width)


def _subject(value: Headline, width: int) -> Content:
    return line(
        [(value.subject, STRONG), (" ▸ ", MUTED), (value.stage, value.stage_style), *_asked(value)]
        if value.stage
        else [(value.subject, STRONG)],
        width,
    )


def _asked(value: Headline) -> list[Part]:
    return [(f"  {value.asked}", CAUTION)] if value.asked else []


def _right(value: Headline, width: int) -> list[Part]:
    text = value.badge.text if cell_len(value.badge.text) <= width else fit(value.badge.short, width)
    return [(text, f"{STRONG} {value.badge.tone}")]


def _bar(left: list[Part], right: list[Part], width: int) -> Content:
    room = max(0, width - _length(right))
    if not left:
        return line(right, width)
    return line(left, max(0, room - 1)).truncate(room, pad=True) + line(right, width)


def _length(parts: list[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts)
