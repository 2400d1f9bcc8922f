"""The fetched tokens, by number."""

from __future__ import annotations

from tests.support.fake_transports import FakeCredentials
from tests.support.virtual_time import virtual
from tracker_tui.link.auth.token_store import MAX_TOKENS, TokenStore


@virtual
async def test_the_newest_tokens_are_kept_and_the_one_in_use_however_old_it_is() -> None:
    keyring = TokenStore(FakeCredentials(life=100))
    for _ in range(MAX_TOKENS * 3):
        number, problem = await keyring.fetch(in_use=2)
        assert problem is None
    assert [each for each in range(1, number + 1) if keyring[each] is not None] == [
        2,
        *range(number - MAX_TOKENS + 1, number + 1),
    ]


@virtual
async def test_the_same_token_keeps_its_number() -> None:
    credentials = FakeCredentials(life=100)
    keyring = TokenStore(credentials)
    assert await keyring.fetch() == (1, None)
    credentials.exhausted = True
    assert await keyring.fetch() == (1, None)
