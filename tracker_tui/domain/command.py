"""What a person can ask of an order: a command, whose own id makes it safe to ask twice (PROTOCOL §5)."""

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
    """Whether `text` as a whole is a UUID in its usual form."""
    return _UUID.fullmatch(text) is not None


CommandId = Annotated[str, Predicate(is_command_id)]


class Verb(StrEnum):
    """What is asked."""

    CANCEL = "cancel"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Command:
    """One wish; asked again under the same id it is still the same one.

    Attributes:
        command_id: A UUID; the milestone that comes of it bears this id.
        command: What is asked.
        text: The note, or why to cancel.
    """

    command_id: CommandId
    command: Verb
    text: Annotated[str, MaxLen(LONGEST_TEXT)] | None = None

    def __post_init__(self) -> None:
        if self.command is Verb.NOTE and not (self.text or "").strip():
            raise ValueError("a note has a text")
        if len(self.text or "") > LONGEST_TEXT:
            raise ValueError(f"a text has at most {LONGEST_TEXT} characters")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A gateway's answer: the command was applied, and is the milestone of this version."""

    command_id: CommandId
    epoch: Epoch
    seq: Seq

    @property
    def version(self) -> Cursor:
        """The version that came of the command."""
        return Cursor(self.epoch, self.seq)
