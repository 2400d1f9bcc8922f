"""Commands and their answers on the wire: the bodies of ``POST /v1/orders/{id}/commands`` (PROTOCOL §5)."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from tracker_tui.domain.canonical import plain
from tracker_tui.domain.command import Accepted, Command
from tracker_tui.wire.codec import CONFIG, ProtocolViolation, describe_validation_error

COMMAND_TYPE = "application/json"
"""The only media type in which a command is taken."""

# With a null, for an adapter of a dataclass alone takes no configuration.
_COMMAND: TypeAdapter[Command | None] = TypeAdapter(Command | None, config=CONFIG)
_ACCEPTED: TypeAdapter[Accepted | None] = TypeAdapter(Accepted | None, config=CONFIG)

B = TypeVar("B", Command, Accepted)


def encode_body(body: Command | Accepted) -> str:
    """Write a command, or the answer to one, as compact JSON in ASCII: no text can fail to be sent."""
    return json.dumps(plain(body), separators=(",", ":"))


def decode_command(data: bytes | str) -> Command:
    """Read a command; fields that this version doesn't know are ignored.

    Raises:
        ProtocolViolation: It isn't one.
    """
    return _decode(_COMMAND, data)


def decode_accepted(data: bytes | str) -> Accepted:
    """Read the answer to a command that was applied; otherwise like `decode_command`."""
    return _decode(_ACCEPTED, data)


def _decode(adapter: TypeAdapter[B | None], data: bytes | str) -> B:
    try:
        body = adapter.validate_json(data, extra="ignore")
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        raise ProtocolViolation("; ".join(map(describe_validation_error, problems[:3]))) from error
    if body is None:
        raise ProtocolViolation("null")
    return body
