"""A proxy without faults, and with one side missing."""

from __future__ import annotations

import asyncio
import socket

import pytest

from mock_server.faults.spec import FaultError
from mock_server.net.listener import PortTaken
from mock_server.net.sockets import reset_connection
from mock_server.proxy.proxy import run_proxy
from tests.support.fault_proxy import connect_to_proxy, echo, effects_of, run_fault_proxy
from tests.support.mock_servers import TIMEOUT, eventually
from tests.support.task_factories import LAZY_AND_EAGER, set_task_factory
from tests.support.tcp_servers import resolve_to_two, tcp_server
from tests.support.third_party_servers import refusing_port

LARGE = 32 << 20
"""More bytes than all buffers between the two ends can contain."""


async def test_bytes_are_forwarded_unchanged_in_both_directions_and_counted() -> None:
    sent = bytes(range(256)) * 4000
    async with run_fault_proxy() as proxy:
        async with connect_to_proxy(proxy) as caller:
            saying = asyncio.create_task(caller.send(sent))
            assert await caller.receive(len(sent)) == sent
            await saying
            stats = proxy.stats()
            assert (stats["connections"], stats["bytesUp"], stats["bytesDown"]) == (1, len(sent), len(sent))
        await eventually(lambda: proxy.connections == 0)
        assert proxy.stats() == stats | {"connections": 0}
        assert stats["connectionsTotal"] == 1


async def test_a_server_may_send_first() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await reader.read()

    async with run_fault_proxy(greet) as proxy, connect_to_proxy(proxy) as caller:
        assert await caller.receive(11) == b"220 hello\r\n"


async def test_the_end_of_one_side_leaves_the_other_open() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        whole = await reader.read()
        writer.write(b"%d bytes" % len(whole))

    async with run_fault_proxy(answer) as proxy, connect_to_proxy(proxy) as caller:
        await caller.send(b"x" * 1000)
        caller.writer.write_eof()
        assert await caller.read_to_end() == (b"1000 bytes", "fin")
        await eventually(lambda: proxy.connections == 0)


@LAZY_AND_EAGER
@pytest.mark.parametrize("dead", ["refused", "silent"])
async def test_a_server_with_a_dead_address_first_is_reached_by_the_other(
    eager: bool, dead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_task_factory(eager=eager)
    async with tcp_server(echo) as server:
        upstream = server.base.replace("127.0.0.1", "orders.example")
        async with run_proxy(upstream, controlled=False) as proxy:
            names = resolve_to_two(monkeypatch, dead)
            async with connect_to_proxy(proxy) as caller:
                assert await caller.round_trip(b"hello") == b"hello"
    assert names == ["orders.example"]


async def test_a_reset_is_forwarded_to_the_client() -> None:
    async def slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        reset_connection(writer.transport)

    async with run_fault_proxy(slam) as proxy, connect_to_proxy(proxy) as caller:
        await caller.send(b"x")
        assert await caller.read_to_end() == (b"", "rst")


async def test_a_reset_is_forwarded_to_the_server() -> None:
    seen = asyncio.get_running_loop().create_future()

    async def watch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(1):
                writer.write(b"!")
        except ConnectionResetError as error:
            seen.set_result(error)
            raise

    async with run_fault_proxy(watch) as proxy, connect_to_proxy(proxy) as caller:
        await caller.send(b"x")
        await caller.receive(1)
        reset_connection(caller.writer.transport)
        async with asyncio.timeout(TIMEOUT):
            await seen


@pytest.mark.parametrize("faults", [[], ["latency:seconds=0.01"], ["latency:seconds=1000"]])
async def test_a_client_that_does_not_read_makes_the_server_wait(faults: list[str]) -> None:
    written = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        for _ in range(LARGE >> 16):
            writer.write(b"x" * (1 << 16))
            await writer.drain()
            written += 1 << 16

    async with run_fault_proxy(pour, faults=faults) as proxy, connect_to_proxy(proxy) as caller:
        caller.writer.transport.pause_reading()  # type: ignore[attr-defined]
        before = -1
        while written != before:
            before = written
            await asyncio.sleep(0.3)  # long enough to see that nothing is forwarded
        assert written < LARGE // 2
        assert proxy.stats()["bytesDown"] < LARGE // 2


@pytest.mark.parametrize("faults", [[], ["latency:seconds=1000"]])
async def test_a_server_that_does_not_read_makes_the_client_wait(faults: list[str]) -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.Event().wait()

    async with run_fault_proxy(deaf, faults=faults) as proxy, connect_to_proxy(proxy) as caller:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await caller.send(b"x" * LARGE)
        assert proxy.stats()["bytesUp"] < LARGE // 2
        caller.writer.transport.abort()


async def test_without_a_server_a_client_is_reset_and_that_is_recorded() -> None:
    with refusing_port() as port:
        async with run_proxy(f"http://127.0.0.1:{port}", controlled=False) as proxy, connect_to_proxy(proxy) as caller:
            assert await caller.read_to_end() == (b"", "rst")
            assert effects_of(proxy, "upstream") == ["unreachable"]
            assert f"127.0.0.1:{port}: Connect call failed" in proxy.log.records()[-1].detail


async def test_closing_it_ends_every_connection_in_any_state() -> None:
    before = asyncio.all_tasks()
    faults = ["half-open:match=/h", "timeout:match=/t", "latency:seconds=1000,match=/l", "reset-peer:seconds=1000"]
    async with tcp_server(echo) as server:
        running = asyncio.all_tasks()
        async with run_proxy(server.base, controlled=False, faults=faults) as proxy:
            callers = [await asyncio.open_connection("127.0.0.1", proxy.port) for _ in range(4)]
            for (_, writer), path in zip(callers, (b"h", b"t", b"l", b"x"), strict=True):
                writer.write(b"GET /%b HTTP/1.1\r\n\r\n" % path)
            await eventually(lambda: proxy.connections == 4)
            await eventually(lambda: len(proxy.log.records()) == len(faults) + 3)
            proxy.inject("down:keep=true")
        assert proxy.connections == 0
        for reader, writer in callers:
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()
        await eventually(lambda: asyncio.all_tasks() <= running)
    await eventually(lambda: asyncio.all_tasks() == before)


@pytest.mark.parametrize(
    "upstream",
    [
        "", "127.0.0.1:80", "ftp://x", "tcp://x", "http://", "http://x:99999", "http://x:port", "http://x/path",
        "http://user:secret@x", "http://x?q", "http://a b", "http://\x1b[2J",
    ],
)  # fmt: skip
async def test_an_invalid_upstream_is_reported_in_one_line(upstream: str) -> None:
    with pytest.raises(ValueError, match="is not http") as mistake:
        async with run_proxy(upstream):
            pass
    assert str(mistake.value).isprintable()


async def test_a_failed_start_says_why() -> None:
    with pytest.raises(FaultError, match="drop is a fault of the server"):
        async with run_proxy("http://127.0.0.1:1", faults=["drop"]):
            pass
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortTaken, match="--listen"):
        async with run_proxy("http://127.0.0.1:1", port=taken.getsockname()[1]):
            pass
