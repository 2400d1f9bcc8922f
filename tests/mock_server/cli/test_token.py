"""`mock-server token`, `--auth jwt`, and the key file of both."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from mock_server.auth import keys
from mock_server.auth.keys import KeyFileError
from mock_server.auth.tokens import AccessDenied, Rights
from tests.support.processes import MOCK_SERVER, Result, ServerProcess, run
from tests.support.tokens import SECRET, bearer

Serve = Callable[..., ServerProcess]


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    path = tmp_path / "some key"
    path.write_bytes(SECRET)
    path.chmod(0o600)
    return path


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def rights(made: Result, path: Path) -> Rights:
    """Return the rights of a printed token on a server with this key."""
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.count("\n") == 1
    return keys.load_key(path).verify(made.stdout.strip(), datetime.now(UTC))


@pytest.mark.parametrize(
    ("arguments", "subject", "patterns", "seconds"),
    [
        ([], "staff", ("*",), 60),
        (["--ttl", "90"], "staff", ("*",), 90),
        (["--ttl", "5m"], "staff", ("*",), 300),
        (["--ttl", "2h"], "staff", ("*",), 7200),
        (["--ttl", "1d", "--subject", "anna"], "anna", ("*",), 86400),
        (["--orders", "A*", "--orders", "P2001"], "staff", ("A*", "P2001"), 60),
    ],
)
def test_it_prints_a_token(
    environ: dict[str, str],
    key_path: Path,
    arguments: list[str],
    subject: str,
    patterns: tuple[str, ...],
    seconds: int,
) -> None:
    earliest = datetime.now(UTC) + timedelta(seconds=seconds)
    made = rights(run([MOCK_SERVER, "token", *arguments, "--auth-key-file", str(key_path)], environ), key_path)
    latest = datetime.now(UTC) + timedelta(seconds=seconds)
    assert (made.subject, made.patterns) == (subject, patterns)
    assert made.expires_at is not None
    assert earliest - timedelta(milliseconds=1) <= made.expires_at <= latest + timedelta(milliseconds=1)


def test_server_and_token_share_a_key_file_that_the_first_of_them_creates(
    environ: dict[str, str], serve: Serve, tmp_path: Path
) -> None:
    first = run([MOCK_SERVER, "token", "--ttl", "1h"], environ).stdout.strip()
    path = tmp_path / ".local/state/mock-server/key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["key"]
    with serve("--auth", "jwt", "--scenario", "quick") as server, httpx.Client(trust_env=False) as web:
        order = f"{server.url}/v1/orders/A1"
        assert web.get(order).status_code == 401
        assert web.get(order, headers=bearer(first)).status_code == 200
        second = run([MOCK_SERVER, "token"], environ).stdout.strip()
        assert web.get(order, headers=bearer(second)).status_code == 200
        other = run([MOCK_SERVER, "token", "--orders", "B*"], environ).stdout.strip()
        assert web.get(order, headers=bearer(other)).status_code == 403


def test_the_start_message_shows_the_token_command_and_no_token(
    environ: dict[str, str], serve: Serve, key_path: Path
) -> None:
    with serve("--auth", "jwt", "--auth-key-file", str(key_path), "--scenario", "quick") as server:
        words = shlex.split(server.greeting)
        command = shlex.split(words[words.index("--token-command") + 1])
        assert command[:2] == ["mock-server", "token"]
        text = run([MOCK_SERVER, *command[1:]], environ).stdout.strip()
        with httpx.Client(trust_env=False) as web:
            assert web.get(f"{server.url}/v1/orders/A1", headers=bearer(text)).status_code == 200
        assert "eyJ" not in server.greeting


def test_with_authentication_it_listens_beyond_loopback(environ: dict[str, str], serve: Serve) -> None:
    with serve("--auth", "jwt", "--host", "0.0.0.0", "--scenario", "quick") as server:
        text = run([MOCK_SERVER, "token"], environ).stdout.strip()
        with httpx.Client(trust_env=False) as web:
            order = f"{server.url}/v1/orders/A1"
            assert web.get(order, headers=bearer(text)).status_code == 200
            assert web.get(order, headers={**bearer(text), "Host": "shop.example"}).status_code == 403


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["token", "--ttl", "0"], "--ttl: '0' is not a time from 1s to 366d, such as 90, 60s, 5m, 2h or 1d"),
        (["token", "--ttl", "soon"], "--ttl: 'soon'"),
        (["token", "--ttl", "1.5s"], "--ttl: '1.5s'"),
        (["token", "--ttl", "-5"], "--ttl"),
        (["token", "--ttl", "367d"], "--ttl: '367d'"),
        (["token", "--ttl", "１s"], "--ttl"),
        (["token", "--orders", ""], "--orders: '' is not a pattern of order ids, such as 'A*'"),
        (["token", "--orders", "A B"], "--orders: 'A B'"),
        (["token", "--subject", ""], "--subject: '' is not a name"),
        (["token", "--subject", "a\nb"], "--subject"),
        (["token", "--bogus"], "--bogus"),
        (["token", "--auth-key-file", "/nonexistent/key"], "/nonexistent/key (No such file or directory)"),
        (["--auth", "jwt", "--auth-key-file", "/dev/null"], "/dev/null is not a file"),
        (["--auth-key-file", "key"], "--auth-key-file needs --auth jwt"),
        (["--auth", "jwt", "--host", ""], "--host: '' is not an address or a name"),
        (["--auth", "basic"], "--auth"),
        (["--host", "0.0.0.0"], "use --auth jwt to require tokens"),
    ],
)
def test_wrong_usage_prints_one_line_and_exits_with_2(
    environ: dict[str, str], arguments: list[str], message: str
) -> None:
    result = run([MOCK_SERVER, *arguments], environ)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith("mock-server: ")
    assert message in result.stderr


def test_the_help_names_the_key_file(environ: dict[str, str]) -> None:
    for command in (["--help"], ["token", "--help"]):
        assert "$XDG_STATE_HOME/mock-server/key" in " ".join(run([MOCK_SERVER, *command], environ).stdout.split())


def test_the_key_file_is_in_the_users_state_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert keys.default_key_path() == tmp_path / "mock-server/key"
    for unusable in ("", "relative/place"):
        monkeypatch.setenv("XDG_STATE_HOME", unusable)
        assert keys.default_key_path() == Path("/home/anna/.local/state/mock-server/key")


def test_a_key_is_created_once_and_private_whatever_the_umask(tmp_path: Path, no_umask: None) -> None:
    path = tmp_path / "new" / "key"
    made, again = keys.load_key(path), keys.load_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = made.sign("staff", lifetime=timedelta(seconds=60), now=datetime.now(UTC))
    assert again.verify(text, datetime.now(UTC)).subject == "staff"
    other = keys.load_key(tmp_path / "other")
    with pytest.raises(AccessDenied):
        other.verify(text, datetime.now(UTC))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_other_users_can_access_is_not_used(key_path: Path, mode: int) -> None:
    key_path.chmod(mode)
    with pytest.raises(KeyFileError, match="other users may read the key"):
        keys.load_key(key_path)


def test_an_invalid_key_file_is_reported_without_its_content(key_path: Path) -> None:
    for content in (b"", b"secret", b"x" * 5000):
        key_path.write_bytes(content)
        with pytest.raises(KeyFileError) as caught:
            keys.load_key(key_path)
        assert "secret" not in str(caught.value)


def test_a_directory_and_a_pipe_are_not_key_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(KeyFileError):
            keys.load_key(path)


def test_a_hostile_file_name_is_escaped(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError) as caught:
        keys.load_key(tmp_path / "\x1b[2Jkey\n", create=False)
    assert "␛[2Jkey␊" in str(caught.value)
