"""The meaning of a word in the log's filter: a kind of line, or a text."""

from __future__ import annotations

from tracker_tui.link.changes import Topic
from tracker_tui.ui.model.event_log import LogLine

KIND_PREFIX = "kind:"
"""The beginning of a word that names a kind."""

KINDS = ("order", "note", "correction", *(topic.value for topic in Topic), "fault")
"""All kinds of lines; a note or a correction is also a line of an order."""


def line_matches(line: LogLine, word: str) -> bool:
    """Return whether a word in lower case matches a line."""
    kinds = (line.topic, line.kind or line.topic)
    if word in KINDS:
        return word in kinds
    if word.startswith(KIND_PREFIX):
        # The beginning of a kind matches, too, so that lines show while it is being typed.
        return any(kind.startswith(word.removeprefix(KIND_PREFIX)) for kind in kinds)
    return word in f"{line.order_id or ''} {line.text}".casefold()
