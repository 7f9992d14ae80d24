"""`python -m tests.debezium.record`: record Debezium's messages anew, over our own tables, into `messages/`.

Engines in their modes see the same changes at once; each record goes through each converter. `recorded.py` reads them.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.debezium import engine
from tests.debezium.engine import CONVERTERS, Engines, Record, properties
from tests.debezium.postgres import Postgres
from tests.debezium.recorded import CONNECT_SCHEMAS, FOLDER, REGISTRY_SCHEMAS
from tests.registries.apicurio import Apicurio, ask

_ROWS: Final = "billing.subscriptions,billing.invoices,billing.marks"
_INCREMENTAL: Final = re.compile(rb'"incremental"|\x16incremental')
_WRAPPED: Final = re.compile(r'\{"schema":(.*),"payload":(.*)\}', re.DOTALL)


def engines(registry: str) -> dict[str, dict[str, str]]:
    """The engines by name: three modes of decimals and times, and three ways to make other messages of rows."""
    three = {"json": engine.JSON, "json-with-schema": engine.JSON_WITH_SCHEMA, "avro": engine.avro(registry)}
    two = {"json": engine.JSON, "avro": engine.avro(registry)}
    outbox = {
        "table__include__list": "billing.outbox,billing.heartbeats",
        "transforms": "router",
        "transforms__router__type": "io.debezium.transforms.outbox.EventRouter",
        "transforms__router__table__fields__additional__placement": "type:header:eventType,tenant:header",
        "transforms__router__table__field__event__type": "type",
        # The router ends its engine at what is no row of an outbox; heartbeats tell that the engine has begun.
        "transforms__router__predicate": "outbox",
        "predicates": "outbox",
        "predicates__outbox__type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "predicates__outbox__pattern": ".*outbox",
    }
    return {
        "precise": properties(
            three,
            table__include__list=f"{_ROWS},billing.signals,billing.heartbeats",
            signal__data__collection="billing.signals",
            provide__transaction__metadata="true",
            heartbeat__interval__ms="300",
            heartbeat__action__query="UPDATE billing.heartbeats SET at = now() WHERE id = 1",
        ),
        "string": properties(
            {**three, "avro-header": engine.avro(registry, header=True), "cloudevents": engine.CLOUDEVENTS},
            table__include__list=_ROWS,
            decimal__handling__mode="string",
            time__precision__mode="isostring",
        ),
        "double": properties(
            three, table__include__list=_ROWS, decimal__handling__mode="double", time__precision__mode="connect"
        ),
        "flat": properties(
            two,
            table__include__list=_ROWS,
            transforms="flat",
            transforms__flat__type="io.debezium.transforms.ExtractNewRecordState",
            transforms__flat__delete__tombstone__handling__mode="rewrite",
            transforms__flat__add__fields="op,table,source.ts_ms,source.lsn",
        ),
        "outbox": properties(two, **outbox),
        "outbox-expanded": properties(two, **outbox, transforms__router__table__expand__json__payload="true"),
    }


def main() -> None:
    """Write the files of `messages/` anew."""
    database, registry = Postgres(), Apicurio()
    try:
        records = _records(database, engines(registry.root))
        schemas = _registry_schemas(registry)
    finally:
        database.stop()
        registry.stop()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    connect: list[str] = []
    files = defaultdict(list)
    for record in records:
        files[f"{record.engine}-{record.converter}"].append(_line(record, connect))
    for name, lines in files.items():
        (FOLDER / f"{name}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (FOLDER / CONNECT_SCHEMAS).write_text("".join(f"{each}\n" for each in connect))
    (FOLDER / REGISTRY_SCHEMAS).write_text("".join(f"{json.dumps(each)}\n" for each in schemas))


def _records(database: Postgres, asked: Mapping[str, Mapping[str, str]]) -> list[Record]:
    running = Engines(database, asked)
    try:
        running.sql(engine.TABLES)
        running.start()
        running.until(lambda records: {each.engine for each in records} == set(asked))
        running.until(lambda records: _snapshots(records) == set(asked))
        running.sql(engine.CHANGES)
        running.sql(engine.MARK)
        pairs = {(name, each) for name, settings in asked.items() for each in settings[CONVERTERS].split(",")}
        running.until(lambda records: _done(records, pairs))
        return list(running.records)
    finally:
        running.stop()


def _snapshots(records: Sequence[Record]) -> set[str]:
    """The engines whose snapshot is written."""
    ends = ("marks", "invoices", "heartbeats")  # the last tables that have rows
    return {each.engine for each in records if each.topic.endswith(ends)}


def _done(records: Sequence[Record], pairs: set[tuple[str, str]]) -> bool:
    """Whether every engine has written its last record through all of its converters."""
    last = ("marks", "outbox.event.subscription")
    ended = {(each.engine, each.converter) for each in records if each.topic.endswith(last)}
    again = Counter(each.converter for each in records if _INCREMENTAL.search(each.value or b""))
    return ended == pairs and min(again["json"], again["json-with-schema"], again["avro"]) >= 3


def _registry_schemas(registry: Apicurio) -> list[dict[str, Any]]:
    found = []
    for subject in registry.ask("/subjects"):
        for version in registry.ask(f"/subjects/{subject}/versions"):
            each = registry.ask(f"/subjects/{subject}/versions/{version}")
            assert not each.get("references")
            found.append({name: each[name] for name in ("id", "subject", "version", "schema")})
            meta = f"{registry.root}/apis/registry/v3/groups/default/artifacts/{subject}/versions/{version}"
            found[-1]["globalId"] = ask(meta)["globalId"]
    return sorted(found, key=lambda each: int(each["id"]))


def _line(record: Record, connect: list[str]) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "key": _packed(record.key, connect),
        "value": _packed(record.value, connect),
        "headers": [[name, _packed(value, [])] for name, value in record.headers],
    }


def _packed(part: bytes | None, connect: list[str]) -> object:
    """JSON as its text, other bytes in base64; the schema in front of a payload is written once for all."""
    if part is None:
        return None
    if part[:1] < b" ":
        return {"base64": base64.b64encode(part).decode()}
    text = part.decode()
    found = _WRAPPED.fullmatch(text)
    if found is None:
        return text
    schema, payload = found.groups()
    if schema not in connect:
        connect.append(schema)
    return {"schema": connect.index(schema), "payload": payload}


if __name__ == "__main__":
    main()
