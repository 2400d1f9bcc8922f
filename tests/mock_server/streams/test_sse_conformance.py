"""Server-sent events on real sockets (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
import shutil
import socket

import httpx
import pytest

from tests.support.http_stream_clients import kinds, sse
from tests.support.mock_servers import TIMEOUT, add_events, connect_peer, create_orders, draft, empty_server, eventually
from tests.support.orders import order, state


async def test_hello_is_the_first_message_and_headers_disable_caching_and_buffering() -> None:
    async with empty_server(heartbeat_seconds=7) as server:
        await create_orders(server)
        async with sse(server) as client:
            headers = client.response.headers
            assert client.response.status_code == 200
            assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
            assert (headers["Cache-Control"], headers["Vary"], headers["X-Accel-Buffering"]) == (
                "no-store", "Accept", "no",
            )  # fmt: skip
            first = await client.block()
            assert first is not None
            assert list(first.fields) == ["retry"]
            assert int(first.fields["retry"]) > 0
            hello = await client.sent()
            assert hello.fields["event"] == "hello"
            assert hello.message["heartbeatSeconds"] == 7
            assert "id" not in hello.fields


async def test_an_order_is_answered_replayed_and_followed_with_ids_to_resume_from() -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "B2", events=3)
        epoch = server.events.epoch
        async with sse(server, f"order=A1@{epoch}:1&order=B2") as client:
            assert (await client.next("subscribed"))["from"] == f"{epoch}:1"
            sent = [await client.sent() for _ in range(2)]
            assert [event.fields["id"] for event in sent] == [f"A1@{epoch}:2", f"A1@{epoch}:3"]
            assert (await client.next())["mode"] == "snapshot"
            snapshot = await client.sent()
            assert (snapshot.fields["event"], snapshot.fields["id"]) == ("snapshot", f"B2@{epoch}:3")
            await add_events(server, "B2")
            event = await client.sent()
            assert event.fields["event"] == event.message["type"] == "event"
            assert event.fields["id"] == f"B2@{epoch}:4"


async def test_the_last_event_id_takes_precedence_for_its_order() -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "B2", events=5)
        epoch = server.events.epoch
        query = f"order=A1@{epoch}:1&order=B2@{epoch}:4"
        async with sse(server, query, Last_Event_ID=f"A1@{epoch}:4") as client:
            assert (await client.next("subscribed"))["from"] == f"{epoch}:4"
            assert (await client.next("event"))["seq"] == 5
            assert (await client.next("subscribed"))["from"] == f"{epoch}:4"


@pytest.mark.parametrize("last", ["", "A1", "A1@", "A1@1", "A1@1:1:1", "@1:1", "C3@1:1", "A1@1_0:1"])
async def test_a_last_event_id_of_another_order_is_ignored(last: str) -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "C3", events=3)
        cursor = f"{server.events.epoch}:2"
        async with sse(server, f"order=A1@{cursor}", Last_Event_ID=last) as client:
            assert (await client.next("subscribed"))["from"] == cursor
            assert server.stats()["subscriptions"] == 1


async def test_heartbeats_carry_the_heads() -> None:
    async with empty_server(heartbeat_seconds=1) as server:
        await create_orders(server, "A1", "B2", events=2)
        async with sse(server, "order=A1&order=B2") as client:
            epoch = server.events.epoch
            assert (await client.next("heartbeat"))["heads"] == {"A1": f"{epoch}:2", "B2": f"{epoch}:2"}


async def test_a_refused_order_gets_a_problem_and_the_stream_continues_without_it() -> None:
    async with empty_server(heartbeat_seconds=1) as server:
        await create_orders(server)
        async with sse(server, "order=NOPE&order=A1") as client:
            problem = await client.next("problem")
            assert (problem["code"], problem["orderId"]) == ("order_not_found", "NOPE")
            assert list((await client.next("heartbeat"))["heads"]) == ["A1"]


async def test_fifty_orders_are_served_and_each_further_one_is_refused() -> None:
    async with empty_server(heartbeat_seconds=1) as server:
        names = [f"N{number}" for number in range(52)]
        await create_orders(server, *names)
        async with sse(server, "&".join(f"order={name}" for name in names)) as client:
            refused = [await client.next("problem") for _ in range(2)]
            assert [(problem["code"], problem["orderId"]) for problem in refused] == [
                ("too_large", "N50"), ("too_large", "N51"),
            ]  # fmt: skip
            assert list((await client.next("heartbeat"))["heads"]) == names[:50]


async def test_an_order_named_twice_is_subscribed_once_from_the_last_cursor() -> None:
    async with empty_server() as server:
        await create_orders(server, events=3)
        epoch = server.events.epoch
        async with sse(server, f"order=A1&order=A1@{epoch}:2") as client:
            assert (await client.next("subscribed"))["from"] == f"{epoch}:2"
            assert (await client.next())["seq"] == 3
            assert server.stats()["subscriptions"] == 1


async def test_a_note_with_line_breaks_stays_one_line_of_data() -> None:
    async with empty_server() as server:
        await create_orders(server)
        async with sse(server) as client:
            await client.next("snapshot")
            await server.events.append("A1", state(), draft(note="one\ntwo\r\n\n: three\u2028four"))
            sent = await client.sent()
            assert list(sent.fields) == ["event", "data", "id"]
            assert sent.message["milestone"]["note"] == "one\ntwo\r\n\n: three\u2028four"


async def test_a_new_epoch_comes_as_a_snapshot_with_the_new_id() -> None:
    async with empty_server() as server:
        await create_orders(server, events=3)
        async with sse(server) as client:
            await client.next("snapshot")
            await server.events.reopen()
            assert (await client.next())["mode"] == "snapshot"
            assert (await client.sent()).fields["id"] == f"A1@{server.events.epoch}:3"


@pytest.mark.parametrize("query", ["", "order=.A", "order=A1@", "order=A1@01:1", "after=A1"])
async def test_a_query_without_a_valid_order_is_refused(query: str) -> None:
    async with empty_server() as server:
        async with sse(server, query) as client:
            await client.response.aread()
        assert client.response.status_code == 400
        assert client.response.json()["code"] == "invalid"
        assert server.stats()["streams"] == 0


@pytest.mark.parametrize("accept", ["*/*", "text/html", "text/event-stream", "application/xml;q=0.9, text/*"])
async def test_other_accept_headers_select_server_sent_events(accept: str) -> None:
    async with empty_server() as server:
        await create_orders(server)
        async with sse(server, Accept=accept) as client:
            assert (await client.next())["type"] == "hello"


async def test_a_head_request_opens_no_stream() -> None:
    async with empty_server() as server, httpx.AsyncClient(trust_env=False) as web:
        answer = await web.head(f"{server.url}/v1/stream?order=A1")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
        assert server.stats()["streams"] == 0


async def test_a_client_that_disconnects_is_forgotten() -> None:
    async with empty_server() as server:
        await create_orders(server)
        async with sse(server) as client:
            await client.next("snapshot")
            assert (server.stats()["streams"], server.stats()["subscriptions"]) == (1, 1)
        await eventually(lambda: server.stats()["streams"] == server.connections == 0)


async def test_draining_sends_goodbye_and_ends_the_response() -> None:
    async with empty_server() as server:
        await create_orders(server)
        async with sse(server) as client:
            await client.next("snapshot")
            await server.close()
            last = await client.rest()
    assert kinds(last) == ["goodbye"]


async def test_goodbye_waits_for_the_unread_bytes_of_a_slow_reader() -> None:
    async with empty_server() as server:
        await create_orders(server)
        await server.events.append("A1", state(), draft(note="n" * 600_000))
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(
            f"GET /v1/stream?order=A1@{server.events.epoch}:1 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        )
        await eventually(lambda: server.stats()["replays"] == 1)
        reader, writer = await asyncio.open_connection(sock=connection, limit=1 << 10)
        closing = asyncio.create_task(server.close())
        async with asyncio.timeout(TIMEOUT):
            heard = await reader.read(-1)
        await closing
        writer.close()
    assert heard.count(b"n" * 600_000) == 1
    assert heard.endswith(b"\n\n\r\n0\r\n\r\n")
    assert b"event: goodbye" in heard


async def test_a_stalled_client_is_evicted_without_affecting_others() -> None:
    async with empty_server() as server, connect_peer(server) as reader:
        await create_orders(server)
        await reader.watch()
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", server.port))
            deaf.sendall(b"GET /v1/stream?order=A1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await eventually(lambda: server.stats()["subscriptions"] == 2)
            seq = 1
            async with asyncio.timeout(TIMEOUT):
                while server.stats()["streams"] == 2:
                    await server.events.append("A1", state(), draft(note="x" * 20_000))
                    seq += 1
                    assert (await reader.next("event"))["seq"] == seq
            await eventually(lambda: server.connections == 1)
        assert server.stats()["evictions"] == 1
        assert server.stats()["skipped"] >= 1


async def test_many_large_snapshots_reach_a_reader_that_keeps_up() -> None:
    async with empty_server() as server:
        names = [f"N{number}" for number in range(50)]
        for name in names:
            await server.events.append(name, state(), draft(note="n" * 50_000), order(name))
        async with sse(server, "&".join(f"order={name}" for name in names)) as client:
            assert [(await client.next("snapshot"))["orderId"] for _ in names] == names
        assert (server.stats()["evictions"], server.stats()["skipped"]) == (0, 0)


async def test_an_http_1_0_client_gets_the_same_without_chunks() -> None:
    async with empty_server() as server:
        await create_orders(server)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /v1/stream?order=A1 HTTP/1.0\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(TIMEOUT):
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"chunked" not in head
            assert (await reader.readuntil(b"\n\n")).startswith(b"retry: ")
            assert (await reader.readuntil(b"\n\n")).startswith(b"event: hello\ndata: {")
        writer.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl_shows_a_readable_stream() -> None:
    async with empty_server() as server:
        await create_orders(server)
        url = f"{server.url}/v1/stream?order=A1"
        curl = await asyncio.create_subprocess_exec(
            "curl", "-sN", "--noproxy", "*", url, stdout=asyncio.subprocess.PIPE
        )
        assert curl.stdout is not None
        async with asyncio.timeout(TIMEOUT):
            blocks = [(await curl.stdout.readuntil(b"\n\n")).decode() for _ in range(4)]
            await add_events(server)
            blocks.append((await curl.stdout.readuntil(b"\n\n")).decode())
            await server.close()
            await curl.communicate()
        assert [block.splitlines()[0] for block in blocks] == [
            "retry: 1000", "event: hello", "event: subscribed", "event: snapshot", "event: event",
        ]  # fmt: skip
        assert curl.returncode == 0
