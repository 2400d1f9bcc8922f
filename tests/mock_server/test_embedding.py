"""An embedded server: its interface, and that it leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from pathlib import Path

import pytest

from mock_server.faults.fault_log import FaultRecord
from mock_server.faults.spec import FaultError
from mock_server.net.listener import PortTaken
from mock_server.server import embed
from mock_server.simulation.scenarios.scenario import ScenarioError, scenario_names
from tests.support.mock_servers import (
    add_events,
    connect_peer,
    connect_without_hello,
    create_orders,
    empty_server,
    eventually,
)


async def test_nothing_is_left_behind() -> None:
    before = asyncio.all_tasks()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with empty_server() as server:
            await create_orders(server)
            async with connect_without_hello(server) as silent, connect_without_hello(server) as watching:
                await silent.next("hello")
                await watching.next("hello")
                await watching.watch()
                for spec in ("delay:probability=1,seconds=3600", "freeze:seconds=3600", "reorder", "slow-hello"):
                    server.inject(spec)
                await add_events(server, times=3)
                await server.close()
        gc.collect()
    assert [str(warning.message) for warning in caught] == []
    await eventually(lambda: asyncio.all_tasks() == before)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", server.port)


async def test_it_can_close_during_an_outage() -> None:
    async with empty_server() as server:
        server.inject("outage:seconds=3600")
        await eventually(lambda: server.log.records()[-1].effect == "down")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", server.port)


async def test_fault_records_can_be_subscribed_to() -> None:
    async with empty_server() as server:
        await create_orders(server)
        records: list[FaultRecord] = []
        stop = server.log.subscribe(records.append)
        record = server.inject("evil-text")
        await eventually(lambda: len(records) == 2)
        assert records[0] == record
        assert (records[1].fault, records[1].effect, records[1].order_id) == ("evil-text", "noted", "A1")
        stop()
        server.heal()
        assert len(records) == 2


async def test_open_connections_are_counted() -> None:
    async with empty_server() as server:
        assert server.connections == 0
        async with connect_peer(server):
            assert server.connections == 1
        await eventually(lambda: server.connections == 0)


async def test_faults_can_be_injected_at_the_start() -> None:
    async with empty_server(faults=["accept-then-close:code=4012"]) as server, connect_without_hello(server) as client:
        assert (await client.closed())[0] == 4012


async def test_a_bundled_scenario_runs() -> None:
    async with embed("quick", seed=1, speed=50) as server, connect_peer(server) as client:
        assert server.orders == ["A1"]
        snapshot = await client.watch()
        while snapshot["state"]["outcome"] is None:
            snapshot = await client.next("event", "snapshot")
        assert snapshot["state"]["outcome"] == "delivered"


async def test_a_timeline_with_an_unknown_fault_fails_at_the_start(tmp_path: Path) -> None:
    scenario = tmp_path / "odd.toml"
    scenario.write_text('[[orders]]\nid = "A1"\nflow = "food"\n\n[[timeline]]\nat = 5\nfault = "explode"\n')
    with pytest.raises((FaultError, ScenarioError), match="explode"):
        async with embed(str(scenario)):
            pass


@pytest.mark.parametrize("name", scenario_names())
async def test_every_bundled_scenario_can_be_served(name: str) -> None:
    async with embed(name, seed=1, speed=1000) as server, connect_peer(server) as client:
        snapshot = await client.watch(server.orders[0])
        assert snapshot["orderId"] == server.orders[0]


async def test_a_failed_start_says_why_and_leaves_nothing() -> None:
    before = asyncio.all_tasks()
    with pytest.raises(ScenarioError):
        async with embed("no-such-scenario"):
            pass
    with pytest.raises(FaultError):
        async with empty_server(faults=["explode"]):
            pass
    with pytest.raises(FaultError):
        async with empty_server(faults=["evil-text:order=NOBODY"]):
            pass
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port}"):
            async with empty_server(port=port):
                pass
    await eventually(lambda: asyncio.all_tasks() == before)
