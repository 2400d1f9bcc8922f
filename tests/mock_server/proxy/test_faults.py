"""The faults of the proxy over real sockets."""

from __future__ import annotations

import asyncio
import socket

import pytest

from mock_server.proxy.proxy import Proxy
from tests.support.fault_proxy import ProxyClient, connect_to_proxy, effects_of, run_fault_proxy
from tests.support.mock_servers import TIMEOUT, eventually

GET = b"GET /v1/orders/A1?x=1 HTTP/1.1\r\nHost: x\r\n\r\n"
UPGRADE = b"GET /v1/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
EVENTS = b"GET /v1/stream?order=A1 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize(("direction", "ways"), [("up", 1), ("down", 1), ("both", 2)])
async def test_latency_delays_the_chosen_directions(direction: str, ways: int) -> None:
    async with (
        run_fault_proxy(faults=[f"latency:seconds=0.5,direction={direction}"]) as proxy,
        connect_to_proxy(proxy) as caller,
    ):
        start = now()
        assert await caller.round_trip(b"x" * 1000) == b"x" * 1000
        assert 0.5 * ways <= now() - start < 0.5 * (ways + 1)
        assert effects_of(proxy, "latency") == ["delayed"]


async def test_latency_delays_concurrent_data_once() -> None:
    async with run_fault_proxy(faults=["latency:seconds=0.3,direction=up"]) as proxy, connect_to_proxy(proxy) as caller:
        start = now()
        for _ in range(5):
            await caller.send(b"x" * 100)
            await asyncio.sleep(0.01)  # so that the proxy reads five times
        await caller.receive(500)
        assert 0.3 <= now() - start < 1.5


async def test_jitter_never_reorders_bytes() -> None:
    sent = bytes(range(256)) * 4
    async with run_fault_proxy(faults=["latency:seconds=0.02,jitter=0.02"]) as proxy, connect_to_proxy(proxy) as caller:
        for at in range(0, len(sent), 64):
            await caller.send(sent[at : at + 64])
            await asyncio.sleep(0.001)  # so that the proxy reads many times
        assert await caller.receive(len(sent)) == sent


async def test_bandwidth_limits_the_bytes_per_second() -> None:
    async with (
        run_fault_proxy(faults=["bandwidth:rate=20000,direction=down"]) as proxy,
        connect_to_proxy(proxy) as caller,
    ):
        start = now()
        await caller.round_trip(b"x" * 10000)
        assert 0.4 <= now() - start < 5.0


async def test_slicer_forwards_small_pieces() -> None:
    async with (
        run_fault_proxy(faults=["slicer:size=3,seconds=0.02,direction=down"]) as proxy,
        connect_to_proxy(proxy) as caller,
    ):
        await caller.send(b"0123456789")
        pieces: list[bytes] = []
        while len(b"".join(pieces)) < 10:
            pieces.append(await caller.reader.read(100))
        assert pieces == [b"012", b"345", b"678", b"9"]


@pytest.mark.parametrize("size", [0, 1, 1000, 65536, 100_000])
async def test_limit_data_closes_after_exactly_that_many_bytes(size: int) -> None:
    async with (
        run_fault_proxy(faults=[f"limit-data:size={size},direction=down"]) as proxy,
        connect_to_proxy(proxy) as caller,
    ):
        sending = asyncio.create_task(caller.send(b"x" * max(size, 1)))
        heard, _ = await caller.read_to_end()
        await asyncio.gather(sending, return_exceptions=True)
        assert len(heard) == size
        assert effects_of(proxy, "limit-data") == ["closed"]


@pytest.mark.parametrize("how", ["rst", "fin"])
@pytest.mark.parametrize("at", [0, 1, 7777])
async def test_cut_ends_the_response_at_exactly_that_byte(at: int, how: str) -> None:
    async with run_fault_proxy(faults=[f"cut:at={at},how={how}"]) as proxy, connect_to_proxy(proxy) as caller:
        await caller.send(b"x" * 10000)
        assert await caller.read_to_end() == (b"x" * at, how)
        assert effects_of(proxy, "cut") == ["cut"]
        async with connect_to_proxy(proxy) as again:
            assert await again.round_trip(b"x" * 10000)


async def test_a_slow_reader_gets_every_byte_before_the_cut() -> None:
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        async with run_fault_proxy(faults=["cut:at=60000"]) as proxy, asyncio.timeout(TIMEOUT):
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, ("127.0.0.1", proxy.port))
            await loop.sock_sendall(client, b"x" * 70_000)
            # All bytes are in the proxy's kernel buffer, most of them not yet in the client's.
            await eventually(lambda: proxy.stats()["bytesDown"] == 60_000)
            reader, writer = await asyncio.open_connection(sock=client)
            heard, ending = await ProxyClient(reader, writer).read_to_end()
            writer.close()
    assert (len(heard), ending) == (60_000, "rst")


async def test_cut_counts_from_its_injection_on_an_open_connection() -> None:
    async with run_fault_proxy() as proxy, connect_to_proxy(proxy) as caller:
        await caller.round_trip(b"x" * 500)
        proxy.inject("cut:at=10")
        await caller.send(b"y" * 500)
        assert await caller.read_to_end() == (b"y" * 10, "rst")


async def test_reset_peer_resets_after_a_while() -> None:
    async with run_fault_proxy(faults=["reset-peer:seconds=0.2"]) as proxy, connect_to_proxy(proxy) as caller:
        start = now()
        assert await caller.round_trip(b"x") == b"x"
        assert await caller.read_to_end() == (b"", "rst")
        assert now() - start >= 0.2
        assert effects_of(proxy, "reset-peer") == ["reset"]


async def test_reset_peer_resets_open_connections_at_once() -> None:
    async with run_fault_proxy() as proxy, connect_to_proxy(proxy) as caller:
        await caller.round_trip(b"x")
        proxy.inject("reset-peer:count=1")
        assert await caller.read_to_end() == (b"", "rst")
        assert proxy.armed == []


async def test_half_open_drops_the_servers_side_and_keeps_the_clients() -> None:
    gone = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                writer.write(data)
        finally:
            gone.set()

    async with run_fault_proxy(talk) as proxy, connect_to_proxy(proxy) as caller:
        await caller.round_trip(b"x")
        proxy.inject("half-open")
        async with asyncio.timeout(TIMEOUT):
            await gone.wait()
        await is_silent(proxy, caller.reader, caller.writer)


async def test_timeout_accepts_and_sends_nothing() -> None:
    async with run_fault_proxy(faults=["timeout"]) as proxy, connect_to_proxy(proxy) as caller:
        await eventually(lambda: proxy.connections == 1)
        await is_silent(proxy, caller.reader, caller.writer)
        assert effects_of(proxy, "timeout") == ["silent"]


async def is_silent(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Check that data is accepted without an answer, and that a healing resets the connection."""
    writer.write(b"x" * 2_000_000)
    async with asyncio.timeout(TIMEOUT):
        await writer.drain()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await reader.read(1)
    assert proxy.connections == 1
    proxy.heal()
    with pytest.raises(ConnectionResetError):
        await reader.read(1)
    async with connect_to_proxy(proxy) as again:
        assert await again.round_trip(b"y") == b"y"


async def test_timeout_can_close_after_a_while() -> None:
    async with run_fault_proxy(faults=["timeout:seconds=0.1"]) as proxy, connect_to_proxy(proxy) as caller:
        await caller.send(b"x")
        assert await caller.read_to_end() == (b"", "fin")


async def test_a_silent_connection_ends_when_the_client_leaves() -> None:
    async with run_fault_proxy() as proxy:
        async with connect_to_proxy(proxy) as caller:
            await caller.round_trip(b"x")
            proxy.inject("timeout")
        await eventually(lambda: proxy.connections == 0)


async def test_slow_close_delays_the_end() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")

    start = now()
    async with run_fault_proxy(answer, faults=["slow-close:seconds=0.3"]) as proxy, connect_to_proxy(proxy) as caller:
        assert await caller.read_to_end() == (b"bye", "fin")
        assert now() - start >= 0.3


async def test_refuse_resets_new_connections_only() -> None:
    async with run_fault_proxy() as proxy, connect_to_proxy(proxy) as open_one:
        await open_one.round_trip(b"x")
        proxy.inject("refuse:count=2")
        for _ in range(2):
            async with connect_to_proxy(proxy) as caller:
                assert await caller.read_to_end() == (b"", "rst")
        async with connect_to_proxy(proxy) as caller:
            assert await caller.round_trip(b"y") == b"y"
        assert await open_one.round_trip(b"z") == b"z"
        assert effects_of(proxy, "refuse") == ["refused", "refused"]


async def test_down_refuses_and_resets_connections_until_up() -> None:
    async with run_fault_proxy() as proxy, connect_to_proxy(proxy) as caller:
        await caller.round_trip(b"x")
        proxy.inject("down")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await caller.read_to_end() == (b"", "rst")
        assert not proxy.stats()["listening"]
        proxy.inject("up")
        await eventually(lambda: proxy.stats()["listening"])
        async with connect_to_proxy(proxy) as again:
            assert await again.round_trip(b"y") == b"y"
        assert effects_of(proxy, "down") == ["down", "up"]


@pytest.mark.parametrize("ends", ["time", "healing"])
async def test_down_ends_by_itself_or_with_a_healing_and_can_spare_open_connections(ends: str) -> None:
    async with run_fault_proxy() as proxy, connect_to_proxy(proxy) as caller:
        await caller.round_trip(b"x")
        proxy.inject("down:keep=true,for=0.1" if ends == "time" else "down:keep=true")
        assert await caller.round_trip(b"y") == b"y"
        if ends == "healing":
            proxy.heal()
        await eventually(lambda: proxy.stats()["listening"])


async def test_a_healing_releases_delayed_data_in_order() -> None:
    async with (
        run_fault_proxy(faults=["latency:seconds=3000,direction=up"]) as proxy,
        connect_to_proxy(proxy) as caller,
    ):
        await caller.send(b"x" * 1000)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await caller.reader.read(1)
        proxy.heal()
        await caller.send(b"y" * 10)
        assert await caller.receive(1010) == b"x" * 1000 + b"y" * 10


async def test_a_timed_fault_ends_on_open_connections_too() -> None:
    async with run_fault_proxy(faults=["latency:seconds=3000,for=0.2"]) as proxy, connect_to_proxy(proxy) as caller:
        assert await caller.round_trip(b"x") == b"x"
        assert proxy.armed == []


@pytest.mark.parametrize(
    ("match", "struck"),
    [
        ("http", [GET]),
        ("websocket", [UPGRADE]),
        ("sse", [EVENTS]),
        ("/v1/stream", [UPGRADE, EVENTS]),
        ("/v1/", [GET, UPGRADE, EVENTS]),
        ("/v2", []),
        ("all", [GET, UPGRADE, EVENTS, b"EHLO x\r\n", b"\x16\x03\x01"]),
    ],
)
async def test_a_match_selects_connections_by_their_first_request(match: str, struck: list[bytes]) -> None:
    async with run_fault_proxy(faults=[f"refuse:match={match}"]) as proxy:
        for request in (GET, UPGRADE, EVENTS, b"EHLO x\r\n", b"\x16\x03\x01"):
            async with connect_to_proxy(proxy) as caller:
                await caller.send(request)
                if request in struck:
                    assert await caller.read_to_end() == (b"", "rst")
                else:
                    assert await caller.receive(len(request)) == request


async def test_a_match_applies_to_open_connections_too() -> None:
    async with run_fault_proxy() as proxy, connect_to_proxy(proxy) as get, connect_to_proxy(proxy) as upgrade:
        await get.round_trip(GET)
        await upgrade.round_trip(UPGRADE)
        proxy.inject("reset-peer:match=websocket")
        assert await upgrade.read_to_end() == (b"", "rst")
        assert await get.round_trip(b"x") == b"x"
        assert "GET /v1/stream" in proxy.log.records()[-1].detail


async def test_the_log_shows_the_path_without_its_query() -> None:
    async with run_fault_proxy(faults=["latency:seconds=0,match=/v1"]) as proxy, connect_to_proxy(proxy) as caller:
        await caller.round_trip(GET)
        assert proxy.log.records()[-1].detail == "connection 1, GET /v1/orders/A1"


async def test_a_head_in_two_parts_is_matched_whole_and_an_incomplete_one_is_forwarded_after_a_second() -> None:
    async with run_fault_proxy(faults=["refuse:match=websocket"]) as proxy:
        async with connect_to_proxy(proxy) as caller:
            await caller.send(UPGRADE[:30])
            await asyncio.sleep(0.02)  # so that the proxy reads twice
            await caller.send(UPGRADE[30:])
            assert await caller.read_to_end() == (b"", "rst")
        async with connect_to_proxy(proxy) as caller:
            assert await caller.round_trip(GET[:30]) == GET[:30]


async def test_the_same_seed_affects_the_same_connections() -> None:
    async def struck(seed: int) -> list[str]:
        async with run_fault_proxy(faults=["refuse:probability=0.5"], seed=seed) as proxy:
            endings = []
            for _ in range(20):
                async with connect_to_proxy(proxy) as caller:
                    caller.writer.write_eof()
                    endings.append((await caller.read_to_end())[1])
            return endings

    first = await struck(7)
    assert set(first) == {"fin", "rst"}
    assert await struck(7) == first
    assert await struck(8) != first


async def test_faults_add_up() -> None:
    faults = ["latency:seconds=0.1,direction=down", "latency:seconds=0.1,direction=down", "slicer:size=2", "cut:at=5"]
    async with run_fault_proxy(faults=faults) as proxy, connect_to_proxy(proxy) as caller:
        start = now()
        await caller.send(b"0123456789")
        assert await caller.read_to_end() == (b"01234", "rst")
        assert now() - start >= 0.2
