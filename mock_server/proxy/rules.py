"""Files of faults for the proxy: `{match, action, times}`, as TOML or JSON."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from mock_server.faults.spec import FaultError, parse_fault
from mock_server.faults.tcp import TCP_FAULTS
from mock_server.validation import describe_error, integer_field, tables_field
from tracker_tui.domain.sanitize import sanitize


class RulesError(Exception):
    """A file of rules cannot be used; the text is one line for people."""


def _check_match(text: str) -> str:
    if "," in text:
        raise ValueError("must be without a comma")
    return text


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")

    match: Annotated[str, AfterValidator(_check_match)] | None = None
    action: Annotated[str, Field(min_length=1, max_length=1000, description="a fault, NAME[:key=value,…]")]
    times: Annotated[int | None, integer_field(1, 10**9)] = None


class _RulesFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rules: Annotated[list[_Rule], tables_field("rules")] = []


_TABLES = {"": _RulesFile.model_fields, "rules": _Rule.model_fields}


def load_rules(path: str) -> list[str]:
    """Read a file of rules; return the faults to inject, in the order of the file.

    Args:
        path: A `.json` file with a list of rules, or a TOML file of `[[rules]]`.

    Raises:
        RulesError: The file cannot be read, or is not valid.
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
        rules = _RulesFile.model_validate({"rules": found} if isinstance(found, list) else found).rules
    except ValidationError as error:
        raise RulesError(sanitize(describe_error(error, shown, _TABLES, first_index=0))) from error
    return [_fault(f"{shown}: rules[{number}]", rule) for number, rule in enumerate(rules)]


def _fault(place: str, rule: _Rule) -> str:
    """Return a rule as a fault, once the catalogue has accepted it."""
    extra = [f"match={rule.match}" if rule.match else "", f"count={rule.times}" if rule.times else ""]
    name, _, parameters = rule.action.partition(":")
    spec = f"{name}:{','.join(filter(None, [parameters, *extra]))}".rstrip(":")
    try:
        parse_fault(spec, TCP_FAULTS)
    except FaultError as error:
        raise RulesError(f"{place}: {sanitize(str(error))}") from error
    return spec
