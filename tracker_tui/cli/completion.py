"""Completion scripts for shells, written from the options of the parser."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from tracker_tui.ui.model.board_view import ColumnName

_FILES = ("FILE", "PATH")
_LIST = "NAME"
_COLUMNS = "NAMES"
_LIST_NAMES = (
    "tracker-tui --print-config 2>/dev/null"
    r""" | sed -n '/^\[lists\]$/,/^\[/s/^"\{0,1\}\([A-Za-z0-9._-]*\)"\{0,1\} = .*/\1/p'"""
)
"""Shell command that prints the names of the lists in the config file, as `print_config` writes them."""

_WORD = re.compile(r"[a-z0-9-]+", re.ASCII)


class _Argument(Enum):
    """Kind of an option's argument."""

    NONE = auto()
    CHOICE = auto()
    """One of few words; other values may be valid too."""
    FILE = auto()
    LIST = auto()
    """The name of a list in the config file, which the script looks up."""
    COLUMNS = auto()
    """Some of few words, with commas between them."""
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class _Flag:
    names: tuple[str, ...]
    help: str
    argument: _Argument
    value: str
    words: tuple[str, ...]
    optional: bool

    @property
    def long(self) -> str:
        return self.names[-1]


def completion_script(shell: str, parser: argparse.ArgumentParser, scenarios: Sequence[str]) -> str:
    """Return a script for a shell to source.

    Args:
        shell: One of `SHELLS`.
        parser: The parser with the options.
        scenarios: The scenarios of ``--demo``.
    """
    flags = [_flag(action, scenarios) for action in parser._actions if action.option_strings]
    return "\n".join(SHELLS[shell](flags, parser.prog)) + "\n"


def _flag(action: argparse.Action, scenarios: Sequence[str]) -> _Flag:
    value = str(action.metavar or "")
    # In "ended|STATUS", lower case is a literal word, upper case a placeholder.
    words = tuple(word for word in value.split("|") if _WORD.fullmatch(word))
    words = {"SCENARIO": tuple(scenarios), _COLUMNS: tuple(ColumnName)}.get(value, words)
    argument = _Argument.CHOICE if words else _Argument.FILE if value in _FILES else _Argument.TEXT
    argument = {_LIST: _Argument.LIST, _COLUMNS: _Argument.COLUMNS}.get(value, argument)
    return _Flag(
        tuple(action.option_strings),
        action.help or "",
        _Argument.NONE if action.nargs == 0 else argument,
        value,
        words,
        action.nargs == "?",
    )


def _bash(flags: Sequence[_Flag], program: str) -> Iterator[str]:
    function = f"_{program.replace('-', '_')}"
    all_names = " ".join(name for flag in flags for name in flag.names)
    yield f"# bash completion for {program}"
    yield f"{function}() {{"
    yield "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}"
    yield "    # --option=value comes as three words."
    yield "    if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi"
    yield "    COMPREPLY=()"
    yield "    case $before in"
    for flag in flags:
        if flag.argument is _Argument.CHOICE:
            unless = "[[ $word == -* ]] || " if flag.optional else ""
            reply = f'COMPREPLY=($(compgen -W "{" ".join(flag.words)}" -- "$word"))'
            yield f"        {'|'.join(flag.names)}) {unless}{{ {reply}; return; }} ;;"
        if flag.argument is _Argument.COLUMNS:
            yield f"        {'|'.join(flag.names)})"
            yield "            compopt -o nospace 2>/dev/null"
            yield "            local chosen=; [[ $word == *,* ]] && chosen=${word%,*},"
            yield f'            COMPREPLY=($(compgen -P "$chosen" -W "{" ".join(flag.words)}" -- "${{word##*,}}"))'
            yield "            return ;;"
    lists = [name for flag in flags if flag.argument is _Argument.LIST for name in flag.names]
    yield f"        {'|'.join(lists)})"
    yield f'            COMPREPLY=($(compgen -W "$({_LIST_NAMES})" -- "$word"))'
    yield "            return ;;"
    files = [name for flag in flags if flag.argument is _Argument.FILE for name in flag.names]
    yield f"        {'|'.join(files)})"
    yield "            compopt -o filenames 2>/dev/null"
    yield "            local IFS=$'\\n'"
    yield '            COMPREPLY=($(compgen -f -- "$word"))'
    yield "            return ;;"
    free = [name for flag in flags if flag.argument is _Argument.TEXT for name in flag.names]
    yield f"        {'|'.join(free)}) return ;;"
    yield "    esac"
    yield f'    [[ $word == -* ]] && COMPREPLY=($(compgen -W "{all_names}" -- "$word"))'
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
            _Argument.NONE: "",
            _Argument.CHOICE: f"{colon}{flag.value.split('|')[-1].lower()}:({' '.join(flag.words)})",
            _Argument.FILE: f"{colon}{flag.value.lower()}:_files",
            _Argument.COLUMNS: f"{colon}{flag.value.lower()}:_values -s , column {' '.join(flag.words)}",
            _Argument.LIST: f"{colon}{flag.value.lower()}:{{compadd -- $({_LIST_NAMES})}}",
            _Argument.TEXT: f"{colon}{flag.value.lower()}: ",
        }[flag.argument]
        for name in flag.names:
            suffix = "" if flag.argument is _Argument.NONE else "="
            yield f"        {_quoted(f'{others}{name}{suffix}[{about}]{value}')} \\"
    # An empty list instead of a message: with a message, zsh would offer no options here either.
    yield "        '*:order id:()'"
    yield "}"
    yield "# Registered when sourced; called when found in $fpath."
    yield f'if [[ ${{funcstack[1]}} == {function} ]]; then {function} "$@"; else compdef {function} {program}; fi'


def _fish(flags: Sequence[_Flag], program: str) -> Iterator[str]:
    yield f"# fish completion for {program}"
    yield f"complete -c {program} -f"
    for flag in flags:
        names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names)
        value = {
            _Argument.NONE: "",
            _Argument.CHOICE: f" -x -a {_quoted(' '.join(flag.words))}",
            _Argument.FILE: " -r -F",
            _Argument.COLUMNS: f" -x -a {_quoted(_fish_list(flag.words))}",
            _Argument.LIST: f" -x -a {_quoted(f'({_LIST_NAMES})')}",
            _Argument.TEXT: " -x",
        }[flag.argument]
        about = flag.help.replace("\\", "\\\\").replace("'", "\\'")
        yield f"complete -c {program} {names}{value} -d '{about}'"


def _fish_list(words: Sequence[str]) -> str:
    return f'(__fish_complete_list , "printf \\"%s\\n\\" {" ".join(words)}")'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS: dict[str, Callable[[Sequence[_Flag], str], Iterator[str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
"""Functions that write the script, by shell."""
