"""Chromium and its driver: found on this machine, or installed where that is ours to do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.browser.webdriver import Browser

PACKAGES = ("chromium", "chromium-driver")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    # Nothing but the page under test: a browser on a closed network must not wait for its maker's servers.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-proxy-server",
)


@contextmanager
def chromium(environ: Mapping[str, str]) -> Iterator[Browser]:
    """A headless Chromium with a profile of its own.

    Without one on this machine: root on Debian installs it; else, with CI set the test fails, without it is skipped.
    """
    browser, driver = _find() or _install_or_give_up(environ)
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="greenflash-browser-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen([driver, f"--port={port}", "--silent"], stdout=subprocess.DEVNULL)
        try:
            _wait_for(port, process)
            window = Browser(port, _capabilities(browser, profile))
            yield window
            window.close()
        finally:
            process.terminate()
            process.wait(120)


def _find() -> tuple[str, str] | None:
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


def _install_or_give_up(environ: Mapping[str, str]) -> tuple[str, str]:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
            subprocess.run(["apt-get", *command], env=quiet, stdout=subprocess.DEVNULL, check=False)
        if found := _find():
            return found
    reason = f"no Chromium with chromedriver here: install them (Debian: apt-get install {' '.join(PACKAGES)})"
    if environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _capabilities(browser: str, profile: str) -> dict[str, object]:
    # Chromium's own sandbox refuses to work for root, which is whom containers and CI machines run tests as.
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments = [*_ARGUMENTS, *root, f"--user-data-dir={profile}"]
    return {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": browser, "args": arguments},
        "goog:loggingPrefs": {"browser": "ALL"},
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None, "chromedriver ended by itself"
            assert time.monotonic() < deadline, "chromedriver doesn't answer"
            time.sleep(0.05)
