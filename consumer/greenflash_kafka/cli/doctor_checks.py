"""The checks of `doctor`, one function each; a check states its finding and, if it failed, the next step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from greenflash_kafka.advice.all_advice import advise
from greenflash_kafka.app.settings import client_settings, readers_besides, service_settings, snapshot
from greenflash_kafka.cli.check import SECONDS, Check, failed, missing_topics, unmatched
from greenflash_kafka.cli.conversation_checks import conversation_checks
from greenflash_kafka.cli.descriptor_check import descriptor_check
from greenflash_kafka.cli.group_checks import group_checks
from greenflash_kafka.cli.linking_checks import LookSettings, linking_checks
from greenflash_kafka.cli.schema_checks import schema_checks
from greenflash_kafka.cli.topic_table_checks import topic_table_checks
from greenflash_kafka.config.load import examine
from greenflash_kafka.config.location import config_file
from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import api_key
from greenflash_kafka.dlq.letter_record import LEAST_BYTES
from greenflash_kafka.errors import ConfigInvalid, GreenflashKafkaError, TopicMissing
from greenflash_kafka.loading import load
from greenflash_kafka.model.counted import counted
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import settings_refused
from greenflash_kafka.source.start_questions import require_access, require_dead_letters
from greenflash_kafka.source.subscription import MOST_TOPICS, Subscription


def everything(given: Path | None, environ: Mapping[str, str], look: LookSettings | None = None) -> Iterator[Check]:
    """All checks, one after the other, under the config file that is given or the usual one; a failed one never keeps
    the others from being made. `look`: how long outcomes of rules that link are looked for."""
    file = config_file(given, environ)
    config, findings = examine(file, environ)
    where = str(file) if file is not None else "environment variables alone"
    for each in findings:
        yield Check("configuration", "failed", f"{each.where}: {each.message}", each.hint)
    if not findings:
        warnings = () if config is None else config.warnings
        yield Check("configuration", "ok", "; ".join((where, *warnings)))
    if config is None:
        yield Check("everything else", "skipped", "there is no configuration to go by", "correct the above first")
        return
    yield from _per_process(config)
    ruleset = None
    for check, found in _mappings(config, environ):
        ruleset = found
        yield check
    topics: dict[str, int] = {}
    yield from _kafka(config, environ, ruleset, topics, msgspec.structs.replace(look or LookSettings(), file=file))
    yield from schema_checks(config, environ, ruleset, topics)
    yield from _greenflash(config, ruleset)


def _per_process(config: Config) -> Iterator[Check]:
    """What one process has for itself, for those who start several of the group."""
    rate, instance = config.delivery.max_events_per_second, config.kafka.properties.get("group.instance.id")
    said = []
    if config.http.port:
        said.append(f"http.port {config.http.port} (another one for each process of a machine)")
    if rate is not None:
        said.append(f"delivery.max_events_per_second {rate:g} (the key's limit, divided by the number of processes)")
    if instance is not None:
        said.append(f"group.instance.id {instance} (another one for each process)")
    if said:
        yield Check("of one process", "ok", "; ".join(said))


def _mappings(config: Config, environ: Mapping[str, str]) -> Iterator[tuple[Check, Ruleset | None]]:
    loaded = load(list(config.mappings), environ, dead_letters=config.dead_letter.topic, advise=advise)
    errors = [each for each in loaded.findings if each.severity == "error"]
    for each in errors:
        said = f"{each.where}: {each.message}"
        yield Check("mapping files", "failed", said, each.hint or "run `greenflash-kafka lint`"), None
    if loaded.ruleset is not None:
        warnings = sum(each.severity == "warning" for each in loaded.findings)
        said = counted(len(loaded.ruleset.files), "file")
        said += f", {counted(warnings, 'warning')} of lint" if warnings else ""
        yield Check("mapping files", "ok", said), loaded.ruleset
        yield from ((each, loaded.ruleset) for each in _hash_key(config, loaded.ruleset))


def _hash_key(config: Config, ruleset: Ruleset) -> Iterator[Check]:
    if ruleset.hashes is not None:
        try:
            snapshot(config.rules, ruleset)
            yield Check("key of hash()", "ok", "it is set")
        except ConfigInvalid as error:
            said, _, todo = str(error).partition(": set ")
            yield Check("key of hash()", "failed", said, f"set {todo}" if todo else "")


def _kafka(
    config: Config,
    environ: Mapping[str, str],
    ruleset: Ruleset | None,
    found: dict[str, int],
    look: LookSettings,
) -> Iterator[Check]:
    """`found` is given the topics that are read, with the numbers of their partitions."""
    if not config.kafka.bootstrap_servers:
        yield Check("broker", "skipped", "kafka.bootstrap_servers is not set")
        return
    try:
        # The client itself would say the same twenty times a second.
        settings = client_settings(config.kafka, environ)
        admin = {**properties.admin(settings), "log_level": "0"}
        with settings_refused(settings):
            cluster = AdminQueries(admin, timeout=SECONDS, ids_required=config.kafka.topic_ids == "required")
        yield Check("broker", "ok", f"{config.kafka.bootstrap_servers}, cluster {cluster.cluster_id()}")
    except GreenflashKafkaError as error:
        yield failed("broker", error)
        return
    except Exception as error:  # confluent-kafka refuses wrong properties with errors of several kinds
        yield Check("broker", "failed", f"the Kafka client refuses its settings: {error}", "correct kafka.properties")
        return
    yield descriptor_check(config, cluster.brokers, 0 if ruleset is None else readers_besides(ruleset))
    if config.kafka.group_protocol == "consumer" and not cluster.is_mock():
        yield _group_protocol(cluster)
    if ruleset is not None:
        too_many = _too_many_topics(config, cluster, ruleset)
        yield from [too_many] if too_many else _topics(cluster, ruleset, found)
    if ruleset is not None:
        yield from conversation_checks(config, cluster, ruleset, found, environ)
        row_keys: dict[str, set[str]] = {}
        yield from topic_table_checks(config, cluster, ruleset, environ, row_keys)
        linking = sorted(topic for topic in found if ruleset.waits_for(topic))
        if linking and not cluster.is_mock():
            yield from linking_checks(ruleset, linking, look, environ, row_keys)
    yield _dead_letters(cluster, config)
    yield from group_checks(config, cluster, found, ruleset)


def _group_protocol(cluster: AdminQueries) -> Check:
    name = "group protocol"
    asked = cluster.ask_group_protocol()
    try:
        asked.require()
    except ConfigInvalid as error:
        return failed(name, error)
    if asked.known() is None:
        said = "no broker could be asked for its versions with these TLS settings"
        return Check(name, "skipped", said, "see that every broker is Apache Kafka 4.0 or later")
    return Check(name, "ok", "the brokers know kafka.group_protocol: consumer")


def _too_many_topics(config: Config, cluster: AdminQueries, ruleset: Ruleset) -> Check | None:
    """None when they can be read; a line for each of them would be of no use when they can't."""
    most = None if config.kafka.group_protocol == "consumer" else MOST_TOPICS
    subscription = Subscription(ruleset.topics, ruleset.patterns, most)
    try:
        subscription.require_few(subscription.among(cluster.partitions()))
    except GreenflashKafkaError as error:
        return failed("topics", error)
    return None


def _topics(cluster: AdminQueries, ruleset: Ruleset, found: dict[str, int]) -> Iterator[Check]:
    try:
        found.update(cluster.matching(ruleset.topics, ruleset.patterns))
        missing = cluster.missing(ruleset.topics)
        ids = cluster.ids(sorted(found))
        require_access(cluster, found, "Read")
    except GreenflashKafkaError as error:
        yield failed("topics", error)
        return
    yield from missing_topics("topic", missing)
    for name, partitions in sorted(found.items()):
        yield Check(f"topic {name}", "ok", f"{counted(partitions, 'partition')}, id {ids.get(name) or 'unknown'}")
    yield from unmatched("topics", cluster, ruleset.patterns, "failed")


def _dead_letters(cluster: AdminQueries, config: Config) -> Check:
    name = config.dead_letter.topic
    if not name:
        return Check("dead-letter topic", "skipped", "dead_letter.topic is not set")
    try:
        limit = require_dead_letters(cluster, name, LEAST_BYTES)
        require_access(cluster, [name], "Write")
    except TopicMissing as error:
        said, _, todo = str(error).partition(". ")
        return Check("dead-letter topic", "failed", said, todo)
    except GreenflashKafkaError as error:
        return failed("dead-letter topic", error)
    return Check("dead-letter topic", "ok", name + (f", records up to {limit} bytes" if limit else ""))


def _greenflash(config: Config, ruleset: Ruleset | None) -> Iterator[Check]:
    try:
        key = api_key(config.greenflash)
    except ConfigInvalid as error:
        yield failed("API key", error)
        return
    if key is None:
        yield Check("API key", "skipped", "there is none")
        return
    # The SDK takes half a second to import; what was found until here is shown by now.
    from greenflash_kafka.cli.product_checks import listed_products

    check, products = listed_products(service_settings(config.greenflash, config.delivery), key.get_secret_value())
    yield check
    if products is not None and ruleset is not None:
        yield from _product_ids(ruleset, products)


def _product_ids(ruleset: Ruleset, products: set[str]) -> Iterator[Check]:
    for name, files in sorted(ruleset.products.items()):
        if name.lower() in products:
            yield Check(f"product {name}", "ok", f"used by {', '.join(sorted(files))}")
        else:
            todo = "correct product_id there (or the variable that it takes), or create the product"
            yield Check(f"product {name}", "failed", f"unknown to Greenflash, used by {', '.join(sorted(files))}", todo)
