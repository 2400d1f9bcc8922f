"""Private files: complete or absent, and readable by the user alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tracker_tui.storage.files import open_private, write_atomically, write_new


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_new_file_and_directory_is_private(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    descriptor = open_private(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    os.close(descriptor)
    written = [write_new(directory, "report", ".txt", "x"), write_atomically(directory / "copied.txt", "x")]
    assert {mode(path) for path in [*written, tmp_path / "log"]} == {0o600}
    assert mode(directory) == 0o700


def test_a_new_file_never_overwrites_one(tmp_path: Path) -> None:
    assert [write_new(tmp_path, "report", ".txt", text).name for text in "abc"] == [
        "report.txt",
        "report-2.txt",
        "report-3.txt",
    ]
    assert (tmp_path / "report.txt").read_text() == "a"


def test_a_failed_write_leaves_the_previous_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_atomically(tmp_path / "copied.txt", "before")

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
