"""The distributions: their files, and that an installed wheel works without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path, PurePosixPath

import pytest

from tests.support.documentation import ROOT
from tests.support.terminal import Terminal

DATA_FILES = {
    "mock_server/README.md",
    "mock_server/py.typed",
    "tracker_tui/README.md",
    "tracker_tui/link/README.md",
    "tracker_tui/py.typed",
    "tracker_tui/wire/PROTOCOL.md",
}


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def scripts(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of an environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", distributions[0]], check=True, timeout=300)
    return folder / "bin"


@pytest.fixture
def outside(scripts: Path, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment outside the checkout, with the installed scripts."""
    monkeypatch.chdir(tmp_path)
    return environ | {"PATH": f"{scripts}{os.pathsep}{environ['PATH']}"}


def data_files(names: Iterator[str]) -> set[str]:
    """Return the files that are not Python."""
    return {name for name in names if PurePosixPath(name).suffix != ".py" and ".dist-info/" not in name}


def test_the_wheel_has_the_packages_and_their_data_files_only(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[0]) as wheel:
        names = wheel.namelist()
    assert {PurePosixPath(name).parts[0] for name in names if ".dist-info/" not in name} == {
        "mock_server",
        "tracker_tui",
    }
    found = data_files(iter(names))
    scenarios = {name for name in found if name.startswith("mock_server/simulation/scenarios/")}
    styles = {name for name in found if name.endswith(".tcss")}
    in_tree = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tracker_tui").rglob("*.tcss")}
    assert found - scenarios - styles == DATA_FILES
    assert styles == in_tree != set()
    assert {PurePosixPath(name).name for name in scenarios} >= {"default.toml", "busy.toml", "tour.toml"}


def test_the_sdist_has_the_tests_and_the_pictures_too(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[1]) as sdist:
        parts = {PurePosixPath(name).parts[1] for name in sdist.getnames() if len(PurePosixPath(name).parts) > 1}
    assert {"tests", "tracker_tui", "mock_server", "README.md", "LICENSE", "pyproject.toml", ".media"} <= parts


def test_the_description_for_an_index_has_no_relative_link(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[0]) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(wheel.read(name))
    text = str(metadata.get_payload())
    assert "tracker-tui --demo" in text
    assert "](" not in text.replace("](http", "")


@pytest.mark.parametrize(
    "words",
    [["tracker-tui"], ["mock-server"], ["python", "-m", "tracker_tui"], ["python", "-m", "mock_server"]],
    ids=" ".join,
)
def test_it_starts_outside_the_checkout(outside: dict[str, str], words: list[str]) -> None:
    done = subprocess.run([*words, "--version"], env=outside, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1][0].isdigit()


def test_the_installed_demo_is_live(outside: dict[str, str]) -> None:
    with Terminal(["tracker-tui", "--demo"], outside) as terminal:
        terminal.wait_for("● Live")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
