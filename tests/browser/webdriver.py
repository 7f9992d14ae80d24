"""A browser, driven over the W3C WebDriver protocol: JSON over HTTP, so no package is needed for it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import Any

from tests.waiting import until

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class WebDriverError(Exception):
    """The driver refused a command; the text is its message."""


class Browser:
    """One window of a session at a driver on this machine."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self._session = f"/session/{made['sessionId']}"

    def go(self, url: str) -> None:
        """Open an address and wait until it has loaded."""
        self._call("POST", f"{self._session}/url", {"url": url})

    def resize(self, width: int, height: int) -> None:
        """Give the page itself this size, in CSS pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str) -> None:
        """Ask pages for their `light` or `dark` colours."""
        self.devtools("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def devtools(self, command: str, parameters: dict[str, Any]) -> Any:
        """A command of Chromium's own protocol."""
        return self._call("POST", f"{self._session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def run(self, script: str, *arguments: Any) -> Any:
        """The value that a function's body returns."""
        return self._call("POST", f"{self._session}/execute/sync", {"script": script, "args": arguments})

    def text(self, selector: str) -> str:
        """The visible text of the first element that a CSS selector finds."""
        return str(self._call("GET", f"{self._session}/element/{self._find(selector)}/text"))

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that a CSS selector finds, hidden parts included."""
        found = self.run(
            "return Array.from(document.querySelectorAll(arguments[0]), each => each.textContent)", selector
        )
        return [str(each) for each in found]

    def click(self, selector: str) -> None:
        """Click as a user does: it must be visible and nothing may lie over it."""
        self._call("POST", f"{self._session}/element/{self._find(selector)}/click", {})

    def press(self, key: str) -> None:
        """Press and release a key, wherever the focus is."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._call("POST", f"{self._session}/actions", {"actions": [{"type": "key", "id": "k", "actions": keys}]})

    def wait(self, done: Callable[[], Any], what: str) -> None:
        """Look until it is so; fails after two minutes."""
        until(done, what)

    def complaints(self) -> list[str]:
        """What the console has said of severity warning and above since the last call: policy violations too."""
        entries = self._call("POST", f"{self._session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("WARNING", "SEVERE")]

    def close(self) -> None:
        """End the session and its window."""
        self._call("DELETE", self._session)
        self._connection.close()

    def _find(self, selector: str) -> str:
        found = self._call("POST", f"{self._session}/element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        self._connection.request(method, path, None if body is None else json.dumps(body))
        response = self._connection.getresponse()
        value = json.loads(response.read())["value"]
        if response.status != 200:
            raise WebDriverError(f"{value['error']}: {value['message'].splitlines()[0]}")
        return value
