"""The faults of the proxy over real sockets."""

from __future__ import annotations

import asyncio
import socket

import pytest

from mock_server.proxy.proxy import Proxy
from tests.support.fault_proxy import Caller, calling, done, proxied
from tests.support.mock_servers import PATIENCE, eventually

GET = b"GET /v1/orders/A1?x=1 HTTP/1.1\r\nHost: x\r\n\r\n"
UPGRADE = b"GET /v1/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
EVENTS = b"GET /v1/stream?order=A1 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize(("direction", "ways"), [("up", 1), ("down", 1), ("both", 2)])
async def test_latency_delays_the_chosen_directions(direction: str, ways: int) -> None:
    async with proxied(faults=[f"latency:seconds=0.5,direction={direction}"]) as proxy, calling(proxy) as caller:
        start = now()
        assert await caller.ask(b"x" * 1000) == b"x" * 1000
        assert 0.5 * ways <= now() - start < 0.5 * (ways + 1)
        assert done(proxy, "latency") == ["delayed"]


async def test_latency_delays_concurrent_data_once() -> None:
    async with proxied(faults=["latency:seconds=0.3,direction=up"]) as proxy, calling(proxy) as caller:
        start = now()
        for _ in range(5):
            await caller.say(b"x" * 100)
            await asyncio.sleep(0.01)  # so that the proxy reads five times
        await caller.hear(500)
        assert 0.3 <= now() - start < 1.5


async def test_jitter_never_reorders_bytes() -> None:
    sent = bytes(range(256)) * 4
    async with proxied(faults=["latency:seconds=0.02,jitter=0.02"]) as proxy, calling(proxy) as caller:
        for at in range(0, len(sent), 64):
            await caller.say(sent[at : at + 64])
            await asyncio.sleep(0.001)  # so that the proxy reads many times
        assert await caller.hear(len(sent)) == sent


async def test_bandwidth_limits_the_bytes_per_second() -> None:
    async with proxied(faults=["bandwidth:rate=20000,direction=down"]) as proxy, calling(proxy) as caller:
        start = now()
        await caller.ask(b"x" * 10000)
        assert 0.4 <= now() - start < 5.0


async def test_slicer_forwards_small_pieces() -> None:
    async with proxied(faults=["slicer:size=3,seconds=0.02,direction=down"]) as proxy, calling(proxy) as caller:
        await caller.say(b"0123456789")
        pieces: list[bytes] = []
        while len(b"".join(pieces)) < 10:
            pieces.append(await caller.reader.read(100))
        assert pieces == [b"012", b"345", b"678", b"9"]


@pytest.mark.parametrize("size", [0, 1, 1000, 65536, 100_000])
async def test_limit_data_closes_after_exactly_that_many_bytes(size: int) -> None:
    async with proxied(faults=[f"limit-data:size={size},direction=down"]) as proxy, calling(proxy) as caller:
        sending = asyncio.create_task(caller.say(b"x" * max(size, 1)))
        heard, _ = await caller.to_the_end()
        await asyncio.gather(sending, return_exceptions=True)
        assert len(heard) == size
        assert done(proxy, "limit-data") == ["closed"]


@pytest.mark.parametrize("how", ["rst", "fin"])
@pytest.mark.parametrize("at", [0, 1, 7777])
async def test_cut_ends_the_response_at_exactly_that_byte(at: int, how: str) -> None:
    async with proxied(faults=[f"cut:at={at},how={how}"]) as proxy, calling(proxy) as caller:
        await caller.say(b"x" * 10000)
        assert await caller.to_the_end() == (b"x" * at, how)
        assert done(proxy, "cut") == ["cut"]
        async with calling(proxy) as again:
            assert await again.ask(b"x" * 10000)


async def test_a_slow_reader_gets_every_byte_before_the_cut() -> None:
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        async with proxied(faults=["cut:at=60000"]) as proxy, asyncio.timeout(PATIENCE):
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, ("127.0.0.1", proxy.port))
            await loop.sock_sendall(client, b"x" * 70_000)
            # All bytes are in the proxy's kernel buffer, most of them not yet in the client's.
            await eventually(lambda: proxy.stats()["bytesDown"] == 60_000)
            reader, writer = await asyncio.open_connection(sock=client)
            heard, ending = await Caller(reader, writer).to_the_end()
            writer.close()
    assert (len(heard), ending) == (60_000, "rst")


async def test_cut_counts_from_its_injection_on_an_open_connection() -> None:
    async with proxied() as proxy, calling(proxy) as caller:
        await caller.ask(b"x" * 500)
        proxy.inject("cut:at=10")
        await caller.say(b"y" * 500)
        assert await caller.to_the_end() == (b"y" * 10, "rst")


async def test_reset_peer_resets_after_a_while() -> None:
    async with proxied(faults=["reset-peer:seconds=0.2"]) as proxy, calling(proxy) as caller:
        start = now()
        assert await caller.ask(b"x") == b"x"
        assert await caller.to_the_end() == (b"", "rst")
        assert now() - start >= 0.2
        assert done(proxy, "reset-peer") == ["reset"]


async def test_reset_peer_resets_open_connections_at_once() -> None:
    async with proxied() as proxy, calling(proxy) as caller:
        await caller.ask(b"x")
        proxy.inject("reset-peer:count=1")
        assert await caller.to_the_end() == (b"", "rst")
        assert proxy.armed == []


async def test_half_open_drops_the_servers_side_and_keeps_the_clients() -> None:
    gone = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                writer.write(data)
        finally:
            gone.set()

    async with proxied(talk) as proxy, calling(proxy) as caller:
        await caller.ask(b"x")
        proxy.inject("half-open")
        async with asyncio.timeout(PATIENCE):
            await gone.wait()
        await is_silent(proxy, caller.reader, caller.writer)


async def test_timeout_accepts_and_sends_nothing() -> None:
    async with proxied(faults=["timeout"]) as proxy, calling(proxy) as caller:
        await eventually(lambda: proxy.connections == 1)
        await is_silent(proxy, caller.reader, caller.writer)
        assert done(proxy, "timeout") == ["silent"]


async def is_silent(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Check that data is accepted without an answer, and that a healing resets the connection."""
    writer.write(b"x" * 2_000_000)
    async with asyncio.timeout(PATIENCE):
        await writer.drain()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await reader.read(1)
    assert proxy.connections == 1
    proxy.heal()
    with pytest.raises(ConnectionResetError):
        await reader.read(1)
    async with calling(proxy) as again:
        assert await again.ask(b"y") == b"y"


async def test_timeout_can_close_after_a_while() -> None:
    async with proxied(faults=["timeout:seconds=0.1"]) as proxy, calling(proxy) as caller:
        await caller.say(b"x")
        assert await caller.to_the_end() == (b"", "fin")


async def test_a_silent_connection_ends_when_the_client_leaves() -> None:
    async with proxied() as proxy:
        async with calling(proxy) as caller:
            await caller.ask(b"x")
            proxy.inject("timeout")
        await eventually(lambda: proxy.connections == 0)


async def test_slow_close_delays_the_end() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")

    start = now()
    async with proxied(answer, faults=["slow-close:seconds=0.3"]) as proxy, calling(proxy) as caller:
        assert await caller.to_the_end() == (b"bye", "fin")
        assert now() - start >= 0.3


async def test_refuse_resets_new_connections_only() -> None:
    async with proxied() as proxy, calling(proxy) as open_one:
        await open_one.ask(b"x")
        proxy.inject("refuse:count=2")
        for _ in range(2):
            async with calling(proxy) as caller:
                assert await caller.to_the_end() == (b"", "rst")
        async with calling(proxy) as caller:
            assert await caller.ask(b"y") == b"y"
        assert await open_one.ask(b"z") == b"z"
        assert done(proxy, "refuse") == ["refused", "refused"]


async def test_down_refuses_and_resets_connections_until_up() -> None:
    async with proxied() as proxy, calling(proxy) as caller:
        await caller.ask(b"x")
        proxy.inject("down")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await caller.to_the_end() == (b"", "rst")
        assert not proxy.stats()["listening"]
        proxy.inject("up")
        await eventually(lambda: proxy.stats()["listening"])
        async with calling(proxy) as again:
            assert await again.ask(b"y") == b"y"
        assert done(proxy, "down") == ["down", "up"]


@pytest.mark.parametrize("ends", ["time", "healing"])
async def test_down_ends_by_itself_or_with_a_healing_and_can_spare_open_connections(ends: str) -> None:
    async with proxied() as proxy, calling(proxy) as caller:
        await caller.ask(b"x")
        proxy.inject("down:keep=true,for=0.1" if ends == "time" else "down:keep=true")
        assert await caller.ask(b"y") == b"y"
        if ends == "healing":
            proxy.heal()
        await eventually(lambda: proxy.stats()["listening"])


async def test_a_healing_releases_delayed_data_in_order() -> None:
    async with proxied(faults=["latency:seconds=3000,direction=up"]) as proxy, calling(proxy) as caller:
        await caller.say(b"x" * 1000)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await caller.reader.read(1)
        proxy.heal()
        await caller.say(b"y" * 10)
        assert await caller.hear(1010) == b"x" * 1000 + b"y" * 10


async def test_a_timed_fault_ends_on_open_connections_too() -> None:
    async with proxied(faults=["latency:seconds=3000,for=0.2"]) as proxy, calling(proxy) as caller:
        assert await caller.ask(b"x") == b"x"
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
    async with proxied(faults=[f"refuse:match={match}"]) as proxy:
        for request in (GET, UPGRADE, EVENTS, b"EHLO x\r\n", b"\x16\x03\x01"):
            async with calling(proxy) as caller:
                await caller.say(request)
                if request in struck:
                    assert await caller.to_the_end() == (b"", "rst")
                else:
                    assert await caller.hear(len(request)) == request


async def test_a_match_applies_to_open_connections_too() -> None:
    async with proxied() as proxy, calling(proxy) as get, calling(proxy) as upgrade:
        await get.ask(GET)
        await upgrade.ask(UPGRADE)
        proxy.inject("reset-peer:match=websocket")
        assert await upgrade.to_the_end() == (b"", "rst")
        assert await get.ask(b"x") == b"x"
        assert "GET /v1/stream" in proxy.log.records()[-1].detail


async def test_the_log_shows_the_path_without_its_query() -> None:
    async with proxied(faults=["latency:seconds=0,match=/v1"]) as proxy, calling(proxy) as caller:
        await caller.ask(GET)
        assert proxy.log.records()[-1].detail == "connection 1, GET /v1/orders/A1"


async def test_a_head_in_two_parts_is_matched_whole_and_an_incomplete_one_is_forwarded_after_a_second() -> None:
    async with proxied(faults=["refuse:match=websocket"]) as proxy:
        async with calling(proxy) as caller:
            await caller.say(UPGRADE[:30])
            await asyncio.sleep(0.02)  # so that the proxy reads twice
            await caller.say(UPGRADE[30:])
            assert await caller.to_the_end() == (b"", "rst")
        async with calling(proxy) as caller:
            assert await caller.ask(GET[:30]) == GET[:30]


async def test_the_same_seed_affects_the_same_connections() -> None:
    async def struck(seed: int) -> list[str]:
        async with proxied(faults=["refuse:probability=0.5"], seed=seed) as proxy:
            endings = []
            for _ in range(20):
                async with calling(proxy) as caller:
                    caller.writer.write_eof()
                    endings.append((await caller.to_the_end())[1])
            return endings

    first = await struck(7)
    assert set(first) == {"fin", "rst"}
    assert await struck(7) == first
    assert await struck(8) != first


async def test_faults_add_up() -> None:
    faults = ["latency:seconds=0.1,direction=down", "latency:seconds=0.1,direction=down", "slicer:size=2", "cut:at=5"]
    async with proxied(faults=faults) as proxy, calling(proxy) as caller:
        start = now()
        await caller.say(b"0123456789")
        assert await caller.to_the_end() == (b"01234", "rst")
        assert now() - start >= 0.2
