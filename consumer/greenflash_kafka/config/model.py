"""All configuration keys as one frozen value: types, ranges, defaults, and the purpose of each.

The file, the environment variables, the flags and docs/configuration.md all follow from these models.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from greenflash_kafka.delivery.endpoint import DEFAULT_BASE_URL, check_base_url
from greenflash_kafka.dlq.limit import SAMPLE, WINDOW, Limits
from greenflash_kafka.documents.closed_model import ClosedModel
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.schemas.registry_address import registry_urls


def _start(value: object) -> object:
    """`latest`, `earliest`, or a point in time (ISO 8601; without a zone it is UTC)."""
    if value in ("latest", "earliest") or isinstance(value, datetime):
        return value
    try:
        return datetime_in_utc(str(value))
    except ValueError:
        said = f"is {value!r}, which is neither latest, earliest nor a time such as 2026-11-18T00:00:00Z"
        raise ValueError(said) from None


def datetime_in_utc(text: str) -> datetime:
    """A point in time of ISO 8601; without a zone it is UTC. Raises ValueError."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _paths(value: object) -> object:
    return [value] if isinstance(value, str | Path) else value


def _none(value: object) -> object:
    """`none` switches a limit off, also where YAML's null can't be written."""
    return None if isinstance(value, str) and value.strip().lower() in ("", "none", "null") else value


def _end(value: object) -> object:
    """`now`, or a point in time as `_start` takes it."""
    if value == "now":
        return value
    try:
        return value if isinstance(value, datetime) else datetime_in_utc(str(value))
    except ValueError:
        raise ValueError(f"is {value!r}, which is neither now nor a time such as 2026-11-18T00:00:00Z") from None


End = Annotated[
    Literal["now"] | datetime,
    BeforeValidator(_end),
    WithJsonSchema({"type": "string", "pattern": r"^(now|\d{4}-\d\d-\d\d.*)$"}),
]
Start = Annotated[
    Literal["latest", "earliest"] | datetime,
    BeforeValidator(_start),
    WithJsonSchema({"type": "string", "pattern": r"^(latest|earliest|\d{4}-\d\d-\d\d.*)$"}),
]
Paths = Annotated[
    tuple[Path, ...],
    BeforeValidator(_paths),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1}),
]


def _or_none(schema: dict[str, Any]) -> None:
    schema["anyOf"].append({"const": "none"})


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, le=86400 * 7, allow_inf_nan=False)]


class Kafka(ClosedModel):
    """Where messages come from."""

    bootstrap_servers: str = Field(
        default="", description="Brokers to ask first: `host:port`, several separated by commas. Required."
    )
    group: str = Field(
        default="greenflash-kafka",
        min_length=1,
        max_length=249,
        description="Consumer group; offsets are kept under this name.",
    )
    group_protocol: Literal["classic", "consumer"] = Field(
        default="classic",
        description="`classic` (cooperative-sticky) or `consumer` (KIP-848; needs Apache Kafka 4.0 or later). "
        "It picks the defaults that belong to it.",
    )
    assignor: Literal["cooperative-sticky", "range", "roundrobin"] = Field(
        default="cooperative-sticky",
        description="How a `classic` group shares its partitions; all members have to use the same. `range` and "
        "`roundrobin` take everything away at each change, and are for groups whose other members do so. Under "
        "`consumer` the broker decides.",
    )
    start: Start = Field(
        default="latest",
        description="Where a group without offsets starts: `latest`, `earliest`, or a time (`2026-11-18T00:00:00Z`; "
        "without a zone it is UTC). Committed at once, so it decides only the very first start.",
    )
    on_missing_offsets: Literal["halt", "continue"] = Field(
        default="halt",
        description="When messages are gone before they were read (retention, or a recreated topic): `halt` that "
        "partition and say which range is missing, or `continue` behind the gap. The other partitions always go on.",
    )
    topic_ids: Literal["required", "optional"] = Field(
        default="required",
        description="Topic ids are part of the `insert_id` of rules without their own. `optional` accepts brokers that "
        "have none (before Apache Kafka 2.8); there a deleted and recreated topic repeats ids.",
    )
    oauth_token_url: str | None = Field(
        default=None,
        description="Token endpoint for SASL OAUTHBEARER (OIDC); https only.",
        examples=["https://login/token"],
    )
    insecure_tls: bool = Field(
        default=False,
        description="Allows `properties` to switch off the check of the broker's certificate: for tests only.",
    )
    properties: dict[str, object] = Field(
        default_factory=dict,
        description="Any librdkafka property (TLS, SASL, tuning) but those that greenflash-kafka owns and those that "
        "run code. Secrets are written `${NAME}` (environment, or the file that `NAME_FILE` names) or `${file:/path}`. "
        "As environment variables: `sasl.password` is `GREENFLASH_KAFKA_KAFKA__PROPERTIES__SASL_PASSWORD`.",
    )

    @field_validator("oauth_token_url")
    @classmethod
    def _https(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
                raise ValueError("is not an https address without user name and password")
        return value


class Greenflash(ClosedModel):
    """Where events go."""

    allow_http: bool = Field(
        default=False, description="Allows `http:` in `base_url` on other hosts. The key is readable then."
    )
    base_url: str = Field(default=DEFAULT_BASE_URL, description="The API's address, without `/events`.")
    api_key: SecretStr | None = Field(
        default=None,
        description="The API key; only from the environment, or as `${NAME}`. Never readable in the file.",
    )
    api_key_file: Path | None = Field(
        default=None,
        description="File that holds the API key; read again when the service refuses the key while running.",
    )
    ca_file: Path | None = Field(
        default=None, description="Certificate authorities to trust (PEM) in place of certifi's."
    )
    proxy: str | None = Field(
        default=None,
        repr=False,
        description="HTTP proxy for the way to the API: `http://host:port`, or `${NAME}` if it takes a password. "
        "HTTP_PROXY and its like are not read.",
    )
    timeout_seconds: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)] = Field(
        default=30.0, description="Total time for one request, from the first byte sent to the last one received."
    )

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str, info: ValidationInfo) -> str:
        try:
            return check_base_url(value, allow_http=bool(info.data.get("allow_http")))
        except ConfigInvalid as error:
            raise ValueError(str(error).removeprefix("greenflash.base_url ")) from None

    @field_validator("proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        if value is not None and proxy_parts(value) is None:
            raise ValueError("is not a proxy's address; write http://host:port")
        return value


class Delivery(ClosedModel):
    """How events are sent."""

    transport: Literal["curl", "sdk"] = Field(
        default="curl", description="`curl` (fast), or `sdk`: the official Python SDK, where its hooks are needed."
    )
    in_flight: int = Field(
        default=128, ge=1, le=900, description="The most requests at once. More than 128 seldom helps."
    )
    concurrency: Literal["adaptive", "fixed"] = Field(
        default="adaptive",
        description="`adaptive`: fewer concurrent requests while Greenflash requests waits or only queues them. "
        "`fixed`: always `in_flight`.",
    )
    max_uncommitted: int = Field(
        default=10_000,
        ge=1,
        le=10_000_000,
        description="Messages of one partition whose events may have been sent while no confirmed commit is past them: "
        "so many, and a batch of 500, a crash sends again at most. It commits as often as that takes. A partition that "
        "still gets so far (behind a message that can't be delivered, or without confirmed commits) pauses alone, and "
        "after a second a notice names offset, rule and status.",
    )
    max_uncommitted_seconds: Seconds | None = Field(
        default=None, description="The same limit by the age of the oldest message in hand; empty: none."
    )
    give_up_after: Seconds | None = Field(
        default=None,
        description="Seconds after which an event that alone fails, while others pass, goes to the dead-letter topic; "
        "empty: never, it is retried for as long as it takes.",
    )
    drain_seconds: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = Field(
        default=25.0,
        description="Time to finish what is in hand after SIGTERM. Kubernetes kills after 30 s unless told otherwise.",
    )
    order: Literal["none", "key"] = Field(
        default="none",
        description="`none`: events go out as they come. `key`: of the messages of one partition with the same key, an "
        "event goes out once the one before is accepted or refused for good; one that waits holds its own key alone.",
    )
    max_events_per_second: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = Field(
        default=None,
        description="The most events a second of this process, retries included. Empty: no limit.",
    )


class DeadLetterTopic(ClosedModel):
    """Where messages go that can't become events, or that Greenflash refuses for good."""

    topic: str = Field(
        default="",
        max_length=249,
        pattern=r"^[A-Za-z0-9._-]*$",
        description="The dead-letter topic. Required, and never created by greenflash-kafka.",
    )
    max_invalid_ratio: Annotated[Share | None, BeforeValidator(_none)] = Field(
        default=0.5,
        json_schema_extra=_or_none,
        description=f"The largest share of dead letters among a topic's latest {WINDOW:,} messages that rules ask for "
        f"({SAMPLE} at least); above it the process ends, before writing more. `none`: no such limit.",
    )
    max_consecutive: Annotated[Positive | None, BeforeValidator(_none)] = Field(
        default=500,
        json_schema_extra=_or_none,
        description="The most dead letters of one topic in a row; at one more the process ends and doesn't write it. "
        "`none`: no such limit.",
    )

    @property
    def limits(self) -> Limits:
        """Both limits, as the pipeline takes them."""
        return Limits(self.max_invalid_ratio, self.max_consecutive)


class Http(ClosedModel):
    """Metrics (`/metrics`, Prometheus text) and health (`/health/live`, `/health/ready`)."""

    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on; `0.0.0.0` in a container.")
    port: int = Field(default=9464, ge=0, le=65535, description="Port to listen on; 0: any free one.")


class Rules(ClosedModel):
    """How mapping files are evaluated."""

    max_items: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="The most items of a message's `each`; over it the message is invalid (`limit`).",
    )
    hash_key: SecretStr | None = Field(
        default=None,
        description="Key of the rules' `hash()`; only from the environment, or as `${NAME}`. "
        "Another key gives other hashes.",
    )
    hash_key_file: Path | None = Field(default=None, description="File that holds the key of `hash()`.")


class Linking(ClosedModel):
    """How events are linked to conversations, if a rule has `link`."""

    directory: Path | None = Field(
        default=None,
        description="Folder of the table of conversations, on a local disk: about 100 bytes an activity that may still "
        "be asked for. The table is a cache and may be deleted at any time while nothing runs. Empty: "
        "`greenflash-kafka` in this user's cache folder (`XDG_CACHE_HOME`, else `~/.cache`).",
    )
    give_up_after: Seconds | None = Field(
        default=None,
        description="Seconds after which a message waits no longer for conversations that can't be read: its events go "
        "out without a link, counted as `not-ready`. Empty: never, topics that link wait for as long as it takes.",
    )


class SchemaRegistryOptions(ClosedModel):
    """Where the schemas of messages are that name one: Confluent's registry, or one with its API (Apicurio, Karapace,
    Redpanda)."""

    allow_http: bool = Field(
        default=False, description="Allows `http:` in `url` on other hosts. Credentials are readable then."
    )
    url: str | None = Field(
        default=None,
        description="The registry's address, with its path if it has one (`https://host/apis/ccompat/v7`); several, "
        "separated by commas, are asked in turn when one fails. Empty: no registry.",
    )
    properties: dict[str, object] = Field(
        default_factory=dict,
        description="Credentials and TLS, by the names of Confluent's clients: `basic.auth.user.info`; "
        "`bearer.auth.credentials.source` (`STATIC_TOKEN` with `bearer.auth.token`, or `OAUTHBEARER` with "
        "`bearer.auth.issuer.endpoint.url`, `.client.id`, `.client.secret`, `.scope`), `bearer.auth.logical.cluster`, "
        "`bearer.auth.identity.pool.id`; `ssl.ca.location`, `ssl.certificate.location`, `ssl.key.location`, "
        "`ssl.key.password`. Secrets are written as in `kafka.properties`, and read again when the registry refuses "
        "them.",
    )
    timeout_seconds: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)] = Field(
        default=10.0, description="Total time for one request."
    )
    unknown_id_seconds: Seconds = Field(
        default=60.0,
        description="So long messages wait for an id that the registry doesn't know; then they are dead letters "
        "(`unknown-schema`); records of conversations and tables are passed over. Before the registry has known any id "
        "they only wait, unless others of the topic are read without it.",
    )
    proxy: str | None = Field(
        default=None,
        repr=False,
        description="HTTP proxy for the way to the registry, as `greenflash.proxy`.",
    )

    @field_validator("url")
    @classmethod
    def _address(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        try:
            return ",".join(registry_urls(value, allow_http=bool(info.data.get("allow_http"))))
        except ConfigInvalid as error:
            raise ValueError(str(error)) from None

    @field_validator("proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        if value is not None and proxy_parts(value) is None:
            raise ValueError("is not a proxy's address; write http://host:port")
        return value


class Log(ClosedModel):
    """What is written to standard error."""

    format: Literal["auto", "json", "text"] = Field(
        default="auto",
        description="`json` for machines, `text` for people, `auto` for text at a terminal and JSON elsewhere.",
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that is written."
    )


class RunOptions(ClosedModel):
    """How `greenflash-kafka run` works, how it ends, and what it says then."""

    until_idle: Seconds | None = Field(
        default=None,
        description="End once everything up to the end of all partitions is settled and committed for so many seconds.",
    )
    to: End | None = Field(
        default=None,
        description="Where a dry run ends: `now`, where the topics end at its start, or a time (UTC without a zone), "
        "at the first message so late.",
    )
    limit: Positive | None = Field(default=None, description="A dry run ends after so many messages.")
    dry_run: bool = Field(default=False, description="Evaluate and show events; send, write and commit nothing.")
    summary: Literal["text", "json"] = Field(
        default="text", description="What is printed at the end; `--json` is `json`."
    )


class Config(ClosedModel):
    """The whole configuration."""

    kafka: Kafka = Kafka()
    mappings: Paths = Field(
        default=(Path("mappings"),),
        min_length=1,
        description="Mapping files, or folders of them: one path or a list. In a file relative to that file.",
    )
    schemas: Path | None = Field(
        default=None,
        description="Folder of pulled schemas (`greenflash-kafka schemas pull`). Empty: the first `schemas` with an "
        "index.yaml beside the mapping files, or up to two folders above them.",
    )
    greenflash: Greenflash = Greenflash()
    schema_registry: SchemaRegistryOptions = SchemaRegistryOptions()
    delivery: Delivery = Delivery()
    dead_letter: DeadLetterTopic = DeadLetterTopic()
    http: Http = Http()
    rules: Rules = Rules()
    linking: Linking = Linking()
    commit_seconds: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = Field(
        default=1.0, description="How often offsets are committed."
    )
    log: Log = Log()
    run: RunOptions = RunOptions()
    _warnings: tuple[str, ...] = PrivateAttr(())
    _by_flags: frozenset[str] = PrivateAttr(frozenset())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What works, and is perhaps not meant; one line each, without any secret."""
        return self._warnings

    @property
    def by_flags(self) -> frozenset[str]:
        """The keys whose values are flags of the command line, such as `kafka.start`."""
        return self._by_flags

    def note(self, warnings: Iterable[str], by_flags: Iterable[str] = ()) -> None:
        """Keep these warnings of whoever read the values, and the keys that flags gave."""
        self._warnings, self._by_flags = tuple(warnings), frozenset(by_flags)


WELL_KNOWN: Final[dict[str, tuple[str, ...]]] = {
    "KAFKA_BOOTSTRAP_SERVERS": ("kafka", "bootstrap_servers"),
    "GREENFLASH_API_KEY": ("greenflash", "api_key"),
    "GREENFLASH_API_KEY_FILE": ("greenflash", "api_key_file"),
    "GREENFLASH_BASE_URL": ("greenflash", "base_url"),
    "GREENFLASH_KAFKA_HASH_KEY": ("rules", "hash_key"),
    "GREENFLASH_KAFKA_HASH_KEY_FILE": ("rules", "hash_key_file"),
}
"""Variables with names of their own. The same key under its long name (`GREENFLASH_KAFKA_...`) wins over these."""

FLAGS: Final[dict[str, str]] = {
    "mappings": "--mappings",
    "kafka.group": "--group",
    "kafka.start": "--from",
    "dead_letter.topic": "--dead-letter-topic",
    "run.until_idle": "--until-idle",
    "run.dry_run": "--dry-run",
    "run.to": "--to",
    "run.limit": "--limit",
    "run.summary": "--json",
}
"""The flags of `greenflash-kafka run` by the key they set."""

REQUIRED: Final = ("kafka.bootstrap_servers", "dead_letter.topic", "greenflash.api_key")
"""What has no default and production can't do without."""

REQUIRED_DRY: Final = ("kafka.bootstrap_servers",)
"""What is needed when nothing is sent, written or committed."""


def proxy_parts(text: str) -> SplitResult | None:
    """The parts of a proxy's address, or None when it is none."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if usable and parts.path in ("", "/") and not parts.query and not parts.fragment else None


def leaves(model: type[BaseModel] = Config, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every key with its pydantic FieldInfo, in the order of the models; sections themselves are left out."""
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += leaves(kind, (*path, name))
        else:
            found.append(((*path, name), info))
    return found
