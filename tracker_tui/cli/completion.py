"""Completion for shells, written from the same declaration of the options that reads them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

_FILES = ("FILE", "PATH")
_WORD = re.compile(r"[a-z0-9-]+", re.ASCII)


class _Takes(Enum):
    """What may follow an option."""

    NOTHING = auto()
    A_WORD = auto()
    """One of few words, or another one."""
    A_FILE = auto()
    ANYTHING = auto()


@dataclass(frozen=True, slots=True)
class _Flag:
    names: tuple[str, ...]
    help: str
    takes: _Takes
    value: str
    words: tuple[str, ...]
    optional: bool

    @property
    def long(self) -> str:
        return self.names[-1]


def completion_script(shell: str, parser: argparse.ArgumentParser, scenarios: Sequence[str]) -> str:
    """What a shell is to source.

    Args:
        shell: One of `SHELLS`.
        parser: The declaration.
        scenarios: What ``--demo`` can name.
    """
    flags = [_flag(action, scenarios) for action in parser._actions if action.option_strings]
    return "\n".join(SHELLS[shell](flags, parser.prog)) + "\n"


def _flag(action: argparse.Action, scenarios: Sequence[str]) -> _Flag:
    value = str(action.metavar or "")
    # "ended|STATUS": small letters are words as they stand, capitals stand for something else.
    words = tuple(word for word in value.split("|") if _WORD.fullmatch(word))
    words = tuple(scenarios) if value == "SCENARIO" else words
    takes = _Takes.A_WORD if words else _Takes.A_FILE if value in _FILES else _Takes.ANYTHING
    return _Flag(
        tuple(action.option_strings),
        action.help or "",
        _Takes.NOTHING if action.nargs == 0 else takes,
        value,
        words,
        action.nargs == "?",
    )


def _bash(flags: Sequence[_Flag], program: str) -> Iterator[str]:
    function = f"_{program.replace('-', '_')}"
    every = " ".join(name for flag in flags for name in flag.names)
    yield f"# bash completion for {program}"
    yield f"{function}() {{"
    yield "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}"
    yield "    # --option=value comes in three words."
    yield "    if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi"
    yield "    COMPREPLY=()"
    yield "    case $before in"
    for flag in flags:
        if flag.takes is _Takes.A_WORD:
            unless = "[[ $word == -* ]] || " if flag.optional else ""
            reply = f'COMPREPLY=($(compgen -W "{" ".join(flag.words)}" -- "$word"))'
            yield f"        {'|'.join(flag.names)}) {unless}{{ {reply}; return; }} ;;"
    files = [name for flag in flags if flag.takes is _Takes.A_FILE for name in flag.names]
    yield f"        {'|'.join(files)})"
    yield "            compopt -o filenames 2>/dev/null"
    yield "            local IFS=$'\\n'"
    yield '            COMPREPLY=($(compgen -f -- "$word"))'
    yield "            return ;;"
    free = [name for flag in flags if flag.takes is _Takes.ANYTHING for name in flag.names]
    yield f"        {'|'.join(free)}) return ;;"
    yield "    esac"
    yield f'    [[ $word == -* ]] && COMPREPLY=($(compgen -W "{every}" -- "$word"))'
    yield "    return 0"
    yield "}"
    yield f"complete -F {function} {program}"


def _zsh(flags: Sequence[_Flag], program: str) -> Iterator[str]:
    function = f"_{program}"
    yield f"#compdef {program}"
    yield f"{function}() {{"
    yield "    _arguments -s \\"
    for flag in flags:
        others = f"({' '.join(flag.names)})" if len(flag.names) > 1 else ""
        about = re.sub(r"([\[\]:\\])", r"\\\1", flag.help)
        colon = "::" if flag.optional else ":"
        value = {
            _Takes.NOTHING: "",
            _Takes.A_WORD: f"{colon}{flag.value.split('|')[-1].lower()}:({' '.join(flag.words)})",
            _Takes.A_FILE: f"{colon}{flag.value.lower()}:_files",
            _Takes.ANYTHING: f"{colon}{flag.value.lower()}: ",
        }[flag.takes]
        for name in flag.names:
            joined = "" if flag.takes is _Takes.NOTHING else "="
            yield f"        {_quoted(f'{others}{name}{joined}[{about}]{value}')} \\"
    # No words, rather than a message: with one, nothing else is completed in its place either.
    yield "        '*:order id:()'"
    yield "}"
    yield "# Sourced, it is registered; found in $fpath, it is called."
    yield f'if [[ ${{funcstack[1]}} == {function} ]]; then {function} "$@"; else compdef {function} {program}; fi'


def _fish(flags: Sequence[_Flag], program: str) -> Iterator[str]:
    yield f"# fish completion for {program}"
    yield f"complete -c {program} -f"
    for flag in flags:
        names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names)
        value = {
            _Takes.NOTHING: "",
            _Takes.A_WORD: f" -x -a {_quoted(' '.join(flag.words))}",
            _Takes.A_FILE: " -r -F",
            _Takes.ANYTHING: " -x",
        }[flag.takes]
        about = flag.help.replace("\\", "\\\\").replace("'", "\\'")
        yield f"complete -c {program} {names}{value} -d '{about}'"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS: dict[str, Callable[[Sequence[_Flag], str], Iterator[str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
"""The shells that can be completed in."""
