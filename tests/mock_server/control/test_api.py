"""The control listener and its endpoint file."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from mock_server.control import endpoint_file
from mock_server.control.endpoint_file import ControlEndpoint, ControlUnavailable
from mock_server.server import MockServer
from tests.support.mock_servers import add_events, connect_peer, create_orders, empty_server, eventually, fault_effects


@pytest.fixture(autouse=True)
def runtime_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
async def server() -> AsyncIterator[MockServer]:
    async with empty_server() as running:
        await create_orders(running)
        yield running


@pytest.fixture
async def control(server: MockServer) -> AsyncIterator[httpx.AsyncClient]:
    found = endpoint_file.read_endpoint(server.port)
    headers = {"Authorization": f"Bearer {found.token}"}
    async with httpx.AsyncClient(base_url=found.url, headers=headers, trust_env=False) as client:
        yield client


async def test_the_log_shows_injection_effect_and_healing(server: MockServer, control: httpx.AsyncClient) -> None:
    injected = await control.post("/control/inject", json={"fault": "drop:probability=1,order=A1"})
    assert injected.status_code == 200
    async with connect_peer(server) as client:
        await client.watch()
        await add_events(server)
        await eventually(lambda: fault_effects(server, "drop"))
    await control.post("/control/heal", json={})
    records = (await control.get("/control/log")).json()["records"]
    assert [(record["n"], record["fault"], record["effect"], record.get("orderId")) for record in records] == [
        (1, "drop", "injected", "A1"),
        (2, "drop", "dropped", "A1"),
        (3, "heal", "healed", None),
    ]
    assert all(record["at"].endswith("Z") for record in records)
    assert records[0] == injected.json()
    assert (await control.get("/control/log?after=2")).json()["records"] == records[2:]


async def test_the_control_resource_of_an_order_is_unaffected_by_faults(
    server: MockServer, control: httpx.AsyncClient
) -> None:
    await add_events(server, times=3)
    server.inject("lagging-snapshot")
    server.inject("refuse")
    truth = (await control.get("/control/orders/A1")).json()
    assert (truth["type"], truth["seq"]) == ("snapshot", 4)
    assert (await control.get("/control/orders/UNKNOWN")).status_code == 404


async def test_the_catalogue_and_the_counters_can_be_read(server: MockServer, control: httpx.AsyncClient) -> None:
    faults = (await control.get("/control/faults")).json()["faults"]
    assert {"name", "level", "summary", "advice", "parameters"} == set(faults[0])
    async with connect_peer(server) as client:
        await client.watch()
        server.inject("drop")
        stats = (await control.get("/control/stats")).json()
    assert (stats["connections"], stats["streams"], stats["subscriptions"]) == (1, 1, 1)
    assert (stats["streamOpenings"], stats["snapshots"], stats["armed"]) == (1, 1, ["drop"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Origin": "https://evil.example"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_control_requires_the_token(
    server: MockServer, control: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    body = b'{"fault":"drop"}'
    answer = await control.post(
        "/control/inject", content=body, headers={"Content-Type": "application/json", **headers}
    )
    assert answer.status_code == status
    assert server.armed == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"fault":7}', b"[" * 100_000, b'{"fault":"explode"}'])
async def test_an_invalid_body_is_refused_in_one_line(control: httpx.AsyncClient, body: bytes) -> None:
    answer = await control.post("/control/inject", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "\n" not in answer.json()["detail"]


async def test_control_is_not_on_the_servers_own_port(server: MockServer) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as web:
        assert (await web.get("/control/log")).status_code == 404


async def test_the_endpoint_file_is_private_and_deleted_with_the_server(runtime_directory: Path) -> None:
    async with empty_server() as server:
        path = runtime_directory / "mock-server" / f"{server.port}.json"
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert endpoint_file.read_endpoint(server.port).token not in repr(endpoint_file.read_endpoint(server.port))
    assert not path.exists()
    with pytest.raises(ControlUnavailable):
        endpoint_file.read_endpoint(server.port)


def test_without_a_runtime_directory_another_private_directory_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = endpoint_file.write_endpoint(1234, ControlEndpoint("http://127.0.0.1:1", "secret"))
    try:
        folder = path.parent.stat()
        assert (folder.st_uid, folder.st_mode & 0o777) == (os.getuid(), 0o700)
        assert path.stat().st_mode & 0o777 == 0o600
        assert endpoint_file.read_endpoint(1234) == ControlEndpoint("http://127.0.0.1:1", "secret")
    finally:
        path.unlink()


def test_a_symlink_in_place_of_the_directory_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mock-server").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ControlUnavailable, match="not a directory of yours"):
        endpoint_file.write_endpoint(1234, ControlEndpoint("http://127.0.0.1:1", "secret"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"url":1}'])
def test_an_invalid_endpoint_file_means_no_server(tmp_path: Path, content: str) -> None:
    (tmp_path / "mock-server").mkdir()
    (tmp_path / "mock-server" / "1234.json").write_text(content)
    with pytest.raises(ControlUnavailable, match="no mock-server of yours runs on port 1234"):
        endpoint_file.read_endpoint(1234)
