"""Completion, in the shells themselves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.processes import TRACKER_TUI, run
from tests.support.terminal import Terminal
from tracker_tui.cli.completion import SHELLS, completion_script
from tracker_tui.cli.parser import build_parser

PROGRAM = "tracker-tui"


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"there is no {shell} here")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder with the scripts for all shells in it, named by the shell."""
    for shell in SHELLS:
        (tmp_path / shell).write_text(completion_script(shell, build_parser(), ["default", "quick"]))
    return tmp_path


def in_bash(folder: Path, environ: dict[str, str], *words: str) -> set[str]:
    """Return what bash offers for the last word."""
    program = f"""
cd {folder} && source ./bash
COMP_WORDS=({PROGRAM} "$@"); COMP_CWORD=$#
_tracker_tui
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = run(["bash", "--norc", "-c", program, "bash", *words], environ)
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split("\n")) - {""}


@contextmanager
def zsh(environ: dict[str, str], folder: Path, before: str, after: str) -> Iterator[Terminal]:
    """Start zsh and wait for its prompt; earlier input is not completed."""
    with Terminal(["zsh", "-f", "-i"], {**environ, "PS1": "first> "}) as terminal:
        terminal.press(f"{before}; autoload -U compinit && compinit -u -d {folder}/dump; {after}; PS1='then> '\r")
        terminal.wait_for(lambda text: text.rstrip().endswith("\nthen>"))
        yield terminal


FORMATS = {"tui", "plain", "ndjson", "table", "json", "csv"}


@needs("bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("--tim",), {"--timeout"}),
        (("A1042", "--token-"), {"--token-file", "--token-command"}),
        (("--format", ""), FORMATS),
        (("--format", "p"), {"plain"}),
        (("--format", "="), FORMATS),
        (("--format", "=", "nd"), {"ndjson"}),
        (("--transport", "s"), {"sse"}),
        (("--until", ""), {"ended"}),
        (("--theme", "l"), {"light"}),
        (("--demo", "qu"), {"quick"}),
        (("--columns", "arr"), {"arrives"}),
        (("--columns", "order,arr"), {"order,arrives"}),
        (("--demo", "--on"), {"--on", "--once"}),
        (("--completion", "f"), {"fish"}),
        (("--config", "my "), {"my own.toml"}),
        (("--server", "x"), set()),
        (("A",), set()),
    ],
)
def test_bash_offers_matching_words(
    written: Path, environ: dict[str, str], words: tuple[str, ...], offered: set[str]
) -> None:
    (written / "my own.toml").touch()
    assert in_bash(written, environ, *words) == offered


@pytest.fixture
def lists(environ: dict[str, str]) -> None:
    """A config file with two lists, and the program in the search path."""
    folder = Path(environ["HOME"]) / ".config" / "tracker-tui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(
        'theme = "light"\n[lists]\nvip = ["A1"]\n"night.shift" = []\n[keys]\nlog = "L"\n'
    )
    environ["PATH"] = f"{Path(TRACKER_TUI).parent}:{environ['PATH']}"


@needs("bash")
@pytest.mark.usefixtures("lists")
def test_bash_offers_the_lists_of_the_config_file(written: Path, environ: dict[str, str]) -> None:
    assert in_bash(written, environ, "--list", "") == {"vip", "night.shift"}
    assert in_bash(written, environ, "--list", "v") == {"vip"}


@needs("zsh")
@pytest.mark.usefixtures("lists")
def test_zsh_offers_the_lists_of_the_config_file(written: Path, environ: dict[str, str]) -> None:
    with zsh(environ, written, ":", f"source {written}/zsh") as terminal:
        terminal.press(f"{PROGRAM} --list=v\t")
        terminal.wait_for("--list=vip")


@needs("fish")
@pytest.mark.usefixtures("lists")
def test_fish_offers_the_lists_of_the_config_file(written: Path, environ: dict[str, str]) -> None:
    done = run(["fish", "-c", f"source {written}/fish; complete -C '{PROGRAM} --list '"], environ)
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} == {"vip", "night.shift"}


@needs("bash")
def test_bash_offers_every_option(written: Path, environ: dict[str, str]) -> None:
    every = {name for action in build_parser()._actions for name in action.option_strings}
    assert len(every) > 15
    assert in_bash(written, environ, "-") == every


@needs("bash")
def test_the_tab_key_completes_in_a_running_bash(written: Path, environ: dict[str, str]) -> None:
    with Terminal(["bash", "--norc", "-i"], {**environ, "PS1": "$ "}) as terminal:
        terminal.press(f"source {written}/bash\r")
        terminal.press(f"{PROGRAM} A1042 --form\t")
        terminal.wait_for(f"{PROGRAM} A1042 --format ")
        terminal.press("nd\t")
        terminal.wait_for("--format ndjson")


@needs("zsh")
def test_the_tab_key_completes_in_a_running_zsh(written: Path, environ: dict[str, str]) -> None:
    with zsh(environ, written, ":", f"source {written}/zsh") as terminal:
        terminal.press(f"{PROGRAM} A1042 --form\t")
        terminal.wait_for("--format=")
        terminal.press("nd\t")
        terminal.wait_for("--format=ndjson")


@needs("zsh")
def test_zsh_finds_the_script_in_fpath(written: Path, environ: dict[str, str]) -> None:
    (written / "zsh").rename(written / "_tracker-tui")
    with zsh(environ, written, f"fpath+=({written})", ":") as terminal:
        terminal.press(f"{PROGRAM} --transport long\t")
        terminal.wait_for("--transport longpoll")


@needs("fish")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("--tim", {"--timeout"}),
        ("--format ", FORMATS),
        ("--format=nd", {"--format=ndjson"}),
        ("--demo qu", {"quick"}),
        ("--columns arr", {"arrives"}),
        ("--columns order,arr", {"order,arrives"}),
        ("A1042 --token-", {"--token-file", "--token-command"}),
        ("A", set()),
    ],
)
def test_fish_offers_matching_words(written: Path, environ: dict[str, str], line: str, offered: set[str]) -> None:
    program = f"source {written}/fish; complete -C '{PROGRAM} {line}'"
    done = run(["fish", "--no-config", "-c", program], environ)
    assert done.stderr == ""
    assert {row.partition("\t")[0] for row in done.stdout.splitlines()} == offered


def test_the_program_prints_the_script_with_all_scenarios(environ: dict[str, str]) -> None:
    result = run([TRACKER_TUI, "--completion", "fish"], environ)
    assert (result.returncode, result.stderr) == (0, "")
    assert "-a 'busy cancelled default demo flaky parcel quick" in result.stdout


def test_an_unknown_shell_is_one_line(environ: dict[str, str]) -> None:
    result = run([TRACKER_TUI, "--completion", "cmd"], environ)
    assert result.stderr == 'tracker-tui: --completion: "cmd" is not one of bash, zsh, fish\n'
    assert result.returncode == 2
