"""Versions of orders: the epoch of the log and the number within it."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_NUMBER = 9_999_999_999_999_999
"""Greatest epoch or seq of the text form: 16 digits (PROTOCOL §2)."""

_TEXT = re.compile(r"(0|[1-9][0-9]{0,15}):(0|[1-9][0-9]{0,15})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A point in the numbered events of one order: epoch first, then seq (PROTOCOL §2).

    Cursors sort as versions do. ``Cursor(epoch, 0)`` is before the first event.

    Attributes:
        epoch: Milliseconds since 1970 when the server opened its log; grows with every new log.
        seq: Number of the event within the epoch, contiguous from 1.
    """

    epoch: int
    seq: int

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Parse the form ``EPOCH:SEQ``.

        Raises:
            ValueError: `text` is not exactly two ASCII numbers of at most 16 digits without leading zeros.
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError("a cursor is EPOCH:SEQ, both whole numbers of at most 16 digits")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"
