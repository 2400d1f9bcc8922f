"""Commands and their answers on the wire: the bodies of ``POST /v1/orders/{id}/commands`` (PROTOCOL §5)."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from tracker_tui.domain.canonical import plain
from tracker_tui.domain.command import Accepted, Command
from tracker_tui.wire.codec import CONFIG, ProtocolViolation, describe_validation_error

COMMAND_TYPE = "application/json"
"""The only media type of a command."""

# Optional, because pydantic accepts a config only if the type is not a plain dataclass.
_COMMAND: TypeAdapter[Command | None] = TypeAdapter(Command | None, config=CONFIG)
_ACCEPTED: TypeAdapter[Accepted | None] = TypeAdapter(Accepted | None, config=CONFIG)

B = TypeVar("B", Command, Accepted)


def encode_body(body: Command | Accepted) -> str:
    """Encode a command or its answer as compact ASCII JSON; any text can be encoded."""
    return json.dumps(plain(body), separators=(",", ":"))


def decode_command(data: bytes | str) -> Command:
    """Decode a command; ignore unknown fields.

    Raises:
        ProtocolViolation: The data is not a command.
    """
    return _decode(_COMMAND, data)


def decode_accepted(data: bytes | str) -> Accepted:
    """Decode the answer to an applied command; raises like `decode_command`."""
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
