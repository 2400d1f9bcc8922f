"""Hostile texts, which try to control a terminal, a markup parser or a file format; and a check that they are inert."""

from __future__ import annotations

from dataclasses import replace

from tests.support.orders import START, at, milestone, order, snapshot
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Courier, Eta, Flow, Links, Location, Place, Precision, Stage

HOSTILE = {
    "erases": "\x1b[2J\x1b[H\x1b[31mred\x1b[?1049l\x1bc",
    "names the window": "\x1b]0;owned\x07\x1b]2;owned\x1b\\",
    "copies": "\x1b]52;c;b3duZWQ=\x07",
    "notifies": "\x1b]9;owned\x07\x1b]777;notify;a;b\x07",
    "links": "\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "speaks C1": "\x9b2J\x9d0;owned\x9c\x90q\x9c\x85",
    "is markup": "[/b][red]x[/red][@click=app.quit]go[/][link=http://evil.example]y[/] [bold",
    "escapes markup": "\\[red]\\[/] :smile: \\",
    "is a format": "%s %n {0} {x!r} ${HOME} `id` $(id)",
    "is XML": "]]></text><script>alert(1)</script>&bogus;\"'<!--",
    "turns around": "\u202eevil\u202c \u2066x\u2069 \u200f\u061c",
    "is not there": "a\u200b\u200d\ufeff\u2060\u00ad\u034f\u180eb\ufe0f",
    "is wide": "👩\u200d👩\u200d👧\u200d👦🏳️\u200d🌈👍🏽❤️🇩🇪 王小明",
    "is tall": "Z" + "\u0301\u0489" * 40,
    "has lines": "one\r\ntwo\n\x0b\x0c\u2028\u2029\x85three\tfour\b\b\b\b",
    "is no Unicode": "\ud800\udfff\ufffe\U0010ffff\x00\x7f",
    "is long": "long " * 2_000,
    "is long and wide": "王" * 5_000,
}
"""Texts, by what they try to do."""

_JOINERS = "\u200c\u200d"
"""Joiners, which emoji and some scripts need."""


def active_characters(text: str) -> list[str]:
    """Return the characters of a line that are not printable; none if the line is inert."""
    return [character for character in text if not character.isprintable() and character not in _JOINERS]


def hostile_snapshot(evil: str, order_id: str = "A1") -> Snapshot:
    """Return an order whose every text is hostile."""
    flow = Flow("evil", (Stage("evil", evil, 60), Stage("end", evil)))
    place = Place(52.5, 13.3, evil, evil)
    facts = order(order_id, title=evil, customer=evil, flow=flow, origin=place, destination=place, promised_at=at(60))
    return snapshot(
        2,
        "evil",
        order_id=order_id,
        facts=replace(facts, links=Links(evil)),
        history=(milestone(1, "evil", note=evil, source=evil), milestone(2, evil[:64], note=evil)),
        flags=(evil,),
        courier=Courier(evil, evil),
        location=Location(52.5, 13.3, START, label=evil),
        eta=Eta(at(120), at(240), Precision.MINUTE),
    )
