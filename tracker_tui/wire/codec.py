"""Text on the wire to messages and back; nothing that is received gets past here unchecked."""

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
"""Greatest message that a client takes, in bytes (PROTOCOL §8)."""

MAX_CLIENT_FRAME = 256 << 10
"""Greatest frame that a server takes from a client, in bytes (PROTOCOL §4)."""

CONFIG = ConfigDict(alias_generator=wire_name, strict=True, allow_inf_nan=False)
"""How every value is read: names as on the wire, nothing converted."""

_SERVER: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")], config=CONFIG)
_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="type")], config=CONFIG)

M = TypeVar("M")

_LONGEST_PLACE = 100

_EXTRA = {"unexpected_keyword_argument", "extra_forbidden"}


class ProtocolViolation(Exception):
    """What was received is not a message of order-stream v1."""


@dataclass(slots=True)
class IgnoredCounts:
    """How much of what was decoded had to be ignored (PROTOCOL, preamble)."""

    unknown_types: int = 0
    unknown_fields: int = 0


class Batch(NamedTuple):
    """Messages that came together.

    Attributes:
        messages: Those of the protocol, in their order.
        violations: How many others there were.
    """

    messages: list[ServerMessage]
    violations: int


def decode(data: bytes | str, tally: IgnoredCounts | None = None) -> ServerMessage:
    """Read one message from a server.

    Args:
        data: The JSON text, at most `MAX_MESSAGE` bytes.
        tally: Where to count unknown message types and fields.

    Raises:
        ProtocolViolation: `data` is too large, is not JSON, or breaks the contract.
    """
    return _decode(_SERVER, data, MAX_MESSAGE, tally)


def decode_client(data: bytes | str, tally: IgnoredCounts | None = None) -> ClientMessage | Unknown:
    """Read one message from a client; otherwise like `decode`, with `MAX_CLIENT_FRAME` as the limit."""
    return _decode(_CLIENT, data, MAX_CLIENT_FRAME, tally)


class OrderPage(NamedTuple):
    """A part of the list of orders (PROTOCOL §5).

    Attributes:
        order_ids: Those on it.
        next_after: After which id the next page goes on; None on the last one.
    """

    order_ids: list[str]
    next_after: str | None


def decode_page(data: bytes | str) -> OrderPage:
    """Read a page of the list of orders; only their ids are of interest, the rest comes with their streams.

    Raises:
        ProtocolViolation: It isn't one.
    """
    body = _object(data)
    if not isinstance(listed := body.get("orders"), list):
        raise ProtocolViolation("no orders")
    order_ids = [_order_id(each.get("orderId") if isinstance(each, dict) else None) for each in listed]
    following = body.get("next")
    return OrderPage(order_ids, None if following is None else _order_id(following))


def decode_batch(data: bytes | str, tally: IgnoredCounts | None = None) -> Batch:
    """Read the answer to a long poll: messages in a row (PROTOCOL §5).

    Args:
        data: The JSON text, at most `MAX_MESSAGE` bytes.
        tally: Where to count unknown message types and fields.

    Raises:
        ProtocolViolation: `data` as a whole is not that; a message in it that breaks the contract is only counted.
    """
    body = _object(data)
    if not isinstance(parts := body.get("messages"), list):
        raise ProtocolViolation("no messages")
    messages: list[ServerMessage] = []
    for part in parts:
        with suppress(ProtocolViolation):
            messages.append(decode(json.dumps(part), tally))
    return Batch(messages, len(parts) - len(messages))


def decode_problem(data: bytes | str) -> Problem | None:
    """Read the body of a refused request (RFC 9457); None if it isn't one with a code (PROTOCOL §5)."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not isinstance(code := body.get("code"), str):
        return None
    detail = body.get("detail")
    retry_after: Any = body.get("retryAfterSeconds")
    # Only a number counts, and to Python a truth value is one.
    is_wait = type(retry_after) in {int, float} and 0 <= retry_after < 1e9
    return Problem(
        code=code,
        detail=detail if isinstance(detail, str) else "",
        retry_after_seconds=retry_after if is_wait else None,
    )


def encode(message: Message | ClientMessage) -> str:
    """Write one message as compact JSON."""
    fields = plain(message)
    if message == Authenticated():
        # A token that never expires: said in so many words, where an error says nothing of an expiry (PROTOCOL §4).
        fields["tokenExpiresAt"] = None
    return json.dumps({"type": message.type, **fields}, separators=(",", ":"), ensure_ascii=False)


def _decode(adapter: TypeAdapter[M], data: bytes | str, limit: int, tally: IgnoredCounts | None) -> M | Unknown:
    if (size := _size(data)) > limit:
        raise ProtocolViolation(f"a message of {size} bytes; the limit is {limit}")
    try:
        # Strict about unknown fields first: that costs nothing when there are none, and tells how many there are.
        return adapter.validate_json(data, extra="forbid")
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
    kinds = [problem["type"] for problem in problems]
    if kinds == ["union_tag_invalid"]:
        if tally is not None:
            tally.unknown_types += 1
        return Unknown()
    if set(kinds) <= _EXTRA:
        if tally is not None:
            tally.unknown_fields += len(kinds)
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
    """One of pydantic's complaints in a few words, safe to show."""
    # The names on the way to a value are the sender's text, too.
    place = sanitize(".".join(str(part) for part in cast("tuple[int | str, ...]", problem["loc"])))[:_LONGEST_PLACE]
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])
