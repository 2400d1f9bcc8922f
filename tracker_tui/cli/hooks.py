"""``--on EDGE COMMAND``: its values, and the command's arguments and environment for one order."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker_tui.cli.options import UsageError
from tracker_tui.domain.edges import Edge
from tracker_tui.domain.lateness import late_by
from tracker_tui.domain.order_url import order_url
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.say import customer_sentence
from tracker_tui.wording.times import Instant

HOOK_EDGES = (Edge.LATE, Edge.STUCK, Edge.ACTION, Edge.ENDED)
"""The edges that ``--on`` takes."""

FIELDS = ("order", "sentence", "status", "late_minutes", "url")
"""The fields that a command may name in braces; each is a variable of its environment, too."""

HOOK_VARIABLES = frozenset({"TRACKER_EDGE", *(f"TRACKER_{field.upper()}" for field in FIELDS)})
"""Environment variables of a command."""

_SECRETS = ("TRACKER_TOKEN",)
"""Environment variables that a command does not inherit."""

_PLACEHOLDER = re.compile("{(" + "|".join(FIELDS) + ")}")


@dataclass(frozen=True, slots=True)
class Hook:
    """A command for an edge.

    Attributes:
        edge: The edge.
        arguments: The command, split by the rules of a shell.
    """

    edge: Edge
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HookCall:
    """A command to run.

    Attributes:
        hook: The hook.
        order_id: The order.
        arguments: The program and its arguments.
        variables: The variables to add to its environment.
    """

    hook: Hook
    order_id: str
    arguments: tuple[str, ...]
    variables: Mapping[str, str]


def parse_hooks(given: Iterable[Sequence[str]]) -> tuple[Hook, ...]:
    """Return the hooks of the values of ``--on``, each an edge and a command.

    Raises:
        UsageError: An edge is unknown, or a command cannot be split.
    """
    return tuple(_parse_hook(edge, command) for edge, command in given)


def call_for(hook: Hook, view: OrderView, now: datetime) -> HookCall:
    """Return the command to run for an order.

    Each field is replaced inside one argument, and the result is never split or replaced again.

    Args:
        hook: The hook.
        view: The order.
        now: The wall time.
    """
    fields = _fields(view, now)
    # The first argument is the program that the user named; a field in it would let the server choose one.
    program, *rest = hook.arguments
    arguments = (_PLACEHOLDER.sub(lambda match: fields[match[1]], each) for each in rest)
    variables = {f"TRACKER_{name.upper()}": value for name, value in fields.items()}
    return HookCall(hook, view.order_id, (program, *arguments), {**variables, "TRACKER_EDGE": hook.edge.value})


def hook_environment(environ: Mapping[str, str], call: HookCall) -> dict[str, str]:
    """Return the environment of a command: the program's own without secrets, and the fields."""
    return {**{name: value for name, value in environ.items() if name not in _SECRETS}, **call.variables}


def _parse_hook(edge: str, command: str) -> Hook:
    if edge not in HOOK_EDGES:
        known = ", ".join(HOOK_EDGES)
        raise UsageError(f'--on: "{sanitize(edge)}" is not one of {known}; write --on late \'notify-send "{{order}}"\'')
    try:
        arguments = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"--on {edge}: the command's quotes do not match ({error})") from error
    if not arguments or "\0" in command:
        raise UsageError(f"--on {edge}: the command is missing")
    if _PLACEHOLDER.search(arguments[0]):
        raise UsageError(f"--on {edge}: the program must be a fixed name; use {{…}} in its arguments only")
    return Hook(Edge(edge), arguments)


def _fields(view: OrderView, now: datetime) -> dict[str, str]:
    excess = late_by(view, now)
    values = {
        "order": view.order_id,
        "sentence": customer_sentence(view, Instant(0.0, now)),
        "status": view.current.status if view.current else "",
        "late_minutes": str(int(excess.total_seconds() // 60) if excess is not None else 0),
        "url": order_url(view) or "",
    }
    return {name: _as_argument(value) for name, value in values.items()}


def _as_argument(value: str) -> str:
    """Return a value that no program takes for an option and no terminal obeys."""
    safe = sanitize(value)
    return f" {safe}" if safe.startswith("-") else safe
