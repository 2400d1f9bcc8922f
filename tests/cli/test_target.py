"""The target of a run, its credentials, and the hint for a user who is signed out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tracker_tui.cli.options import UsageError
from tracker_tui.cli.settings import Settings
from tracker_tui.cli.target import build_credentials, open_feed, open_target, sign_in_hint
from tracker_tui.link.auth.credentials import FromCommand, FromEnvironment, FromFile
from tracker_tui.link.auth.token import Token


@pytest.mark.parametrize(
    ("settings", "kind", "helps"),
    [
        (Settings(token_file=Path("/run/token")), FromFile, "(r looks again): /run/token"),
        (Settings(token_command="fetch it"), FromCommand, "then press r"),
        (Settings(token=Token("abc")), FromEnvironment, "TRACKER_TOKEN is not renewed"),
        (Settings(), type(None), "--token-file or --token-command"),
    ],
)
def test_each_source_of_tokens_has_its_credentials_and_its_hint(settings: Settings, kind: type, helps: str) -> None:
    assert type(build_credentials(settings)) is kind
    assert helps in sign_in_hint(settings)
    assert "abc" not in sign_in_hint(settings)


async def test_the_token_is_the_one_that_was_given(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("abc\n")
    for settings in (
        Settings(token=Token("abc")),
        Settings(token_file=file),
        Settings(token_command=f"cat '{file}'"),
    ):
        credentials = build_credentials(settings)
        assert credentials is not None
        assert await credentials.fetch() == Token("abc")


def test_a_demo_gets_no_token() -> None:
    assert build_credentials(Settings(demo="", token=Token("abc"))) is None


async def test_a_feed_watches_the_orders_of_the_target() -> None:
    async with open_target(Settings(orders=("A1", "A2"), token=Token("abc"))) as target:
        assert open_feed(Settings(token=Token("abc")), target).order_ids == ("A1", "A2")


@pytest.mark.parametrize(
    ("order_id", "hint"), [("a1042", "did you mean A1042?"), ("X99", "recorded orders: A1042"), ("A1024", "A1042?")]
)
async def test_an_order_that_is_not_in_the_recording_is_one_line(tmp_path: Path, order_id: str, hint: str) -> None:
    recording = tmp_path / "recording"
    lines = [
        '{"recording":"tracker-tui","version":1,"server":"http://x","orders":["A1042"]}',
        '{"at":"2026-01-01T00:00:00Z","mono":0,"end":{}}',
    ]
    recording.write_text("\n".join(lines) + "\n")
    with pytest.raises(UsageError, match=re.escape(hint)):
        async with open_target(Settings(orders=(order_id,), replay=recording)):
            pass
