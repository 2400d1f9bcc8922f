"""A case handed over: what is known of an order as words to read and as a recording to replay."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

from tracker_tui.domain.cached_view import as_snapshot
from tracker_tui.domain.order import MilestoneKind
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Metrics, Noted, Topic
from tracker_tui.storage import files
from tracker_tui.ui.export.clipboard import ExportTarget, ticket_context
from tracker_tui.ui.model.event_log import LogLine
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.wording.ticket import report
from tracker_tui.wording.times import Instant, stamp

_TOPICS = {topic.value: topic for topic in Topic}


def export_case(scene: OrderScene, log: Sequence[LogLine], desk: ExportTarget, *, server: str) -> None:
    """Write both files, and say where.

    Args:
        scene: The order, as it is on the screen.
        log: Everything that happened, oldest first.
        desk: Where to say what came of it.
        server: The gateway's base URL.
    """
    tape = case_recording(scene, log, server)
    if tape is None:
        desk.announce(f"Nothing is known of {scene.view.order_id} yet that could be handed over", bad=True)
        return
    directory = files.state_directory(os.environ)
    stem = f"handover-{scene.view.order_id}-{scene.instant.now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    try:
        path = files.keep(directory, stem, ".ndjson", tape)
        words = files.keep(directory, path.stem, ".txt", case_text(scene, log, files.at_home(path)))
    except OSError as error:
        desk.announce(
            f"{scene.view.order_id} cannot be handed over: {sanitize(error.strerror or str(error))}", bad=True
        )
    else:
        desk.announce(f"{scene.view.order_id} handed over: {sanitize(files.at_home(words))} and {sanitize(path.name)}")


def case_text(scene: OrderScene, log: Sequence[LogLine], tape: str) -> str:
    """The summary, the timeline, the notes on the case, and everything that happened."""
    instant = scene.instant
    lines = [f"{stamp(line.at, instant)}  {line.topic}  {line.text}" for line in log]
    parts = [
        report(scene.view, instant, ticket_context(scene), lines),
        "Notes",
        *(_notes(scene.view, instant) or ["none"]),
    ]
    return "\n".join([*parts, "", "To see it as it was:", f"  tracker-tui --replay {sanitize(tape)}"]) + "\n"


def case_recording(scene: OrderScene, log: Sequence[LogLine], server: str) -> str | None:
    """What is known of the order as a recording of one moment; None while that is nothing."""
    # Loaded here: it brings pydantic, for which the first paint doesn't wait.
    from tracker_tui.link.recording.format import End, Record, Stood, What, header, written  # noqa: PLC0415

    told = as_snapshot(scene.view)
    if told is None:
        return None
    connection, time = scene.connection, scene.instant.time
    heard_at = None if connection.heard_at is None else connection.heard_at - time
    whats: list[What] = [
        told,
        Stood(
            scene.view.order_id,
            scene.standing,
            tuple(replace(pending, version=None) for pending in scene.pending_commands),
        ),
        # What the order itself had to say is in its history.
        *(Noted(line.at, _TOPICS[line.topic], line.text, line.order_id) for line in log if line.topic in _TOPICS),
        connection.link.shifted(-time),
        Metrics(connection.counters, heard_at, connection.rtt),
        End(),
    ]
    lines = [header(server, (scene.view.order_id,))]
    return "\n".join([*lines, *(written(Record(0.0, scene.instant.now, what)) for what in whats)]) + "\n"


def _notes(view: OrderView, instant: Instant) -> list[str]:
    return [
        f"{stamp(entry.milestone.occurred_at, instant)}  {sanitize(entry.milestone.note)}"
        for entry in view.history
        if entry.milestone.kind is MilestoneKind.NOTE and entry.milestone.note
    ]
