"""Requests with a token, which is renewed once after it expired."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.orders import snapshot
from tests.support.orders_apis import UnimplementedOrdersApi
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import NoToken, Refused
from tracker_tui.output.snapshot_client import SnapshotClient
from tracker_tui.wire.messages import Problem


class Door(UnimplementedOrdersApi):
    """An API that accepts the tokens in `good`, and records all tokens."""

    def __init__(self, good: str, code: str = "token_expired") -> None:
        self.good = Token(good)
        self.code = code
        self.presented: list[Token | None] = []

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        await self._admit(token)
        return snapshot(1, order_id=order_id)

    async def open_orders(self, token: Token | None = None) -> list[str]:
        await self._admit(token)
        return ["A1"]

    async def _admit(self, token: Token | None) -> None:
        self.presented.append(token)
        await asyncio.sleep(0)
        if token != self.good:
            raise Refused(Problem(self.code, ""))


class Purse:
    """Credentials that return the tokens one by one, and then the last one again."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = [Token(each) for each in tokens]
        self.fetched = 0

    async def fetch(self) -> Token:
        self.fetched += 1
        await asyncio.sleep(0)
        if not self.tokens:
            raise NoToken("the file is gone")
        return self.tokens[min(self.fetched, len(self.tokens)) - 1]

    def changed(self) -> bool:
        return False


async def test_one_token_serves_every_request() -> None:
    purse = Purse("good", "other")
    visitor = SnapshotClient(Door("good"), purse)
    found = await asyncio.gather(*(visitor.snapshot(f"A{number}") for number in range(5)))
    assert len(found) == 5
    assert purse.fetched == 1


async def test_a_token_that_expired_is_renewed_once_for_all() -> None:
    door, purse = Door("new"), Purse("old", "new", "newer")
    visitor = SnapshotClient(door, purse)
    await asyncio.gather(*(visitor.snapshot(f"A{number}") for number in range(5)))
    assert purse.fetched == 2
    assert door.presented.count(Token("old")) == 5


async def test_a_second_refusal_is_final() -> None:
    door = Door("good")
    with pytest.raises(Refused):
        await SnapshotClient(door, Purse("old", "older")).snapshot("A1")
    assert len(door.presented) == 2


async def test_an_unchanged_token_is_not_sent_again() -> None:
    door = Door("good")
    with pytest.raises(Refused):
        await SnapshotClient(door, Purse("old")).snapshot("A1")
    assert len(door.presented) == 1


async def test_a_token_that_was_rejected_is_not_renewed() -> None:
    door, purse = Door("good", "auth_rejected"), Purse("bad", "good")
    with pytest.raises(Refused):
        await SnapshotClient(door, purse).snapshot("A1")
    assert purse.fetched == 1


async def test_without_a_token_no_request_is_sent() -> None:
    door = Door("good")
    with pytest.raises(NoToken):
        await SnapshotClient(door, Purse()).snapshot("A1")
    assert door.presented == []


async def test_without_credentials_requests_have_no_token() -> None:
    door = Door("good")
    with pytest.raises(Refused):
        await SnapshotClient(door, None).snapshot("A1")
    assert door.presented == [None]
