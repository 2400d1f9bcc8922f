"""The embedded mock server of ``--demo``, for the screens; the only module that imports the mock server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from mock_server.faults.fault_log import FaultRecord
from mock_server.faults.spec import CatalogueEntry, FaultError
from mock_server.server import MockServer, embed
from mock_server.simulation.scenarios.scenario import ScenarioError, scenario_names
from tracker_tui.cli.options import UsageError
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.model.ports import FaultEntry

DEFAULT_SCENARIO = "demo"
"""The bundled scenario whose first changes come within seconds."""

SCENARIOS = tuple(scenario_names())
"""Names of the bundled scenarios."""


class DemoServer:
    """A running mock server with its faults."""

    def __init__(self, server: MockServer) -> None:
        self._server = server

    @property
    def url(self) -> str:
        """Base URL."""
        return self._server.url

    @property
    def orders(self) -> tuple[str, ...]:
        """Ids of its orders, sorted."""
        return tuple(self._server.orders)

    @property
    def catalogue(self) -> Sequence[FaultEntry]:
        """All faults."""
        return [
            FaultEntry(entry.name, entry.level, entry.summary, entry.advice, _default_probability(entry))
            for entry in self._server.catalogue
        ]

    @property
    def armed(self) -> Sequence[str]:
        """The active steady faults, as `inject` takes them."""
        return self._server.armed

    @property
    def sent(self) -> int:
        """Number of events sent so far, before faults."""
        return self._server.events_sent

    def inject(self, spec: str) -> None:
        """Inject a fault, written ``NAME[:key=value,…]``.

        Raises:
            ValueError: The fault, a parameter or a value is unknown; the message is one line.
        """
        try:
            self._server.inject(spec)
        except FaultError as error:
            raise ValueError(str(error)) from error

    def disarm(self, name: str) -> None:
        """Remove the steady faults with this name."""
        self._server.disarm(name)

    def heal(self) -> None:
        """Remove all faults."""
        self._server.heal()

    def on_record(self, callback: Callable[[datetime, str], None]) -> None:
        """Call a function with the wall-clock time and text of each later entry of the fault ledger."""
        self._server.log.subscribe(lambda record: callback(record.at, describe_record(record)))


@asynccontextmanager
async def demo(scenario: str) -> AsyncIterator[DemoServer]:
    """Run a server on a free port until the context exits.

    Args:
        scenario: Name of a bundled scenario or path of a scenario file; "" for the default one.

    Raises:
        UsageError: The scenario doesn't exist or is not valid.
    """
    async with AsyncExitStack() as stack:
        try:
            # Without a control port: the faults of the demo come from its keys only.
            server = await stack.enter_async_context(embed(scenario or DEFAULT_SCENARIO, controlled=False))
        except (ScenarioError, FaultError) as error:
            raise UsageError(f"--demo: {sanitize(str(error))}") from error
        yield DemoServer(server)


def _default_probability(entry: CatalogueEntry) -> float | None:
    return next((float(each.default) for each in entry.parameters if each.name == "probability"), None)


def describe_record(record: FaultRecord) -> str:
    """Return an entry of the fault ledger in words."""
    match record.effect:
        case "injected":
            return f"injected {record.detail or record.fault}"
        case "disarmed":
            return f"removed {record.fault}"
        case "healed":
            return f"removed all faults ({record.detail})" if record.detail else "removed all faults"
    about = f" {record.order_id}" if record.order_id else ""
    detail = f" ({record.detail})" if record.detail else ""
    return f"{record.fault}: {record.effect}{about}{detail}"
