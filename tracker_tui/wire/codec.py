"""Decodes and encodes messages; everything that is received is validated here."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, TypeVar, cast

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from tracker_tui.domain.canonical import plain, wire_name
from tracker_tui.domain.order import is_order_id
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.wire.messages import Authenticated, ClientMessage, Message, Problem, ServerMessage, Unknown

MAX_MESSAGE = 1 << 20
"""Largest message that a client accepts, in bytes (PROTOCOL §8)."""

MAX_CLIENT_FRAME = 256 << 10
"""Largest frame that a server accepts from a client, in bytes (PROTOCOL §4)."""

CONFIG = ConfigDict(alias_generator=wire_name, strict=True, allow_inf_nan=False)
"""Validation of every value: camelCase names, strict types."""

_SERVER: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")], config=CONFIG)
_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="type")], config=CONFIG)

M = TypeVar("M")

_MAX_LOCATION = 100
"""Characters of a value's location in an error message."""

_EXTRA = {"unexpected_keyword_argument", "extra_forbidden"}


class ProtocolViolation(Exception):
    """The received data is not a message of order-stream v1."""


@dataclass(slots=True)
class IgnoredCounts:
    """Numbers of ignored message types and fields (PROTOCOL, preamble)."""

    unknown_types: int = 0
    unknown_fields: int = 0


class Batch(NamedTuple):
    """The messages of one answer.

    Attributes:
        messages: The valid messages, in their order.
        violations: Number of invalid messages.
    """

    messages: list[ServerMessage]
    violations: int


def decode(data: bytes | str, ignored: IgnoredCounts | None = None) -> ServerMessage:
    """Decode one message from a server.

    Args:
        data: The JSON text, at most `MAX_MESSAGE` bytes.
        ignored: Counter of unknown message types and fields.

    Raises:
        ProtocolViolation: The data is too large, is not JSON, or is not a valid message.
    """
    return _decode(_SERVER, data, MAX_MESSAGE, ignored)


def decode_client(data: bytes | str, ignored: IgnoredCounts | None = None) -> ClientMessage | Unknown:
    """Decode one message from a client; like `decode`, but with the limit `MAX_CLIENT_FRAME`."""
    return _decode(_CLIENT, data, MAX_CLIENT_FRAME, ignored)


class OrderPage(NamedTuple):
    """A page of the list of orders (PROTOCOL §5).

    Attributes:
        order_ids: The ids on the page.
        next_after: The id after which the next page starts; None on the last page.
    """

    order_ids: list[str]
    next_after: str | None


def decode_page(data: bytes | str) -> OrderPage:
    """Decode the ids on a page of the list of orders; their streams bring everything else.

    Raises:
        ProtocolViolation: The data is not a page.
    """
    body = _object(data)
    if not isinstance(listed := body.get("orders"), list):
        raise ProtocolViolation("no orders")
    order_ids = [_order_id(each.get("orderId") if isinstance(each, dict) else None) for each in listed]
    next_after = body.get("next")
    return OrderPage(order_ids, None if next_after is None else _order_id(next_after))


def decode_batch(data: bytes | str, ignored: IgnoredCounts | None = None) -> Batch:
    """Decode the answer to a long poll (PROTOCOL §5).

    Args:
        data: The JSON text, at most `MAX_MESSAGE` bytes.
        ignored: Counter of unknown message types and fields.

    Raises:
        ProtocolViolation: The data is not an answer; invalid messages in it are only counted.
    """
    body = _object(data)
    if not isinstance(parts := body.get("messages"), list):
        raise ProtocolViolation("no messages")
    messages: list[ServerMessage] = []
    for part in parts:
        with suppress(ProtocolViolation):
            messages.append(decode(json.dumps(part), ignored))
    return Batch(messages, len(parts) - len(messages))


def decode_problem(data: bytes | str) -> Problem | None:
    """Decode the body of a refused request (RFC 9457); return None without a code (PROTOCOL §5)."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not isinstance(code := body.get("code"), str):
        return None
    detail = body.get("detail")
    retry_after: Any = body.get("retryAfterSeconds")
    # Compare the exact type: in Python, a bool is an int.
    is_wait = type(retry_after) in {int, float} and 0 <= retry_after < 1e9
    return Problem(
        code=code,
        detail=detail if isinstance(detail, str) else "",
        retry_after_seconds=retry_after if is_wait else None,
    )


def encode(message: Message | ClientMessage) -> str:
    """Encode one message as compact JSON."""
    fields = plain(message)
    if message == Authenticated():
        # A token that never expires is an explicit null; only an error omits the field (PROTOCOL §4).
        fields["tokenExpiresAt"] = None
    return json.dumps({"type": message.type, **fields}, separators=(",", ":"), ensure_ascii=False)


def _decode(adapter: TypeAdapter[M], data: bytes | str, limit: int, ignored: IgnoredCounts | None) -> M | Unknown:
    if (size := _size(data)) > limit:
        raise ProtocolViolation(f"a message of {size} bytes; the limit is {limit}")
    try:
        # Forbid unknown fields first: without any this costs nothing, otherwise it counts them.
        return adapter.validate_json(data, extra="forbid")
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
    kinds = [problem["type"] for problem in problems]
    if kinds == ["union_tag_invalid"]:
        if ignored is not None:
            ignored.unknown_types += 1
        return Unknown()
    if set(kinds) <= _EXTRA:
        if ignored is not None:
            ignored.unknown_fields += len(kinds)
        try:
            return adapter.validate_json(data, extra="ignore")
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False, include_input=False)
    raise ProtocolViolation(
        "; ".join(map(describe_validation_error, [p for p in problems if p["type"] not in _EXTRA][:3]))
    )


def _order_id(value: object) -> str:
    if not isinstance(value, str) or not is_order_id(value):
        raise ProtocolViolation("not an order id")
    return value


def _object(data: bytes | str) -> dict[str, Any]:
    if (size := _size(data)) > MAX_MESSAGE:
        raise ProtocolViolation(f"an answer of {size} bytes; the limit is {MAX_MESSAGE}")
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProtocolViolation("not JSON") from error
    if not isinstance(body, dict):
        raise ProtocolViolation("not an object")
    return body


def _size(data: bytes | str) -> int:
    if isinstance(data, bytes) or data.isascii():
        return len(data)
    return len(data.encode("utf-8", "surrogatepass"))


def describe_validation_error(problem: Any) -> str:
    """Return one of pydantic's errors in a few words, safe to print."""
    # The location can contain names that the sender chose.
    location = sanitize(".".join(str(part) for part in cast("tuple[int | str, ...]", problem["loc"])))[:_MAX_LOCATION]
    return f"{location}: {problem['msg']}" if location else str(problem["msg"])
