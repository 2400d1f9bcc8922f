"""Faults written in a file: `{match, action, times}`, as TOML or JSON."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from mock_server.faults.spec import FaultError, parse_fault
from mock_server.faults.tcp import TCP_FAULTS
from mock_server.simulation.scenarios.table import ScenarioError, Table
from tracker_tui.domain.sanitize import sanitize

_KEYS = ("match", "action", "times")


class RulesError(Exception):
    """A file of rules cannot be used; one line for people."""


def load_rules(path: str) -> list[str]:
    """Read a file of rules, as faults to inject in its order.

    Args:
        path: A `.json` file that holds a list of rules, or a TOML file of `[[rules]]`.

    Raises:
        RulesError: The file can't be read, or has a mistake.
    """
    shown = sanitize(path)
    try:
        content = Path(path).read_bytes().decode()
        found = json.loads(content) if path.endswith(".json") else tomllib.loads(content)
    except OSError as error:
        raise RulesError(f"cannot read the rules {shown!r}: {error.strerror}; check the path") from error
    except (ValueError, RecursionError) as error:
        raise RulesError(f"{shown}: {sanitize(str(error))}; rules are TOML, or JSON in a file named *.json") from error
    try:
        rules = Table(shown, {"rules": found} if isinstance(found, list) else found, ["rules"]).tables("rules")
        return [_spec(f"{shown}: rules[{number}]", rule) for number, rule in enumerate(rules)]
    except ScenarioError as mistake:
        raise RulesError(sanitize(str(mistake))) from mistake


def _spec(place: str, rule: object) -> str:
    table = Table(place, rule, _KEYS)
    spec = table.text("action")
    if spec is None:
        raise table.mistake("action", "a fault, NAME[:key=value,…]")
    # The catalogue judges them under their own names.
    match, times = table.text("match"), table.whole("times", 1, 10**9)
    if match and "," in match:
        raise table.mistake("match", "without a comma")
    more = [f"match={match}" if match else "", f"count={times}" if times else ""]
    name, _, parameters = spec.partition(":")
    spec = f"{name}:{','.join(filter(None, [parameters, *more]))}".rstrip(":")
    try:
        parse_fault(spec, TCP_FAULTS)
    except FaultError as error:
        raise RulesError(f"{place}: {sanitize(str(error))}") from error
    return spec
