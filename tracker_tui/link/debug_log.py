"""What a feed tells, for the standard library's logging: link changes and notes, as ``tracker_tui.link``."""

from __future__ import annotations

import logging

from tracker_tui.link.changes import Change, LinkChanged, Noted, OrderChanged, OrderForgotten, Phase

_log = logging.getLogger("tracker_tui.link")

_TROUBLE = {Phase.QUIET, Phase.BACKOFF, Phase.SIGNED_OUT, Phase.FAILED}


def log_change(change: Change) -> None:
    """Log a change of the link at INFO, or WARNING where it isn't well; an order's versions at DEBUG."""
    match change:
        case LinkChanged(link=link):
            level = logging.WARNING if link.phase in _TROUBLE else logging.INFO
            attempt = f", try {link.attempt}" if link.attempt else ""
            reason = f": {link.reason}" if link.reason else ""
            _log.log(level, "%s over %s%s%s", link.phase.value, link.transport, attempt, reason)
        case Noted(topic=topic, text=text, order_id=order_id):
            about = f" {order_id}" if order_id else ""
            _log.info("%s%s: %s", topic.value, about, text)
        case OrderForgotten(order_id=order_id):
            _log.debug("order %s: nothing is held any more", order_id)
        case OrderChanged(order_id=order_id, view=view, standing=standing, arrived=arrived):
            if _log.isEnabledFor(logging.DEBUG):
                _log.debug("order %s: %s, %s, %d new milestones", order_id, view.version, standing.value, len(arrived))
