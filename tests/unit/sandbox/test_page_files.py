"""The page: all that it asks for is there, and nothing else can run in it."""

from __future__ import annotations

import re

from tests.fakes.asked_sandbox import Asked


def test_everything_that_the_page_refers_to_is_served_with_its_type(asked: Asked) -> None:
    page = asked("GET", "/").text
    found = {f"/{name}" for name in re.findall(r'(?:src|href)="([^"/:]+)"', page)}
    assert found
    scripts = [path for path in found if path.endswith(".js")]
    for path in scripts:
        found |= {f"/{name}" for name in re.findall(r'from "\./([^"]+)"', asked("GET", path).text)}
    for path in found:
        answer = asked("GET", path)
        assert (answer.status_code, bool(answer.content)) == (200, True), path
        kind = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[path.rpartition(".")[2]]
        assert answer.headers["content-type"].startswith(kind), path


def test_the_page_has_no_inline_code_which_its_own_policy_would_refuse(asked: Asked) -> None:
    answer = asked("GET", "/")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=|<style", answer.text)
