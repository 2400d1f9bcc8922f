"""What the header says about the server: its host or the user's name for it, its colour, and the signed-in user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, GOOD, MUTED, STRONG

MAX_NAME = 24
"""Characters of a server's name and of a user that are shown."""


class LabelColour(StrEnum):
    """A colour for a server, by the word for it in the config file."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"


_STYLES = {LabelColour.RED: BAD, LabelColour.YELLOW: CAUTION, LabelColour.GREEN: GOOD, LabelColour.BLUE: ACCENT}


@dataclass(frozen=True, slots=True)
class ServerLabel:
    """The server, as the header names it.

    Attributes:
        name: The user's name for it, safe to show; empty to show the host.
        colour: The user's colour for it; None without one.
        user: The signed-in user, safe to show; empty if unknown.
    """

    name: str = ""
    colour: LabelColour | None = None
    user: str = ""

    def text(self, host: str) -> str:
        """Return the label: ``mara@prod``, with the host if the server has no name."""
        place = self.name or host
        return f"{self.user}@{place}" if self.user and place else place or self.user

    def with_user(self, user: str | None) -> ServerLabel:
        """Return the label with the user of the token; the same label if the user is the same."""
        shown = sanitize(user or "")[:MAX_NAME]
        return self if shown == self.user else replace(self, user=shown)

    @property
    def style(self) -> str:
        """The style of the label."""
        return f"{STRONG} {_STYLES[self.colour]}" if self.colour else STRONG if self.name else MUTED


def parse_servers(table: Mapping[str, object], base_url: Callable[[str], str]) -> dict[str, ServerLabel]:
    """Return the labels of a config file, by base URL.

    Args:
        table: The fields of each server by its URL, as they are written.
        base_url: Returns the base URL of a URL; raises ValueError for a text that is none.

    Raises:
        ValueError: A URL, a field or a value is wrong; the message is one line for users.
    """
    labels: dict[str, ServerLabel] = {}
    for url, fields in table.items():
        try:
            labels[base_url(url)] = _parse_label(fields)
        except ValueError as error:
            raise ValueError(f'"{sanitize(url)}": {error}') from error
    return labels


def _parse_label(fields: object) -> ServerLabel:
    if not isinstance(fields, Mapping):
        raise ValueError('write a table, such as {name = "prod", colour = "red"}')  # noqa: TRY004
    for field, value in fields.items():
        if field not in {"name", "colour"}:
            raise ValueError(f'unknown field "{sanitize(str(field))}"; known fields: name, colour')
        if not isinstance(value, str):
            raise ValueError(f"{field}: write a text in quotes")  # noqa: TRY004
    name, colour = fields.get("name", ""), fields.get("colour")
    if len(name) > MAX_NAME:
        raise ValueError(f"name: a name has at most {MAX_NAME} characters")
    if colour is not None and colour not in {*LabelColour}:
        raise ValueError(f'colour: "{sanitize(colour)}" is not one of {", ".join(LabelColour)}')
    return ServerLabel(sanitize(name), LabelColour(colour) if colour is not None else None)


NO_LABEL = ServerLabel()
"""The label of a server that the user gave no name and no colour."""
