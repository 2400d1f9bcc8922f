"""A client of the control listener of a running server."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from mock_server.control.endpoint_file import read_endpoint

_TIMEOUT_SECONDS = 5.0


class ControlError(Exception):
    """The running server refused the request, or did not answer; the text is one line for people."""


def post_control(port: int, path: str, body: object) -> dict[str, Any]:
    """Send a POST request to the control listener of the server on `port`.

    Raises:
        ControlUnavailable: No server runs on that port.
        ControlError: The server does not answer, or refuses.
    """
    endpoint = read_endpoint(port)
    request = Request(  # noqa: S310  (the address is a local one)
        f"{endpoint.url}{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {endpoint.token}", "Content-Type": "application/json"},
    )
    # The address is local, so proxies from the environment must not be used.
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
