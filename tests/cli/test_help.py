"""Help and man page: complete, and accepted by the checkers of man pages."""

from __future__ import annotations

import shutil

import pytest

from tests.support.processes import TRACKER_TUI, run
from tracker_tui.cli.help import man_page
from tracker_tui.cli.options import OPTIONS
from tracker_tui.cli.parser import build_parser
from tracker_tui.ui.model.actions import ACTIONS


@pytest.fixture(scope="module")
def page() -> str:
    """The man page."""
    return man_page(build_parser(), "1.2.3")


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"there is no {program} here")


@needs("groff")
def test_groff_accepts_the_man_page(page: str, environ: dict[str, str]) -> None:
    result = run(["groff", "-man", "-ww", "-z"], environ, stdin=page)
    assert (result.returncode, result.stderr) == (0, "")


@needs("mandoc")
def test_mandoc_accepts_the_man_page(page: str, environ: dict[str, str]) -> None:
    result = run(["mandoc", "-T", "lint", "-W", "error"], environ, stdin=page)
    assert (result.returncode, result.stdout) == (0, "")


@needs("man")
def test_man_shows_options_keys_and_exit_codes(page: str, environ: dict[str, str]) -> None:
    result = run(["man", "-l", "-"], {**environ, "MANWIDTH": "200", "MAN_KEEP_FORMATTING": ""}, stdin=page)
    for section in ("SYNOPSIS", "OPTIONS", "KEYS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES"):
        assert f"\n{section}\n" in result.stdout
    for name in (name for action in build_parser()._actions for name in action.option_strings):
        assert name in result.stdout
    assert "--demo [SCENARIO]" in result.stdout
    assert "tracker-tui A1042 --token-command 'pass show orders'" in result.stdout
    assert "~/.config/tracker-tui/config.toml" in result.stdout


def test_the_program_prints_the_man_page(page: str, environ: dict[str, str]) -> None:
    result = run([TRACKER_TUI, "--man"], environ)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1:] == page.splitlines()[1:]


def test_the_man_page_names_every_key(page: str) -> None:
    for action in ACTIONS:
        assert action.summary.replace("-", "\\-").replace("'", "\\(aq") in page


def test_the_help_is_in_groups_with_examples_and_fits_a_terminal(environ: dict[str, str]) -> None:
    text = run([TRACKER_TUI, "--help"], {**environ, "COLUMNS": "100"}).stdout
    for heading in ("What to watch:", "The server:", "Output:", "When to stop:", "Examples:", "Exit codes:"):
        assert f"\n{heading}\n" in text
    assert "positional arguments" not in text
    assert all(option.flag in text and option.variable in text for option in OPTIONS)
    assert max(map(len, text.splitlines())) <= 100
