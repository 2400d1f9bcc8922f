"""The tokens that were fetched, by number."""

from __future__ import annotations

from tests.support.fake_transports import Keys
from tests.support.virtual_time import virtual
from tracker_tui.link.auth.token_store import KEPT, TokenStore


@virtual
async def test_the_newest_tokens_are_kept_and_the_one_in_use_however_old_it_is() -> None:
    keyring = TokenStore(Keys(life=100))
    for _ in range(KEPT * 3):
        number, problem = await keyring.fetch(in_use=2)
        assert problem is None
    assert [each for each in range(1, number + 1) if keyring[each] is not None] == [
        2,
        *range(number - KEPT + 1, number + 1),
    ]


@virtual
async def test_the_same_token_keeps_its_number() -> None:
    keys = Keys(life=100)
    keyring = TokenStore(keys)
    assert await keyring.fetch() == (1, None)
    keys.dry = True
    assert await keyring.fetch() == (1, None)
