"""The Markdown files of the repository: their links, their citations and the commands that they document."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path for path in ROOT.rglob("*.md") if not {".git", ".venv", "build", "dist"} & set(path.relative_to(ROOT).parts)
)

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class DocumentedCommand:
    """A command of this project in a document.

    Attributes:
        place: The document.
        argv: The program and its arguments.
        environ: Variables that the command sets.
    """

    place: str
    argv: tuple[str, ...]
    environ: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return " ".join([f"{name}={value}" for name, value in self.environ] + list(self.argv))


def links(document: Path) -> Iterator[str]:
    """Yield the targets of all links and pictures of a document."""
    yield from _LINK.findall(_BLOCK.sub("", document.read_text(encoding="utf-8")))


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = _HEADING.findall(_BLOCK.sub("", document.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-") for heading in headings}


def commands() -> list[DocumentedCommand]:
    """Return the documented commands of `tracker-tui` and `mock-server`, each once."""
    found = (command for document in DOCUMENTS for command in _commands_of(document))
    return list({(command.argv, command.environ): command for command in found}.values())


def _commands_of(document: Path) -> Iterator[DocumentedCommand]:
    place = document.relative_to(ROOT).as_posix()
    for language, block in _BLOCK.findall(document.read_text(encoding="utf-8")):
        if language != "sh":
            continue
        for line in block.replace("\\\n", " ").splitlines():
            for command in _simple_commands(_without_substitutions(line)):
                words, environ = _without_redirections(command), []
                while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                    name, _, value = words.pop(0).partition("=")
                    environ.append((name, value))
                if words and words[0] in {"tracker-tui", "mock-server"}:
                    yield DocumentedCommand(place, tuple(words), tuple(environ))
            for inner in re.findall(r"[$<]\(([^()]*)\)", line):
                words = shlex.split(inner)
                if words and words[0] in {"tracker-tui", "mock-server"}:
                    yield DocumentedCommand(place, tuple(words))


def _simple_commands(line: str) -> Iterator[list[str]]:
    """Yield the words of each command of a line, without the operators between the commands."""
    lexer = shlex.shlex(line.strip().lstrip("("), posix=True, punctuation_chars="|&;")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if word and set(word) <= set("|&;"):
            yield words
            words = []
        else:
            words.append(word)
    yield words


def _without_substitutions(line: str) -> str:
    return re.sub(r"[$<]\([^()]*\)", "SUBSTITUTED", line)


def _without_redirections(words: list[str]) -> list[str]:
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in {">", ">>", "<", "2>"}:
            skip = True
        else:
            kept.append(word.rstrip(")") if word.endswith(")") and "(" not in word else word)
    return kept
