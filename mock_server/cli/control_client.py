"""The command line's way to a running server: its control listener."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from mock_server.control.endpoint_file import read_endpoint

_TIMEOUT_SECONDS = 5.0


class ControlError(Exception):
    """The running server said no, or there is none; one line for people."""


def post_control(port: int, path: str, body: object) -> dict[str, Any]:
    """Post to the control listener of the server whose gateway is on `port`.

    Raises:
        NoRendezvous: No server has left word there.
        RemoteError: It doesn't answer, or refuses.
    """
    endpoint = read_endpoint(port)
    request = Request(  # noqa: S310  (the address is this machine's own)
        f"{endpoint.url}{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {endpoint.token}", "Content-Type": "application/json"},
    )
    # Proxies of the environment are for elsewhere.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            result: dict[str, Any] = json.load(response)
            return result
    except HTTPError as error:
        with error:
            raise ControlError(_detail(error.read()) or f"the server answered {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise ControlError(
            f"the mock-server on port {port} doesn't answer; start one, or name its port with --port"
        ) from error


def _detail(body: bytes) -> str:
    try:
        detail = json.loads(body)["detail"]
    except (ValueError, TypeError, KeyError):
        return ""
    return detail if isinstance(detail, str) else ""
