"""`/_sandbox/*`: the paths that tests and the page use to read and change the sandbox."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from greenflash_kafka.sandbox.answers import REDIRECTED
from greenflash_kafka.sandbox.api import Api
from greenflash_kafka.sandbox.conversation_totals import ByChance
from greenflash_kafka.sandbox.fault_files import FaultsInvalid, parse
from greenflash_kafka.sandbox.faults import KINDS
from greenflash_kafka.sandbox.interaction_listing import read_change

_CHUNK: Final = 2000
_LIVE: Final = 50


def json_response(value: Any, status: int = 200) -> Response:
    """Any value as a JSON response."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def routes(api: Api) -> list[Route]:
    """The control endpoints of one API."""
    control = _Control(api)
    return [
        Route("/_sandbox/events", control.events),
        Route("/_sandbox/stats", control.stats),
        Route("/_sandbox/live", control.live),
        Route("/_sandbox/conversations", control.conversations, methods=["GET"]),
        Route("/_sandbox/conversations", control.set_by_chance, methods=["POST"]),
        Route("/_sandbox/interactions", control.interactions, methods=["GET"]),
        Route("/_sandbox/interactions", control.set_interactions, methods=["POST"]),
        Route("/_sandbox/conflicts", control.conflicts),
        Route("/_sandbox/faults", control.faults, methods=["GET"]),
        Route("/_sandbox/faults", control.set_faults, methods=["POST", "PUT"]),
        Route("/_sandbox/key", control.set_key, methods=["POST"]),
        Route("/_sandbox/reset", control.reset, methods=["POST"]),
        Route(REDIRECTED, control.redirected, methods=["GET", "POST"]),
    ]


class _Control:
    """Each method is an endpoint."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def stats(self, _: Request) -> Response:
        return json_response(self._api.store.stats())

    async def events(self, request: Request) -> Response:
        """All stored events in order, as one JSON list; `?after=N&limit=N` gives a part."""
        try:
            after = _count(request, "after") or 0
            limit = _count(request, "limit")
        except ValueError as error:
            return json_response({"error": str(error)}, 400)
        store = self._api.store

        async def chunks() -> AsyncIterator[bytes]:
            end = len(store.events) if limit is None else min(len(store.events), after + limit)
            yield b"["
            for at in range(after, end, _CHUNK):
                size = min(_CHUNK, end - at)
                yield (b"," if at > after else b"") + b",".join(each.to_json() for each in store.listing(at, size))
            yield b"]"

        return StreamingResponse(chunks(), media_type="application/json")

    async def live(self, request: Request) -> Response:
        """What the page asks for over and over: sums, and the newest events after number `?after=N` of `?epoch=`."""
        try:
            after = _count(request, "after") or 0
        except ValueError as error:
            return json_response({"error": str(error)}, 400)
        store = self._api.store
        number = len(store.events)
        known = request.query_params.get("epoch") == store.epoch
        first = max(after if known else 0, number - _LIVE, 0)
        listed = list(store.listing(first))
        return json_response(
            {
                "epoch": store.epoch,
                "number": number,
                "first": first,
                "stats": store.stats(),
                "types": {name: _plain(totals) for name, totals in store.totals.by_type.items()},
                "conversations": store.conversations.summary(),
                "any_key": self._api.key is None,
                "events": [msgspec.Raw(each.to_json()) for each in listed],
            }
        )

    async def conversations(self, _: Request) -> Response:
        """Which conversations outcomes belong to, and the money that followed them."""
        return json_response(self._api.store.conversations.summary())

    async def set_by_chance(self, request: Request) -> Response:
        """Show the share that coincidence would link: `{"by_chance": {"linked": 3, "of": 390}}`, or null for none."""
        try:
            told = msgspec.json.decode(await request.body(), type=_Told)
        except msgspec.DecodeError:
            return json_response({"error": 'send {"by_chance": {"linked": 3, "of": 390}}, or {"by_chance": null}'}, 400)
        self._api.store.conversations.by_chance = told.by_chance
        return json_response({"ok": True})

    async def interactions(self, _: Request) -> Response:
        """How interactions are listed, how many there are, and when they were asked for (seconds on a steady clock)."""
        listing = self._api.listing
        script = msgspec.to_builtins(listing.script)
        return json_response({**script, "count": len(listing), "requests": listing.requests})

    async def set_interactions(self, request: Request) -> Response:
        """Change what `GET /interactions` lists, and how: `InteractionChange`."""
        try:
            self._api.listing.change(read_change(await request.body()), time.monotonic())
        except ValueError as error:
            return json_response({"error": str(error)}, 400)
        return json_response({"ok": True})

    async def conflicts(self, _: Request) -> Response:
        """Requests that came under a known `insertId` with another content: both bodies, at most the first 1,000."""
        return json_response(self._api.store.conflicts)

    async def faults(self, _: Request) -> Response:
        """The script at work, and every kind there is."""
        script = {
            "seed": self._api.faults.seed,
            "faults": [each.model_dump(exclude_none=True) for each in self._api.faults.faults],
        }
        return json_response({**script, "kinds": list(KINDS)})

    async def set_faults(self, request: Request) -> Response:
        """Begin another script, YAML or JSON; an empty body or list ends all faults."""
        try:
            script = parse(await request.body(), "faults")
        except FaultsInvalid as error:
            return json_response({"error": str(error)}, 400)
        self._api.set_faults(script)
        return json_response({"faults": len(script.faults)})

    async def set_key(self, request: Request) -> Response:
        """Take `{"key": "..."}` from now on and no other; null takes any."""
        try:
            key = msgspec.json.decode(await request.body(), type=_Key).key
        except msgspec.DecodeError:
            return json_response({"error": 'send {"key": "..."}, or {"key": null} to take any'}, 400)
        if key == "":
            return json_response({"error": "the key must not be empty"}, 400)
        self._api.key = key
        return json_response({"ok": True})

    async def reset(self, _: Request) -> Response:
        """Forget events and counts and begin the script anew; the key stays."""
        self._api.reset()
        return json_response({"ok": True})

    async def redirected(self, _: Request) -> Response:
        """What a followed redirect finds: it looks like success, and nothing is stored."""
        self._api.store.redirected += 1
        return json_response({"success": True, "eventId": "00000000-0000-4000-8000-000000000000"})


class _Told(msgspec.Struct, forbid_unknown_fields=True):
    by_chance: ByChance | None


class _Key(msgspec.Struct, forbid_unknown_fields=True):
    key: str | None


def _count(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ValueError(f"{name} must be a whole number from 0 on")
    return int(text)


def _plain(totals: Any) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(totals, name) for name in totals.__struct_fields__}
    # Amounts as text: JavaScript has no exact numbers.
    found["money"] = {currency: format(amount, "f") for currency, amount in totals.money.items()}
    return found
