"""Private files: their mode, and one step from the old content to the new one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mock_server.private_file import write_private_file


@pytest.mark.parametrize("replace", [True, False])
def test_a_new_file_is_readable_by_its_user_alone(tmp_path: Path, replace: bool) -> None:
    path = tmp_path / "secret"
    write_private_file(path, "text ✓", replace=replace)
    assert path.read_text(encoding="utf-8") == "text ✓"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(("replace", "content"), [(True, "new"), (False, "old")])
def test_an_existing_file_is_replaced_or_kept(tmp_path: Path, replace: bool, content: str) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    write_private_file(path, "new", replace=replace)
    assert path.read_text() == content


def test_no_temporary_file_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write_private_file(tmp_path / "secret", "text", replace=False)
    with pytest.raises(OSError):  # noqa: PT011  (the system decides which)
        write_private_file(tmp_path / "folder", "text", replace=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder", "secret"]
