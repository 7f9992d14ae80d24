"""The SDK is the contract: its arguments, its types, its wire names, its bodies."""

from __future__ import annotations

import inspect
import json
import typing
from datetime import UTC, datetime
from decimal import Decimal

import greenflash
import httpx
import pytest
from greenflash.types import EventCreateParams
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenflash_kafka.delivery.endpoint import DEFAULT_BASE_URL
from greenflash_kafka.delivery.sdk_request import capture
from greenflash_kafka.model.event import FIELD, FIELDS, Event, Field, refusals
from tests.oracle.plain_event import render

HINTS = typing.get_type_hints(EventCreateParams, include_extras=True)


class Capturing:
    """The SDK's client, with a network that only remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []
        http = httpx.Client(transport=httpx.MockTransport(self._answer), trust_env=False)
        self.client = greenflash.Greenflash(
            api_key="sk-test", base_url="https://api.example/v1", max_retries=0, http_client=http
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(200, json={"success": True, "eventId": "e"})

    def create(self, **arguments: object) -> httpx.Request:
        """The request that `events.create` makes of these arguments."""
        self.sent.clear()
        self.client.events.create(**arguments)  # type: ignore[arg-type]
        return self.sent[0]


@pytest.fixture(scope="module")
def sdk() -> Capturing:
    return Capturing()


# --- the field table ------------------------------------------------------------------------------------------------


def inner(hint: object) -> tuple[object, str | None, bool]:
    """A hint's type, its alias if it has one, and whether the argument is required."""
    required, alias = False, None
    while True:
        origin = typing.get_origin(hint)
        if origin is typing.Required or getattr(origin, "__name__", "") == "Required":
            required, hint = True, typing.get_args(hint)[0]
        elif origin is typing.Annotated:
            hint, *notes = typing.get_args(hint)
            alias = next((note.alias for note in notes if getattr(note, "alias", None)), alias)
        else:
            return hint, alias, required


def test_the_fields_are_the_sdks_arguments() -> None:
    assert len(FIELDS) == 17
    assert set(FIELD) == set(HINTS)
    arguments = inspect.signature(greenflash.resources.EventsResource.create).parameters
    assert set(FIELD) == set(arguments) - {"self", "extra_headers", "extra_query", "extra_body", "timeout"}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_is_as_the_sdk_types_it(field: Field) -> None:
    kind, alias, required = inner(HINTS[field.name])
    assert field.wire == (alias or field.name)
    assert field.required == required
    expected = {
        "text": str,
        "uuid": str,
        "score": float,
        "boolean": bool,
    }
    if field.kind == "enum":
        assert typing.get_origin(kind) is typing.Literal
        assert set(field.choices) == set(typing.get_args(kind))
    elif field.kind == "time":
        assert set(typing.get_args(kind)) == {str, datetime}
    elif field.kind == "object":
        assert (typing.get_origin(kind), typing.get_args(kind)) == (dict, (str, object))
    else:
        assert kind == expected[field.kind]


def test_required_in_the_table_is_required_by_the_sdk() -> None:
    parameters = inspect.signature(greenflash.resources.EventsResource.create).parameters
    assert {field.name for field in FIELDS if field.required} == {
        name for name, parameter in parameters.items() if parameter.default is parameter.empty and name != "self"
    }


def test_the_default_base_url_is_the_sdks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GREENFLASH_BASE_URL", raising=False)
    assert str(greenflash.Greenflash(api_key="x").base_url).rstrip("/") == DEFAULT_BASE_URL


# --- bodies ---------------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
UUIDS = st.uuids().map(str)
NUMBERS = st.one_of(
    st.integers(min_value=-(10**20), max_value=10**20),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
)
JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), TEXT, st.just(""), NUMBERS),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(TEXT, children, max_size=4),
    max_leaves=12,
)
TIMES = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)).map(  # noqa: DTZ001 - for hypothesis
    lambda naive: naive.replace(tzinfo=UTC)
)


def values(field: Field) -> st.SearchStrategy[object]:
    match field.kind:
        case "text":
            return TEXT
        case "uuid":
            return UUIDS
        case "enum":
            return st.sampled_from(field.choices)
        case "score":
            return st.decimals(min_value=field.low, max_value=field.high, places=6) | st.sampled_from([0, 1])
        case "time":
            return TIMES
        case "object":
            return st.dictionaries(TEXT, JSON_VALUES, max_size=5)
        case "boolean":
            return st.booleans()


EVENTS = st.fixed_dictionaries(
    {field.name: values(field) for field in FIELDS if field.required},
    optional={field.name: values(field) for field in FIELDS if not field.required},
)
FULL = st.fixed_dictionaries({field.name: values(field) for field in FIELDS})


def for_the_sdk(value: object) -> object:
    """The SDK can't carry decimals; it is given the nearest float."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: for_the_sdk(part) for name, part in value.items()}
    if isinstance(value, list):
        return [for_the_sdk(part) for part in value]
    return value


def comparable(body: bytes) -> dict[str, object]:
    """A body as a JSON reader sees it; the time as the instant that it means."""
    parsed: dict[str, object] = json.loads(body)
    if "eventAt" in parsed:
        parsed["eventAt"] = datetime.fromisoformat(str(parsed["eventAt"]))
    return parsed


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(fields=EVENTS | FULL)
def test_a_rendered_event_is_what_the_sdk_would_send(sdk: Capturing, fields: dict[str, object]) -> None:
    assert list(refusals(fields)) == []
    ours = render(fields)
    theirs = sdk.create(**{name: for_the_sdk(value) for name, value in fields.items()})
    # Numbers beside their floats: json reads ours as floats too, but for integers, which are equal as such.
    assert comparable(ours) == comparable(theirs.content)
    assert theirs.headers["content-type"] == "application/json"


@settings(max_examples=60, deadline=None)
@given(fields=EVENTS | FULL)
def test_what_is_read_from_a_body_is_what_was_written(fields: dict[str, object]) -> None:
    assert Event("rule", None, "id", render(fields)).fields == fields


@settings(max_examples=40, deadline=None)
@given(number=NUMBERS)
def test_numbers_lose_nothing_on_the_way(number: Decimal | int) -> None:
    body = render({"properties": {"amount": number}})
    assert json.loads(body, parse_float=Decimal)["properties"]["amount"] == number


@given(time=TIMES)
@settings(max_examples=40, deadline=None)
def test_times_are_iso_8601_with_a_z(time: datetime) -> None:
    text = json.loads(render({"event_at": time}))["eventAt"]
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == time


def test_the_captured_endpoint_is_where_the_sdk_sends_events(sdk: Capturing) -> None:
    request = sdk.create(event_type="a", product_id="b", value="c")
    endpoint = capture("https://api.example/v1", "sk-test")
    assert endpoint.url == str(request.url)
    assert request.method == "POST"
    headers = dict(endpoint.headers)
    for name in ("authorization", "content-type", "accept", "user-agent", "x-stainless-package-version"):
        assert headers[name] == request.headers[name]
