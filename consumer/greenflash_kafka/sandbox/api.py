"""The Greenflash API itself: `POST /events`, `GET /products`, `GET /interactions`, as plain ASGI.

No request or response objects on the way of an event: this is the other end of load tests, on the same core.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import msgspec

from greenflash_kafka.sandbox import answers, listings, validation
from greenflash_kafka.sandbox.answers import Receive, SandboxReply, Scope, Send
from greenflash_kafka.sandbox.faults import Faults, RevokedFault
from greenflash_kafka.sandbox.interaction_listing import InteractionListing
from greenflash_kafka.sandbox.script import Script
from greenflash_kafka.sandbox.store import Store


class Api:
    """One API with its state. `key` None: any bearer key that isn't empty is taken."""

    def __init__(self, key: str | None = None, faults: Faults | None = None) -> None:
        self.key = key
        self.store = Store()
        self.listing = InteractionListing()
        # Without faults the models of all kinds aren't built, which takes 30 ms.
        self.faults = faults or Faults.model_construct()
        self.script = Script(self.faults, time.monotonic())

    def set_faults(self, faults: Faults) -> None:
        """Begin another script; its numbers and seconds count from now."""
        self.faults = faults
        self.script = Script(faults, time.monotonic())

    def reset(self) -> None:
        """Forget all events, counts and interactions of others, and begin the script anew. The key stays."""
        self.store = Store()
        self.listing = InteractionListing()
        self.set_faults(self.faults)

    async def events(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`POST /api/v1/events`."""
        store = self.store
        store.received += 1
        body = await _body(receive)
        if body is None:
            return
        met = self.script.post(time.monotonic(), _glance(body) if self.script.reads_event else {})
        if met.kinds:
            store.faults.update(met.kinds)
            if met.seconds:
                await asyncio.sleep(met.seconds)
        fault = met.fault
        if fault is None:
            await answers.send_answer(send, self._take(scope, body))
        elif fault.store:
            await answers.send_fault(fault, self._take(scope, body), scope, receive, send)
        else:
            if isinstance(fault, RevokedFault):
                store.unauthorized += 1
            await answers.send_fault(fault, answers.UNAUTHORIZED, scope, receive, send)

    async def reads(self, scope: Scope, receive: Receive, send: Send, answer: Callable[[Scope], SandboxReply]) -> None:
        """A GET below `/api/v1`: the key and the script, then `answer`."""
        if answer == self.interactions:
            self.listing.requests.append(time.monotonic())
        met = self.script.read(time.monotonic())
        if met.kinds:
            self.store.faults.update(met.kinds)
            await asyncio.sleep(met.seconds)
        if met.fault is not None:
            await answers.send_fault(met.fault, self._authorized(scope, answer), scope, receive, send)
        else:
            await answers.send_answer(send, self._authorized(scope, answer))

    def interactions(self, scope: Scope) -> SandboxReply:
        """`GET /interactions`: filtered by `productId` and `versionId`, paged by `limit` with `page` or `offset`."""
        try:
            page, limit = _page(scope, "limit", 50)
            limit = min(limit, self.listing.script.most)
            offset = _number(scope, "offset", (page - 1) * limit, 0)
        except ValueError as error:
            return answers.refused(400, str(error))
        query = _query(scope)
        found = self.listing.listed(query.get("productId"), query.get("versionId"), time.monotonic())
        headers: tuple[tuple[bytes, bytes], ...] = (answers.JSON,)
        if offset + limit < len(found):
            following = f"{scope['path']}?limit={limit}&offset={offset + limit}"
            headers += ((b"link", f'<{following}>; rel="next"'.encode()),)
        return SandboxReply(200, msgspec.json.encode(found[offset : offset + limit]), headers)

    def _authorized(self, scope: Scope, answer: Callable[[Scope], SandboxReply]) -> SandboxReply:
        if not self._knows_key(scope):
            self.store.unauthorized += 1
            return answers.UNAUTHORIZED
        return answer(scope)

    def _take(self, scope: Scope, body: bytes) -> SandboxReply:
        """Check a request and store its event: what the API without any fault does."""
        store = self.store
        if not self._knows_key(scope):
            store.unauthorized += 1
            return answers.UNAUTHORIZED
        if len(body) > validation.MAX_BODY:
            store.rejected += 1
            return answers.TOO_LARGE
        try:
            event = validation.read(body)
        except validation.UnreadableBody as error:
            store.rejected += 1
            return answers.refused(400, str(error))
        wrong = validation.refusals(event)
        if wrong:
            store.rejected += 1
            return answers.refused(422, "Validation failed", wrong)
        received_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        return answers.created(store.keep(event, body, received_at).event_id)

    def _knows_key(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"authorization":
                scheme, _, key = value.partition(b" ")
                if scheme.lower() != b"bearer":
                    return False
                key = key.strip()
                return bool(key) if self.key is None else key == self.key.encode()
        return False


def products(scope: Scope) -> SandboxReply:
    """`GET /products`: the sandbox's one or two products, a page of them."""
    try:
        page, size = _page(scope, "pageSize", 50)
    except ValueError as error:
        return answers.refused(400, str(error))
    return SandboxReply(200, msgspec.json.encode(listings.PRODUCTS[(page - 1) * size : page * size]))


def reads_of(api: Api) -> dict[str, Callable[[Scope], SandboxReply]]:
    """What a GET of each path below `/api/v1` is answered with."""
    return {"products": products, "interactions": api.interactions}


def _page(scope: Scope, size_name: str, size: int) -> tuple[int, int]:
    return _number(scope, "page", 1, 1), min(_number(scope, size_name, size, 1), 100)


def _number(scope: Scope, name: str, default: int, least: int) -> int:
    text = _query(scope).get(name)
    if text is None:
        return default
    try:
        # The SDK types these as floats and may write 2 as 2.0.
        value = float(text)
        number = int(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{name} must be a number") from None
    if number != value or number < least:
        raise ValueError(f"{name} must be a whole number from {least} on")
    return number


def _query(scope: Scope) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}


def _glance(body: bytes) -> dict[str, Any]:
    """The body for the conditions of faults; a body that can't be read matches no pattern."""
    try:
        return validation.read(body)
    except validation.UnreadableBody:
        return {}


async def _body(receive: Receive) -> bytes | None:
    """The whole body, None when the client has gone; what is far beyond the bound is read but not kept."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return None if message["type"] == "http.disconnect" else body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        if size <= validation.MAX_BODY:
            parts.append(part)
        size += len(part)
    return b"".join(parts)
