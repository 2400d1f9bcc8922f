"""Times and durations for display; the current time and the zone are arguments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from tracker_tui.domain.lateness import ONE_DAY, middle
from tracker_tui.domain.order import Eta, Precision
from tracker_tui.wording.names import counted

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_UNITS = {"s": "second", "min": "minute", "h": "hour", "d": "day"}


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment on both clocks, and the zone of times.

    Attributes:
        time: Seconds on the feed's clock.
        now: The wall time, aware.
        zone: The zone; None for the machine's own.
    """

    time: float
    now: datetime
    zone: tzinfo | None = None

    def wall(self, time: float) -> datetime:
        """Return the wall time for a time on the feed's clock."""
        return self.now - timedelta(seconds=self.time - time)

    def local(self, at: datetime) -> datetime:
        """Return the time in this instant's zone."""
        return at.astimezone(self.zone)

    def in_zone(self, zone: tzinfo | None) -> Instant:
        """Return the same moment in another zone; None keeps the zone."""
        return self if zone is None else replace(self, zone=zone)


def clock(at: datetime, instant: Instant) -> str:
    """Return the time of day: ``14:32:07``, in UTC with a ``Z``."""
    return f"{instant.local(at):%H:%M:%S}{'Z' if instant.zone is UTC else ''}"


def day(at: datetime, instant: Instant) -> str:
    """Return the day: ``22 Nov``."""
    local = instant.local(at)
    return f"{local.day} {_MONTHS[local.month - 1]}"


def day_of_week(at: datetime, instant: Instant) -> str:
    """Return the day with its weekday: ``Tue 24 Nov``."""
    return f"{_DAYS[instant.local(at).weekday()]} {day(at, instant)}"


def zone_name(instant: Instant, at: datetime) -> str:
    """Return the name of an instant's zone: ``Berlin``; of a zone without a place the abbreviation."""
    key = getattr(instant.zone, "key", "")
    return key.rpartition("/")[2].replace("_", " ") if "/" in key else zone_abbreviation(instant, at)


def zone_abbreviation(instant: Instant, at: datetime) -> str:
    """Return the abbreviation of an instant's zone: ``CET``; of a zone without one its name or offset."""
    local = instant.local(at)
    abbreviation = local.tzname() or ""
    if abbreviation.isalpha():
        return abbreviation
    key = getattr(instant.zone, "key", "")
    return key.rpartition("/")[2].replace("_", " ") or f"UTC{local:%z}"


def stamp(at: datetime, instant: Instant, *, seconds: bool = True) -> str:
    """Return a timestamp: ``14:02:11`` for today, ``22 Nov 14:02`` for another day."""
    local = instant.local(at)
    if local.date() != instant.local(instant.now).date():
        return f"{day(at, instant)} {local:%H:%M}"
    return f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"


def age(seconds: float) -> str:
    """Return a duration in one or two units: ``2 s``, ``18 min``, ``1 h 20 min``, ``3 d``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 24:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{hours // 24} d"


def spoken_age(seconds: float) -> str:
    """Return a duration for a sentence: ``2 seconds``, ``1 hour 20 minutes``."""
    numbers = age(seconds).split()
    return " ".join(
        counted(int(number), _UNITS[unit], f"{_UNITS[unit]}s")
        for number, unit in zip(numbers[::2], numbers[1::2], strict=True)
    )


def ago(at: datetime, instant: Instant) -> str:
    """Return the time since a moment: ``12 s ago``."""
    return f"{age((instant.now - at).total_seconds())} ago"


def span(length: timedelta, *, brief: bool = False) -> str:
    """Return a duration: ``0:51``, ``16:38``, ``1 h 2 min``, ``2 d 3 h``; hours if brief ``1h02m``."""
    whole = max(0, int(length.total_seconds()))
    if whole >= 86400:
        return f"{whole // 86400} d {whole % 86400 // 3600} h"
    # ``1:02:00`` would look like a time of day.
    if brief and whole >= 3600:
        return outage_length(whole)
    return age(whole) if whole >= 3600 else f"{whole // 60}:{whole % 60:02d}"


def outage_length(seconds: float) -> str:
    """Return the duration of an outage: ``2m10s``, ``1h02m``."""
    whole = max(0, int(seconds))
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def arrival(eta: Eta, instant: Instant, there: tzinfo | None = None) -> str:
    """Return the ETA with its precision: ``14:50``, ``14:00–16:00``, ``Tue 24 Nov``.

    Args:
        eta: The ETA.
        instant: The current time, and the zone of times.
        there: The zone at the destination, for an ETA in days; None if unknown.
    """
    if eta.precision is Precision.MINUTE:
        return stamp(middle(eta), instant, seconds=False)
    if eta.precision is Precision.HOUR:
        return window(eta, instant)
    at_destination = instant.in_zone(there)
    if eta.latest - eta.earliest <= ONE_DAY:
        return day_of_week(middle(eta), at_destination)
    return f"{day(eta.earliest, at_destination)}–{day(eta.latest, at_destination)}"


def window(eta: Eta, instant: Instant, there: tzinfo | None = None) -> str:
    """Return the earliest and the latest arrival: ``14:48–14:53``; for the arguments, see `arrival`."""
    first, last = instant.local(eta.earliest), instant.local(eta.latest)
    if eta.precision is Precision.DAY:
        return arrival(eta, instant, there)
    begin = stamp(eta.earliest, instant, seconds=False)
    end = f"{last:%H:%M}" if first.date() == last.date() else stamp(eta.latest, instant, seconds=False)
    return begin if begin.endswith(end) else f"{begin}–{end}"


def short_age(seconds: float) -> str:
    """Return a duration in at most four cells: ``2s``, ``18m``, ``1h20``, ``20h``, ``3d``."""
    whole = max(0, int(seconds))
    if whole < 3600:
        return f"{whole}s" if whole < 60 else f"{whole // 60}m"
    hours = whole // 3600
    if hours < 24:
        return f"{hours}h{whole % 3600 // 60:02d}" if hours < 10 else f"{hours}h"
    return f"{hours // 24}d"
