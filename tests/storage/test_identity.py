"""The digest that separates the caches of different users."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tracker_tui.storage.identity import ANONYMOUS, KEY_FILE, identity_digest


def test_the_same_origin_has_the_same_digest_at_every_start(tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    first = identity_digest(folder, ("token-command", "pass", "show", "orders"))
    assert first
    assert identity_digest(folder, ("token-command", "pass", "show", "orders")) == first


def test_different_origins_have_different_digests(tmp_path: Path) -> None:
    origins = [
        ("token-file", "/a"),
        ("token-file", "/b"),
        ("token", "/a"),
        ("token-command", "a", "b"),
        ("token-command", "a b"),
    ]
    assert len({identity_digest(tmp_path / "orders", origin) for origin in origins}) == len(origins)


def test_requests_without_a_token_need_no_key(tmp_path: Path) -> None:
    assert identity_digest(tmp_path / "orders", ()) == ANONYMOUS
    assert list(tmp_path.iterdir()) == []


def test_another_machine_has_another_key_so_that_a_token_cannot_be_guessed_from_its_digest(tmp_path: Path) -> None:
    origin = ("token", "secret")
    assert identity_digest(tmp_path / "one" / "orders", origin) != identity_digest(tmp_path / "two" / "orders", origin)


def test_only_the_user_can_read_the_key(tmp_path: Path) -> None:
    identity_digest(tmp_path / "orders", ("token", "secret"))
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert "secret" not in (tmp_path / KEY_FILE).read_text()


@pytest.mark.parametrize("content", [b"", b"abc", b"\xff" * 64, b"0" * 63, b"0" * 66])
def test_a_damaged_key_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)
    digest = identity_digest(tmp_path / "orders", ("token", "secret"))
    assert digest
    assert identity_digest(tmp_path / "orders", ("token", "secret")) == digest


def test_without_a_key_there_is_no_identity(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert identity_digest(tmp_path / "file" / "orders", ("token", "secret")) is None
