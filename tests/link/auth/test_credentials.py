"""Tokens from the environment, files and commands; no error message contains one."""

from __future__ import annotations

import asyncio
import os
import pickle
import shlex
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import pytest

from tracker_tui.link.auth import credentials
from tracker_tui.link.auth.credentials import FromCommand, FromEnvironment, FromFile
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import NoToken

SECRET = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2ln"


async def test_the_environments_token_never_changes() -> None:
    source = FromEnvironment(Token(SECRET))
    assert await source.fetch() == Token(SECRET)
    assert not source.changed()


async def test_a_file_is_read_each_time_and_reports_changes(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{SECRET}\n")
    source = FromFile(path)
    assert await source.fetch() == Token(SECRET)
    assert not source.changed()
    fresh = tmp_path / "fresh"
    fresh.write_text("  other.token  \nanything else\n")
    fresh.replace(path)
    assert source.changed()
    assert await source.fetch() == Token("other.token")
    path.unlink()
    assert source.changed()


async def test_a_file_that_becomes_readable_counts_as_changed(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(SECRET)
    path.chmod(0o000)
    source = FromFile(path)
    # The user that runs the tests may be allowed to read every file.
    with suppress(NoToken):
        await source.fetch()
    assert not source.changed()
    path.chmod(0o600)
    assert source.changed()


async def test_a_file_that_appears_later_counts_as_changed(tmp_path: Path) -> None:
    source = FromFile(tmp_path / "token")
    with pytest.raises(NoToken, match="can't be read: No such file"):
        await source.fetch()
    assert not source.changed()
    (tmp_path / "token").write_text(SECRET)
    assert source.changed()
    assert await source.fetch() == Token(SECRET)


async def test_a_pipe_or_a_directory_is_no_token_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(NoToken, match="it is not a file"):
            await FromFile(path).fetch()


async def test_a_command_is_run_without_a_shell_each_time(tmp_path: Path) -> None:
    script = "import sys; print('a.' + sys.argv[1])"
    source = FromCommand(f'{sys.executable} -c "{script}" "\\$HOME;x"')
    with pytest.raises(NoToken, match="not a bearer token"):
        await source.fetch()
    assert await FromCommand(f"echo {SECRET}").fetch() == Token(SECRET)


async def test_commands_that_fail_say_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "COMMAND_TIMEOUT", 0.2)
    for command, words in (
        ("/no/such/program", "can't be run: No such file"),
        ("false", "ended with 1"),
        ("true", "gave nothing"),
        ("sleep 30", "gave no token within 0.2 s"),
    ):
        with pytest.raises(NoToken, match=words):
            await FromCommand(command).fetch()
    for command in ("", "'"):
        with pytest.raises(ValueError, match=r"[a-z]"):
            FromCommand(command)


@pytest.mark.parametrize("script", ["{endless}", "{endless} & sleep 60", "{endless} & exit 0"])
async def test_a_command_that_prints_without_end_is_ended_with_all_that_it_started(tmp_path: Path, script: str) -> None:
    pids = tmp_path / "pids"
    endless = f"sh -c 'echo $$ >> {pids}; exec yes {SECRET}'"
    command = script.format(endless=endless)
    with pytest.raises(NoToken, match="printed more than 64 KiB") as raised:
        await FromCommand(shlex.join(["sh", "-c", command])).fetch()
    assert SECRET not in str(raised.value)
    (pid,) = map(int, pids.read_text().split())
    async with asyncio.timeout(20):
        while is_running(pid):
            await asyncio.sleep(0.01)


async def test_a_command_may_print_64_kib() -> None:
    script = f"import sys; sys.stdout.write('{SECRET}\\n' + ' ' * (65536 - {len(SECRET)} - 1))"
    assert await FromCommand(shlex.join([sys.executable, "-c", script])).fetch() == Token(SECRET)


def is_running(pid: int) -> bool:
    """Return whether a process runs; a zombie does not count."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


async def test_an_invalid_token_is_never_repeated(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"pass word \xff\n")
    with pytest.raises(NoToken) as raised:
        await FromFile(path).fetch()
    assert "word" not in "".join(traceback.format_exception(raised.value, limit=0))
    with pytest.raises(ValueError, match="not a bearer token") as refused:
        Token("pass word")
    assert "word" not in str(refused.value)


def test_a_token_is_never_printed_or_pickled() -> None:
    token = Token(SECRET)
    assert SECRET not in f"{token} {token!r} {[token]}"
    with pytest.raises(TypeError):
        pickle.dumps(token)
    assert token.header == {"Authorization": f"Bearer {SECRET}"}
    assert len({token, Token(SECRET)}) == 1
