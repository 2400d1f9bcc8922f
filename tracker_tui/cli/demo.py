"""The embedded mock server of --demo, in the shape in which the screens use it; the one place that knows it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from mock_server.faults.ledger import Record
from mock_server.faults.spec import Entry, FaultError
from mock_server.server import MockServer, embed
from mock_server.simulation.scenarios.scenario import ScenarioError, scenario_names
from tracker_tui.cli.options import UsageError
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.model.ports import FaultEntry

DEFAULT_SCENARIO = "demo"
"""The bundled scenario in which something happens within seconds."""

SCENARIOS = tuple(scenario_names())
"""What ``--demo`` can name beside a file."""


class DemoServer:
    """A running mock server, with a hand on its faults."""

    def __init__(self, server: MockServer) -> None:
        self._server = server

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._server.url

    @property
    def orders(self) -> tuple[str, ...]:
        """The ids of its orders, sorted."""
        return tuple(self._server.orders)

    @property
    def catalogue(self) -> Sequence[FaultEntry]:
        """Every fault that there is."""
        return [
            FaultEntry(entry.name, entry.level, entry.summary, entry.advice, _rate(entry))
            for entry in self._server.catalogue
        ]

    @property
    def armed(self) -> Sequence[str]:
        """The steady faults that are at work, as they would be injected."""
        return self._server.armed

    @property
    def sent(self) -> int:
        """Events sent so far, before any fault struck them."""
        return self._server.events_sent

    def inject(self, spec: str) -> None:
        """Inject a fault, written ``NAME[:key=value,…]``.

        Raises:
            ValueError: There is no such fault, parameter or value; one line says which.
        """
        try:
            self._server.inject(spec)
        except FaultError as error:
            raise ValueError(str(error)) from error

    def disarm(self, name: str) -> None:
        """Take the steady faults of this name back."""
        self._server.disarm(name)

    def heal(self) -> None:
        """Take every fault back."""
        self._server.heal()

    def on_record(self, tell: Callable[[datetime, str], None]) -> None:
        """Have every later line of the record of faults told, with its wall time."""
        self._server.log.subscribe(lambda record: tell(record.at, describe_record(record)))


@asynccontextmanager
async def demo(scenario: str) -> AsyncIterator[DemoServer]:
    """Run a server on a free port for as long as the context lasts.

    Args:
        scenario: A bundled scenario's name or the path of one; "" for the default one.

    Raises:
        UsageError: There is no such scenario, or it makes no sense.
    """
    async with AsyncExitStack() as stack:
        try:
            # Nobody else is to reach into this process: its faults come from the keys.
            server = await stack.enter_async_context(embed(scenario or DEFAULT_SCENARIO, controlled=False))
        except (ScenarioError, FaultError) as error:
            raise UsageError(f"--demo: {sanitize(str(error))}") from error
        yield DemoServer(server)


def _rate(entry: Entry) -> float | None:
    return next((float(each.default) for each in entry.parameters if each.name == "probability"), None)


def describe_record(record: Record) -> str:
    """A line of the record of faults, as people read it."""
    if record.effect == "injected":
        return f"injected {record.detail or record.fault}"
    about = f" {record.order_id}" if record.order_id else ""
    detail = f" ({record.detail})" if record.detail else ""
    return f"{record.fault}: {record.effect}{about}{detail}"
