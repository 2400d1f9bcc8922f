"""What a word of the log's filter asks of a line: a kind, or a text."""

from __future__ import annotations

from tracker_tui.link.changes import Topic
from tracker_tui.ui.model.event_log import LogLine

KIND_PREFIX = "kind:"
"""What a word begins with that asks for a kind."""

KINDS = ("order", "note", "correction", *(topic.value for topic in Topic), "fault")
"""All kinds of lines; a note or a correction is a line of an order, too."""


def line_matches(line: LogLine, word: str) -> bool:
    """Whether a line is what a word in lower case asks for."""
    kinds = (line.topic, line.kind or line.topic)
    if word in KINDS:
        return word in kinds
    if word.startswith(KIND_PREFIX):
        # A beginning is enough, so that something is to be seen while it is typed.
        return any(kind.startswith(word.removeprefix(KIND_PREFIX)) for kind in kinds)
    return word in f"{line.order_id or ''} {line.text}".casefold()
