"""The export of a case: an order's data as a report to read, and as a recording to replay."""

from __future__ import annotations

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
from tracker_tui.wording.ticket import order_report
from tracker_tui.wording.times import Instant, stamp

_TOPICS = {topic.value: topic for topic in Topic}


def export_case(scene: OrderScene, log: Sequence[LogLine], target: ExportTarget, *, server: str) -> None:
    """Write the report and the recording, and announce their names.

    Args:
        scene: The content of the order's screen.
        log: The event log, oldest line first.
        target: Shows the result.
        server: The server's base URL.
    """
    order_id = scene.view.order_id
    recorded = case_recording(scene, log, server)
    if recorded is None:
        target.announce(f"No data for {order_id} yet: nothing to export", is_warning=True)
        return
    directory = files.state_directory()
    stem = f"handover-{order_id}-{scene.instant.now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    try:
        path = files.write_new(directory, stem, ".ndjson", recorded)
        text = files.write_new(directory, path.stem, ".txt", case_text(scene, log, files.display_path(path)))
    except OSError as error:
        reason = sanitize(error.strerror or str(error))
        target.announce(f"Could not export {order_id}: {reason}", is_warning=True)
    else:
        target.announce(f"{order_id} exported: {sanitize(files.display_path(text))} and {sanitize(path.name)}")


def case_text(scene: OrderScene, log: Sequence[LogLine], recording_path: str) -> str:
    """Return the report: summary, timeline, event log, notes, and how to replay the recording."""
    instant = scene.instant
    lines = [f"{stamp(line.at, instant)}  {line.topic}  {line.text}" for line in log]
    notes = _notes(scene.view, instant) or ["none"]
    parts = [order_report(scene.view, instant, ticket_context(scene), lines), "Notes", *notes]
    return "\n".join([*parts, "", "To replay it:", f"  tracker-tui --replay {sanitize(recording_path)}"]) + "\n"


def case_recording(scene: OrderScene, log: Sequence[LogLine], server: str) -> str | None:
    """Return the order's data as a recording of one moment; None if there is no data."""
    # Imported here because it loads pydantic, which the first paint must not wait for.
    from tracker_tui.link.recording.format import (  # noqa: PLC0415
        OrderRecorded,
        Record,
        RecordContent,
        RecordingEnd,
        format_header,
        format_record,
    )

    snapshot = as_snapshot(scene.view)
    if snapshot is None:
        return None
    connection, time = scene.connection, scene.instant.time
    heard_at = None if connection.heard_at is None else connection.heard_at - time
    records: list[RecordContent] = [
        snapshot,
        OrderRecorded(
            scene.view.order_id,
            scene.standing,
            tuple(replace(pending, version=None) for pending in scene.pending_commands),
        ),
        # The order's own milestones are in its history.
        *(Noted(line.at, _TOPICS[line.topic], line.text, line.order_id) for line in log if line.topic in _TOPICS),
        connection.link.shifted(-time),
        Metrics(connection.counters, heard_at, connection.rtt),
        RecordingEnd(),
    ]
    lines = [format_header(server, (scene.view.order_id,))]
    return "\n".join([*lines, *(format_record(Record(0.0, scene.instant.now, each)) for each in records)]) + "\n"


def _notes(view: OrderView, instant: Instant) -> list[str]:
    return [
        f"{stamp(entry.milestone.occurred_at, instant)}  {sanitize(entry.milestone.note)}"
        for entry in view.history
        if entry.milestone.kind is MilestoneKind.NOTE and entry.milestone.note
    ]
