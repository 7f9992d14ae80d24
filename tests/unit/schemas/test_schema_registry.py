"""The registry's adapter, against a registry of our own and whatever else may answer in its place."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from greenflash_kafka.clock import SystemClock
from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaRefused
from greenflash_kafka.schemas.registry_connection import RegistrySettings
from greenflash_kafka.schemas.schema_registry import SchemaRegistry
from tests.brokers.authority import Authority
from tests.brokers.tokens import TokenService
from tests.fakes.raw_server import answer
from tests.registries import scripted
from tests.registries.scripted import ScriptedRegistry
from tests.waiting import until

GUID = bytes(range(16))


class Heard:
    """A listener that keeps notices and numbers."""

    def __init__(self) -> None:
        self.notices: list[tuple[str, dict[str, object]]] = []
        self.counts: dict[tuple[str, ...], int] = {}
        self.gauges: dict[str, float] = {}

    def notice(self, name: str, **facts: object) -> None:
        self.notices.append((name, facts))

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        self.counts[metric, *labels] = self.counts.get((metric, *labels), 0) + amount

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        del labels
        self.gauges[metric] = value

    def observe(self, *_: object) -> None:
        """Nothing."""

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.notices]


class Ahead(SystemClock):
    """The machine's clock, and some seconds more."""

    def __init__(self) -> None:
        self.more = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.more


@pytest.fixture
def server() -> Iterator[ScriptedRegistry]:
    made = ScriptedRegistry("/apis/ccompat/v7")
    yield made
    made.close()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


Make = Callable[..., SchemaRegistry]


@pytest.fixture
def make(server: ScriptedRegistry, heard: Heard, clock: Ahead) -> Iterator[Make]:
    made: list[SchemaRegistry] = []

    def made_of(
        properties: Callable[[], Mapping[str, str]] = dict, url: str = "", timeout: float = 5.0
    ) -> SchemaRegistry:
        settings = RegistrySettings(tuple((url or server.url).split(",")), properties, timeout)
        made.append(SchemaRegistry(settings, clock, heard))
        return made[-1]

    yield made_of
    for each in made:
        each.close()


def found(registry: SchemaRegistry, key: SchemaKey) -> Schema | SchemaRefused:
    """What is known of a key, once something is."""

    def known() -> bool:
        registry.poll()
        return registry.find(key) is not None

    until(known, f"schema {key!r}", 20, every=0.001)
    result = registry.find(key)
    assert result is not None
    return result


def test_a_schema_is_asked_for_once_by_its_id(server: ScriptedRegistry, make: Make, heard: Heard) -> None:
    server.add(7, '"string"', subject="orders-value", version=3)
    registry = make()
    assert registry.find(7) is None
    assert found(registry, 7) == Schema("avro", '"string"')
    for _ in range(3):
        registry.poll()
    assert server.asked == ["/apis/ccompat/v7/schemas/ids/7"]
    assert heard.names == ["schema_read"]
    assert heard.counts["schema_requests", "status-200"] == 1
    assert heard.gauges["schemas_known"] == 1


def test_a_schema_is_found_by_its_guid(server: ScriptedRegistry, make: Make) -> None:
    server.add(7, "{}", kind="JSON", guid="00010203-0405-0607-0809-0a0b0c0d0e0f")
    assert found(make(), GUID) == Schema("json-schema", "{}")
    assert server.asked == ["/apis/ccompat/v7/schemas/guids/00010203-0405-0607-0809-0a0b0c0d0e0f"]


def test_references_come_each_after_those_that_it_refers_to_itself(server: ScriptedRegistry, make: Make) -> None:
    server.add(1, "money", subject="a/money", version=2)
    server.add(2, "item", subject="item", references=[("Money", "a/money", 2)])
    server.add(7, "order", references=[("Item", "item", 1), ("Money", "a/money", 2)])
    schema = found(make(), 7)
    assert schema == Schema("avro", "order", (("Money", "money"), ("Item", "item")))
    assert sum("a%2Fmoney/versions/2" in path for path in server.asked) == 1


def test_protobuf_comes_as_descriptors_where_the_registry_has_them(server: ScriptedRegistry, make: Make) -> None:
    server.add(1, "message Money {}", kind="PROTOBUF", subject="money")
    server.add(7, "message Order {}", kind="PROTOBUF", references=[("money.proto", "money", 1)])
    server.serialized |= {"message Money {}": "TQ==", "message Order {}": "Tw=="}
    registry = make()
    assert found(registry, 7) == Schema("protobuf", "Tw==", (("money.proto", "TQ=="),))
    text = registry.text_of(7)
    assert text is not None
    assert text.text == "message Order {}"


@pytest.mark.parametrize("status", [400, 404, 422, 501])
def test_a_registry_without_descriptors_gives_texts(server: ScriptedRegistry, make: Make, status: int) -> None:
    server.serialized_status = status
    server.add(7, "message Order {}", kind="PROTOBUF")
    assert found(make(), 7) == Schema("protobuf", "message Order {}")


def test_a_registry_whose_descriptors_fail_is_asked_again(server: ScriptedRegistry, make: Make) -> None:
    server.serialized_status = 503
    server.add(7, "message Order {}", kind="PROTOBUF")
    server.serialized["message Order {}"] = "Tw=="
    registry = make()
    registry.find(7)
    until(lambda: (registry.poll(), len(server.asked) >= 3)[1], "another try", 20, every=0.001)
    server.serialized_status = None
    assert found(registry, 7) == Schema("protobuf", "Tw==")


@pytest.mark.parametrize(
    ("add", "text"),
    [
        ({"kind": "THRIFT"}, "its type"),
        ({"references": [("../../etc/passwd", "s", 1)]}, "leads out of a folder"),
        ({"references": [("/etc/passwd", "s", 1)]}, "leads out of a folder"),
        ({"references": [(f"r{n}", f"s{n}", 1) for n in range(101)]}, "more than 100"),
    ],
)
def test_what_cannot_be_used_is_refused(
    server: ScriptedRegistry, make: Make, heard: Heard, add: dict[str, object], text: str
) -> None:
    server.add(7, "{}", **add)  # type: ignore[arg-type]
    refused = found(make(), 7)
    assert isinstance(refused, SchemaRefused)
    assert refused.code == "bad-schema"
    assert text in refused.text
    assert "schema 7" in refused.text
    assert heard.names == ["schema_unusable"]


def test_a_body_over_the_limit_is_no_schema_and_is_not_read(server: ScriptedRegistry, make: Make) -> None:
    server.trouble = scripted.huge(1_000_000_000, scripted.JSON)
    refused = found(make(), 7)
    assert isinstance(refused, SchemaRefused)
    assert refused.code == "bad-schema"


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (scripted.replies(200, b"<html>log in</html>", "Content-Type: text/html"), "status-200"),
        (scripted.replies(302, b"", "Location: https://elsewhere.invalid/"), "status-302"),
        (scripted.replies(404, b"RESTEASY003210"), "status-404"),
        (scripted.replies(429, b"{}", "Retry-After: 0"), "status-429"),
        (scripted.replies(500), "status-500"),
        (scripted.huge(10_000_000, "Content-Type: text/html"), "too-large"),
        (lambda exchange: exchange.send(b"no HTTP at all\r\n\r\n"), "protocol"),
        (lambda exchange: exchange.finish(), "reset"),
        (scripted.silence, "timeout"),
        (scripted.dripping, "timeout"),
    ],
)
def test_whatever_answers_in_its_place_is_waited_out(
    server: ScriptedRegistry, make: Make, heard: Heard, trouble: scripted.Trouble, code: str
) -> None:
    server.trouble = trouble
    server.add(7, '"string"')
    registry = make(timeout=0.3)
    registry.find(7)
    longest = 0.0

    def failed() -> bool:
        nonlocal longest
        began = time.process_time()
        registry.poll()
        longest = max(longest, time.process_time() - began)
        return heard.counts.get(("schema_requests", code), 0) > 0

    until(failed, f"the answer {code}", 20, every=0.001)
    assert longest < 0.2, "poll has to return at once"
    assert registry.find(7) is None
    server.trouble = None
    assert found(registry, 7) == Schema("avro", '"string"')


def test_a_wrong_path_is_no_unknown_schema(server: ScriptedRegistry, make: Make) -> None:
    server.add(7, '"string"')
    registry = make(url=server.url.removesuffix("/v7"))
    registry.find(7)
    until(lambda: (registry.poll(), "path" in registry.waits()[7])[1], "the reason", 20, every=0.001)


def test_a_failing_registry_is_reported_after_ten_seconds_and_once_it_works(
    server: ScriptedRegistry, make: Make, heard: Heard, clock: Ahead
) -> None:
    server.trouble = scripted.replies(503)
    server.add(7, '"string"')
    registry = make()
    registry.find(7)
    until(lambda: (registry.poll(), registry.has_failed(7))[1], "a failure", 20, every=0.001)
    assert heard.notices == []
    assert registry.stalled == ""
    clock.more += 11
    registry.find(7)
    until(lambda: (registry.poll(), heard.notices)[1], "the notice", 20, every=0.001)
    ((name, facts),) = heard.notices
    assert name == "schema_registry_failing"
    assert facts["code"] == "status-503"
    assert "503" in registry.stalled
    assert heard.gauges["schema_registry_failing_seconds"] > 10
    server.trouble = None
    clock.more += 60
    found(registry, 7)
    until(lambda: (registry.poll(), heard.gauges["schema_registry_failing_seconds"] == 0)[1], "0", 5, every=0.01)
    assert heard.names == ["schema_registry_failing", "schema_read", "schema_registry_working"]
    assert registry.stalled == ""


def test_the_next_url_is_asked_when_one_fails(server: ScriptedRegistry, make: Make) -> None:
    server.add(7, '"string"')
    assert found(make(url=f"http://127.0.0.1:9,{server.url}"), 7) == Schema("avro", '"string"')


def test_credentials_are_read_again_after_each_refusal(
    server: ScriptedRegistry, make: Make, heard: Heard, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("ann:old-password")
    server.authorized = scripted.basic("ann:new:pässword")
    server.add(7, '"string"')
    registry = make(lambda: {"basic.auth.user.info": secret.read_text()})
    registry.find(7)
    until(lambda: (registry.poll(), heard.notices)[1], "the notice", 20, every=0.001)
    assert heard.names == ["schema_registry_refused"]
    secret.write_text("ann:new:pässword")
    assert found(registry, 7) == Schema("avro", '"string"')
    assert heard.names[-1] == "schema_registry_working"


def test_a_static_token_goes_with_each_question(server: ScriptedRegistry, make: Make) -> None:
    server.authorized = scripted.bearer("t-1")
    server.add(7, '"string"')
    properties = {"bearer.auth.credentials.source": "STATIC_TOKEN", "bearer.auth.token": "t-1"}
    assert found(make(lambda: properties), 7) == Schema("avro", '"string"')


def test_a_token_is_had_from_its_service_and_anew_when_it_is_refused(
    server: ScriptedRegistry, make: Make, heard: Heard, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    tokens = TokenService(authority.server("localhost"), tmp_path / "keys.json")
    try:
        tokens.secrets["client"] = "s+cret"
        tokens.seconds = 300
        server.add(7, '"string"')
        server.add(8, '"int"')
        seen: list[str | None] = []

        def authorized(header: str | None) -> bool:
            # The first question's token is taken back.
            seen.append(header)
            return header is not None and header.startswith("Bearer ey") and len(seen) > 1

        server.authorized = authorized
        registry = make(
            lambda: {
                "bearer.auth.credentials.source": "OAUTHBEARER",
                "bearer.auth.issuer.endpoint.url": tokens.url,
                "bearer.auth.client.id": "client",
                "bearer.auth.client.secret": "s+cret",
                "bearer.auth.scope": "schemas",
                "ssl.ca.location": str(authority.ca_file),
            }
        )
        registry.find(7)
        registry.find(8)
        assert found(registry, 7) == Schema("avro", '"string"')
        assert found(registry, 8) == Schema("avro", '"int"')
        assert tokens.asked == 2
        assert heard.counts["schema_requests", "status-200"] == 2
    finally:
        tokens.close()


def test_a_token_service_that_refuses_is_named(make: Make, heard: Heard, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    tokens = TokenService(authority.server("localhost"), tmp_path / "keys.json")
    try:
        registry = make(
            lambda: {
                "bearer.auth.credentials.source": "OAUTHBEARER",
                "bearer.auth.issuer.endpoint.url": tokens.url,
                "bearer.auth.client.id": "client",
                "bearer.auth.client.secret": "wrong-secret",
                "ssl.ca.location": str(authority.ca_file),
            }
        )
        registry.find(7)
        until(lambda: (registry.poll(), heard.notices)[1], "the notice", 20, every=0.001)
        ((name, facts),) = heard.notices
        assert name == "schema_registry_refused"
        assert "token endpoint" in str(facts["text"])
        assert "wrong-secret" not in str(heard.notices)
    finally:
        tokens.close()


def test_a_wrong_certificate_and_a_missing_one_are_no_way_in(heard: Heard, clock: Ahead, tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ours.server("localhost"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ours.ca_file)
    server = ScriptedRegistry(tls=context)
    certificate, key = ours.client("greenflash", "key-password")
    server.add(7, '"string"')
    given = {"ssl.ca.location": str(theirs.ca_file)}
    registry = SchemaRegistry(RegistrySettings((server.url,), lambda: given), clock, heard)
    try:
        registry.find(7)
        until(lambda: (registry.poll(), registry.has_failed(7))[1], "a failure", 20, every=0.001)
        assert "TLS" in registry.waits()[7]
        given = {
            "ssl.ca.location": str(ours.ca_file),
            "ssl.certificate.location": str(certificate),
            "ssl.key.location": str(key),
            "ssl.key.password": "key-password",
        }
        again = SchemaRegistry(RegistrySettings((server.url,), lambda: given), clock, heard)
        assert found(again, 7) == Schema("avro", '"string"')
        again.close()
    finally:
        registry.close()
        server.close()


def test_an_unknown_id_is_said_once_and_refused_after_its_time(
    server: ScriptedRegistry, make: Make, heard: Heard, clock: Ahead
) -> None:
    server.add(1, '"string"')
    registry = make()
    found(registry, 1)
    registry.find(7)
    until(lambda: (registry.poll(), registry.has_failed(7))[1], "an answer", 20, every=0.001)
    assert heard.names == ["schema_read", "schema_wanted"]
    assert registry.stalled == ""
    clock.more += 61
    refused = found(registry, 7)
    assert isinstance(refused, SchemaRefused)
    assert refused.code == "unknown-schema"
    assert heard.names == ["schema_read", "schema_wanted", "schema_unknown"]


def test_a_schema_with_rules_of_its_own_is_said(server: ScriptedRegistry, make: Make, heard: Heard) -> None:
    server.add(7, '"string"', rule_set={"domainRules": [{"type": "ENCRYPT"}]})
    found(make(), 7)
    assert heard.names == ["schema_read", "schema_has_rules"]


def test_fields_that_a_schema_lacks_are_said_once(make: Make, heard: Heard) -> None:
    registry = make()
    for _ in range(3):
        registry.lacks("orders", 7, ["totl", "a"])
        registry.lacks("orders", 8, [])
    assert heard.notices == [("schema_lacks_field", {"topic": "orders", "schema": "7", "fields": ["a", "totl"]})]


def test_nothing_is_done_while_nothing_is_wanted(make: Make, server: ScriptedRegistry) -> None:
    registry = make()
    assert all(registry.poll() == () for _ in range(10))
    assert server.asked == []


def test_a_setting_that_libcurl_does_not_take_holds_and_is_said(server: ScriptedRegistry, make: Make) -> None:
    server.trouble = lambda exchange: exchange.send(answer(200, b'{"schema": "{}"}', scripted.JSON))
    registry = make(lambda: {"ssl.ca.location": "/nowhere/ca.pem"}, url="https://localhost:9")
    registry.find(7)
    until(lambda: (registry.poll(), registry.has_failed(7))[1], "a failure", 20, every=0.001)
    assert registry.find(7) is None
