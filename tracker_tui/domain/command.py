"""Commands for orders. Their ids make it safe to send one twice (PROTOCOL §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from annotated_types import MaxLen, Predicate

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Epoch, Seq

LONGEST_TEXT = 1_000
"""Characters of the longest text of a command."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def is_command_id(text: str) -> bool:
    """Return whether the whole `text` is a UUID in its usual form."""
    return _UUID.fullmatch(text) is not None


CommandId = Annotated[str, Predicate(is_command_id)]


class Verb(StrEnum):
    """The kind of a command."""

    CANCEL = "cancel"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Command:
    """A command for an order. Sent again with the same id it is still the same command.

    Attributes:
        command_id: A UUID; the resulting milestone has this id.
        command: Its kind.
        text: The note, or the reason for a cancellation.
    """

    command_id: CommandId
    command: Verb
    text: Annotated[str, MaxLen(LONGEST_TEXT)] | None = None

    def __post_init__(self) -> None:
        if self.command is Verb.NOTE and not (self.text or "").strip():
            raise ValueError("a note needs a text")
        if len(self.text or "") > LONGEST_TEXT:
            raise ValueError(f"a text has at most {LONGEST_TEXT} characters")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A gateway's answer: the command was applied as the milestone of this version."""

    command_id: CommandId
    epoch: Epoch
    seq: Seq

    @property
    def version(self) -> Cursor:
        """The version that the command created."""
        return Cursor(self.epoch, self.seq)
