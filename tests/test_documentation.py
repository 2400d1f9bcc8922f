"""The documents: links lead somewhere, citations exist, and documented commands are accepted."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mock_server.cli.options import parse_arguments as parse_mock_server
from tests.support.documentation import DOCUMENTS, ROOT, DocumentedCommand, anchors, commands, links
from tracker_tui.cli.parser import parse_arguments as parse_tracker_tui

PROTOCOL = ROOT / "tracker_tui" / "wire" / "PROTOCOL.md"
_ABSENT = re.compile(r"\b(DESIGN|REDESIGN|INTEROP|GATEWAY|AGENT|STYLE|PITFALLS)(\.md| §)")


def tracked(*patterns: str) -> list[Path]:
    """Return the files of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z", *patterns], cwd=ROOT, capture_output=True, check=False
    ).stdout
    names = [name for name in listed.decode().split("\0") if name]
    return [path for name in names if (path := ROOT / name).is_file()] or sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = []
    for target in links(document):
        name, _, anchor = target.partition("#")
        if name.startswith(("http://", "https://")):
            continue
        path = (document.parent / name).resolve() if name else document
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(target)
    assert broken == []


def test_the_first_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_no_document_is_cited_that_is_not_there() -> None:
    cited = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked("*.py", "*.md", "*.toml", "*.tcss", ".ci/*")
        if path != Path(__file__)
        for match in _ABSENT.finditer(path.read_text(encoding="utf-8"))
    ]
    assert cited == []


def test_every_cited_section_of_the_protocol_exists() -> None:
    sections = {
        int(number) for number in re.findall(r"^## (\d+)\.", PROTOCOL.read_text(encoding="utf-8"), re.MULTILINE)
    }
    cited = {
        int(number)
        for path in tracked("*.py", "*.md")
        for number in re.findall(r"PROTOCOL §(\d+)", path.read_text(encoding="utf-8"))
    }
    assert cited <= sections


@pytest.mark.parametrize("command", commands(), ids=str)
def test_every_documented_command_is_accepted(command: DocumentedCommand) -> None:
    program, *arguments = command.argv
    code: object = None
    try:
        (parse_tracker_tui if program == "tracker-tui" else parse_mock_server)(arguments)
    except SystemExit as end:  # --help
        code = end.code
    assert code in {None, 0}
