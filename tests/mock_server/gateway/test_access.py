"""The memory of accepted tokens, without sockets."""

from __future__ import annotations

import pytest

from mock_server.auth.tokens import TokenExpired
from mock_server.faults.fault_log import FaultLog
from mock_server.faults.plan import Plan
from mock_server.gateway.access import MAX_GRANTS, Access
from tests.support.clocks import AdvancedClock
from tests.support.tokens import KEY, token


async def test_a_token_expired_by_a_fault_is_remembered_longer_than_expired_tokens() -> None:
    clock = AdvancedClock()
    ledger = FaultLog(clock)
    access = Access(KEY, clock, Plan(1, ledger, clock), ledger)
    expired_by_fault = token(seconds=3600)
    access.authorize(expired_by_fault)
    access.expire_all()
    for _ in range(MAX_GRANTS - 1):
        access.authorize(token(seconds=60))
    clock.advance(61)
    access.authorize(token())
    assert access.known_tokens == 2
    with pytest.raises(TokenExpired):
        access.authorize(expired_by_fault)


async def test_the_number_of_remembered_tokens_is_limited() -> None:
    clock = AdvancedClock()
    ledger = FaultLog(clock)
    access = Access(KEY, clock, Plan(1, ledger, clock), ledger)
    for _ in range(MAX_GRANTS + 5):
        access.authorize(token())
    assert access.known_tokens == MAX_GRANTS
