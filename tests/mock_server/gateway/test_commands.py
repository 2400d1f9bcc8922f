"""Commands: applied once, rejected with a reason, and affected by faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from mock_server.server import MockServer, embed
from tests.support.mock_servers import (
    TIMEOUT,
    add_events,
    connect_peer,
    create_orders,
    empty_server,
    eventually,
    fault_effects,
)
from tests.support.orders import order, state
from tests.support.tokens import KEY, bearer, token
from tracker_tui.domain.order import Milestone, MilestoneKind, Outcome


@pytest.fixture
async def server() -> AsyncIterator[MockServer]:
    async with empty_server() as running:
        await create_orders(running)
        yield running


@pytest.fixture
async def web(server: MockServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=TIMEOUT) as client:
        yield client


def note(text: object = "left at the door", **fields: Any) -> dict[str, Any]:
    return {"commandId": str(uuid4()), "command": "note", "text": text, **fields}


def cancel(**fields: Any) -> dict[str, Any]:
    return {"commandId": str(uuid4()), "command": "cancel", **fields}


async def ask(web: httpx.AsyncClient, body: object, order_id: str = "A1", **options: Any) -> httpx.Response:
    return await web.post(f"/v1/orders/{order_id}/commands", json=body, **options)


async def history(server: MockServer, order_id: str = "A1") -> tuple[Milestone, ...]:
    snapshot = await server.events.snapshot(order_id)
    assert snapshot is not None
    return snapshot.message.history


async def test_a_note_is_a_milestone_with_the_commands_id(server: MockServer, web: httpx.AsyncClient) -> None:
    async with connect_peer(server) as watcher:
        await watcher.watch()
        body = note()
        answer = await ask(web, body)
        event = await watcher.next("event")
    assert answer.status_code == 202
    assert answer.json() == {"commandId": body["commandId"], "epoch": server.events.epoch, "seq": 2}
    assert (event["epoch"], event["seq"]) == (server.events.epoch, 2)
    assert event["milestone"] == event["milestone"] | {
        "kind": "note",
        "note": "left at the door",
        "commandId": body["commandId"],
        "status": "placed",
    }


async def test_a_cancelled_order_has_ended_with_the_given_reason(server: MockServer, web: httpx.AsyncClient) -> None:
    body = cancel(text="twice ordered")
    assert (await ask(web, body)).status_code == 202
    snapshot = await server.events.snapshot("A1")
    assert snapshot is not None
    state, line = snapshot.message.state, snapshot.message.history[-1]
    assert (state.status, state.outcome) == ("cancelled", Outcome.CANCELLED)
    assert (line.kind, line.note, line.command_id) == (MilestoneKind.UPDATE, "twice ordered", body["commandId"])


async def test_the_simulation_leaves_a_cancelled_order_alone() -> None:
    async def outcome(server: MockServer, order_id: str) -> Outcome | None:
        snapshot = await server.events.snapshot(order_id)
        return None if snapshot is None else snapshot.message.state.outcome

    # Two servers with the same orders, the second a little later: an order that has ended there would have ended here.
    # Both are short, and long enough for a request while the order can be cancelled.
    async with (
        embed("quick", seed=3, speed=6, controlled=False) as server,
        httpx.AsyncClient(base_url=server.url, trust_env=False) as web,
    ):
        cancelled = (await ask(web, cancel(), "A1")).json()
        async with embed("quick", seed=3, speed=6, controlled=False) as other, asyncio.timeout(TIMEOUT):
            while await outcome(other, "A1") is None:
                await asyncio.sleep(0.02)
        assert str((await server.events.heads(["A1"]))["A1"]) == f"{cancelled['epoch']}:{cancelled['seq']}"
        assert await outcome(server, "A1") is Outcome.CANCELLED


async def test_a_repeated_command_has_the_same_answer_and_no_second_effect(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    body = note()
    first = await ask(web, body)
    await add_events(server)
    again = await ask(web, {**body, "commandId": body["commandId"].upper()})
    assert (again.status_code, again.json()) == (202, first.json())
    assert [line.note for line in await history(server)] == [None, "left at the door", None]


async def test_concurrent_repeated_commands_are_applied_once(server: MockServer, web: httpx.AsyncClient) -> None:
    body = note()
    answers = await asyncio.gather(*(ask(web, body) for _ in range(8)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert len(await history(server)) == 2


@pytest.mark.parametrize("change", [{"text": "another"}, {"command": "cancel"}])
async def test_an_id_names_one_command_only(server: MockServer, web: httpx.AsyncClient, change: dict[str, str]) -> None:
    body = note()
    await ask(web, body)
    other = await ask(web, {**body, **change})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert len(await history(server)) == 2


async def test_an_id_names_a_command_on_one_order_only(server: MockServer, web: httpx.AsyncClient) -> None:
    await create_orders(server, "B1")
    body = note()
    await ask(web, body)
    assert (await ask(web, body, "B1")).status_code == 409
    assert len(await history(server, "B1")) == 1


async def test_an_answer_is_remembered_in_a_new_epoch(server: MockServer, web: httpx.AsyncClient) -> None:
    body = note()
    first = await ask(web, body)
    server.inject("new-epoch")
    await eventually(lambda: fault_effects(server, "new-epoch"))
    again = await ask(web, body)
    assert again.json() == first.json()
    assert [line.command_id for line in await history(server)] == [None, body["commandId"]]


@pytest.mark.parametrize(
    ("status", "outcome", "why"),
    [
        ("picked_up", None, "the order is on its way and can no longer be cancelled"),
        ("out_for_delivery", None, "the order is on its way and can no longer be cancelled"),
        ("delivered", Outcome.DELIVERED, "the order has ended: delivered"),
        ("cancelled", Outcome.CANCELLED, "the order has ended: cancelled"),
    ],
)
async def test_an_order_that_was_picked_up_or_has_ended_is_not_cancelled(
    server: MockServer, web: httpx.AsyncClient, status: str, outcome: Outcome | None, why: str
) -> None:
    await server.events.append("B1", state(status, outcome), None, order("B1"))
    refused = await ask(web, cancel(), "B1")
    assert (refused.status_code, refused.json()["code"], refused.json()["detail"]) == (409, "conflict", why)
    assert str((await server.events.heads(["B1"]))["B1"]).endswith(":1")


async def test_a_rejection_is_remembered_even_if_the_order_would_allow_it_later(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    await add_events(server, status="picked_up")
    body = cancel()
    assert (await ask(web, body)).status_code == 409
    await add_events(server, status="preparing")
    assert (await ask(web, body)).status_code == 409
    assert (await ask(web, cancel())).status_code == 202


async def test_a_note_can_be_added_to_an_order_that_has_ended(server: MockServer, web: httpx.AsyncClient) -> None:
    await ask(web, cancel())
    assert (await ask(web, note("refunded"))).status_code == 202
    snapshot = await server.events.snapshot("A1")
    assert snapshot is not None
    assert (snapshot.message.state.outcome, snapshot.message.history[-1].note) == (Outcome.CANCELLED, "refunded")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"commandId": "1", "command": "note", "text": "x"},
        note(command="burn"),
        note(commandId=7),
        note(text=None),
        note(text="  \n"),
        note(text="x" * 1_001),
        note(text=5),
        cancel(text="x" * 1_001),
        cancel(commandId=f"{uuid4()}\n"),
    ],
)
async def test_an_invalid_command_changes_nothing(server: MockServer, web: httpx.AsyncClient, body: object) -> None:
    answer = await ask(web, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert len(await history(server)) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 10_000, b'{"commandId"', b'{"text":"\\ud800"}', b"\xff"])
async def test_a_body_that_is_not_json_is_invalid(web: httpx.AsyncClient, body: bytes) -> None:
    answer = await web.post("/v1/orders/A1/commands", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_unknown_fields_are_ignored_and_the_longest_text_is_accepted(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    assert (await ask(web, note("€" * 1_000, why="none"))).status_code == 202
    assert (await history(server))[-1].note == "€" * 1_000


async def test_a_body_that_is_too_large_is_not_read(server: MockServer, web: httpx.AsyncClient) -> None:
    answer = await ask(web, note("x" * 20_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert len(await history(server)) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Origin": "https://evil.example"}, 403),
        ({"Host": "evil.example"}, 403),
    ],
)
async def test_a_page_of_another_origin_cannot_send_commands(
    server: MockServer, web: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    assert (await ask(web, note(), headers=headers)).status_code == status
    assert len(await history(server)) == 1


@pytest.mark.parametrize(("order_id", "status"), [("NOPE", 404), ("-bad", 400)])
async def test_the_order_must_exist(web: httpx.AsyncClient, order_id: str, status: int) -> None:
    assert (await ask(web, note(), order_id)).status_code == status


async def test_rights_are_checked_before_existence_and_history_names_the_subject() -> None:
    async with empty_server(auth=KEY) as server:
        await create_orders(server, "A1")
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as web:
            assert (await ask(web, note())).status_code == 401
            mine = bearer(token("A*", subject="anna"))
            answers = [await ask(web, note(), order_id, headers=mine) for order_id in ("B1", "A2", "A1")]
        assert [answer.status_code for answer in answers] == [403, 404, 202]
        assert (await history(server))[-1].source == "anna"


async def test_refuse_command_rejects_matching_commands_without_effect(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    server.inject("refuse-command:which=cancel,count=1")
    assert (await ask(web, note())).status_code == 202
    refused = await ask(web, cancel())
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert len(await history(server)) == 2
    assert [record.effect for record in fault_effects(server, "refuse-command")] == ["refused"]
    assert (await ask(web, cancel())).status_code == 202


async def test_a_lost_answer_is_a_reset_after_the_command_was_applied(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    server.inject("lose-command-answer:count=1")
    body = note()
    with pytest.raises(httpx.TransportError):
        await ask(web, body)
    assert [line.command_id for line in await history(server)] == [None, body["commandId"]]
    again = await ask(web, body)
    assert (again.status_code, again.json()["seq"]) == (202, 2)
    assert len(await history(server)) == 2


async def test_a_slow_command_is_applied_even_if_the_client_has_disconnected(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    server.inject("slow-command:seconds=1.5,count=1,order=A1")
    body = note()
    began = asyncio.get_running_loop().time()
    waiting = asyncio.create_task(ask(web, body))
    await eventually(lambda: fault_effects(server, "slow-command"))
    assert len(await history(server)) == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(TIMEOUT):
        while len(await history(server)) == 1:
            await asyncio.sleep(0.02)
    assert asyncio.get_running_loop().time() - began >= 1.5
    assert (await ask(web, body)).json()["seq"] == 2


async def test_a_slow_command_does_not_delay_the_end_of_the_server() -> None:
    async with (
        empty_server() as server,
        httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=TIMEOUT) as web,
    ):
        await create_orders(server)
        server.inject("slow-command:seconds=3600")
        waiting = asyncio.create_task(ask(web, note()))
        await eventually(lambda: fault_effects(server, "slow-command"))
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < TIMEOUT
    await asyncio.gather(waiting, return_exceptions=True)


async def test_healing_answers_a_slow_command(server: MockServer, web: httpx.AsyncClient) -> None:
    server.inject("slow-command:seconds=60")
    waiting = asyncio.create_task(ask(web, note()))
    await eventually(lambda: fault_effects(server, "slow-command"))
    server.heal()
    assert (await waiting).status_code == 202
