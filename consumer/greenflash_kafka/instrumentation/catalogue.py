"""The closed list of everything that this program reports: notices (log lines, health) and metrics.

A test compares code and catalogue: everything that the code reports is listed here, and everything listed here is
reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from greenflash_kafka.histogram import DELIVERY_BUCKETS, LINK_AGE_BUCKETS, REQUEST_BUCKETS

Level = Literal["info", "warning", "error"]

PREFIX: Final = "greenflash_kafka_"
"""The prefix of every metric's name."""


class Notice(msgspec.Struct, frozen=True):
    """A rare event. info: no action needed; warning: investigate when convenient; error: it persists until somebody
    acts.

    `opens` is the health condition that holds from this notice on, until one that `closes` it for the same topic
    and partition (one that names none closes all); `lasts` ends it after so many seconds unless it is repeated.
    """

    name: str
    level: Level
    meaning: str
    action: str
    opens: str = ""
    closes: str = ""
    lasts: float | None = None


class Metric(msgspec.Struct, frozen=True):
    """A number. Exposed as `greenflash_kafka_<name>`, counters with the suffix `_total`.

    `unit`: its base unit, with which the name ends. Above `unready_above` a gauge keeps the process from being ready.
    `buckets`: the upper bounds of a histogram. An info is a gauge that is always 1: its labels are what it says.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram", "info"]
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    unready_above: float | None = None
    buckets: tuple[float, ...] = ()


NOTICES: Final[tuple[Notice, ...]] = (
    # Kafka: the group and its partitions
    Notice(
        "kafka_settings_unsafe",
        "warning",
        "kafka.properties has a setting that works but should not be used; the text names it.",
        "Correct kafka.properties.",
    ),
    Notice(
        "topic_missing",
        "warning",
        "A topic that the mappings name doesn't exist, or this user may not describe it: it is not read. Other "
        "topics are read meanwhile. Repeated every 10 minutes.",
        "Create it, correct its name in the mapping file, or grant this user Describe and Read.",
    ),
    Notice("topic_found", "info", "A topic that was missing exists now; it is read.", "Nothing."),
    Notice(
        "topic_deleted",
        "warning",
        "A topic that matched a pattern of the mappings was deleted; messages that were not read before are lost.",
        "Nothing, if the deletion was intended.",
    ),
    Notice(
        "nothing_to_read",
        "error",
        "None of the topics that the mappings name exists, and none matches a pattern.",
        "Create them, correct the names or patterns in the mapping files, or grant this user Describe and Read.",
        opens="topic_missing",
    ),
    Notice("something_to_read", "info", "There is a topic to read again.", "Nothing.", closes="topic_missing"),
    Notice(
        "topics_near_limit",
        "warning",
        "The mappings' patterns match nearly as many topics as the Kafka client can read in a classic group. With more "
        "of them the run ends with exit code 2.",
        "Narrow the patterns, share the topics among several groups, or set kafka.group_protocol: consumer.",
    ),
    Notice(
        "start_resolved",
        "info",
        "Partitions without a committed offset begin where kafka.start, or a mapping file's initial_offset, says; this "
        "offset has been committed.",
        "Nothing, if this is the intended offset.",
    ),
    Notice(
        "initial_offset_overridden",
        "warning",
        "A mapping file says where a group begins in a topic that is new to it (`initial_offset`, at `file`). The "
        "group has no offsets at all, and --from was given, which goes before the file then.",
        "Nothing, if --from is meant. Else leave it out: a file's initial_offset goes before kafka.start.",
    ),
    Notice(
        "partitions_assigned",
        "info",
        "The group assigned partitions to this process, or has none for it.",
        "Nothing.",
        closes="starting",
    ),
    Notice(
        "partitions_revoked", "info", "The group revoked partitions; messages in progress were finished.", "Nothing."
    ),
    Notice(
        "partitions_lost",
        "warning",
        "All partitions were lost before this process could finish: the group removed it as dead, or their topics were "
        "deleted. The partitions' next owner sends the unfinished messages again, under the same ids.",
        "Nothing if it happens once; if it repeats, look for a stopped process, or a broker that can't be reached.",
    ),
    Notice(
        "partitions_gone",
        "info",
        "Partitions don't exist any more, since their topic was deleted; another notice names the topic.",
        "Nothing.",
    ),
    Notice(
        "poll_too_late",
        "error",
        "The loop didn't poll for longer than max.poll.interval.ms and lost its partitions.",
        "Find the cause of the delay: CPU limits, a suspended machine, swapping.",
    ),
    Notice(
        "partition_halted",
        "error",
        "A partition is halted because messages are missing or can't be read, or its topic was created again; other "
        "partitions go on.",
        "Read the reason; then set the group's offset manually, or kafka.on_missing_offsets: continue, and restart.",
    ),
    Notice(
        "partition_skipped_ahead",
        "warning",
        "Messages are missing from a partition. Reading continues with the oldest message (kafka.on_missing_offsets).",
        "Note the range in the reason: those messages were not turned into events.",
    ),
    Notice(
        "partition_held",
        "warning",
        "A partition is paused, and the others are read. `reason` is one of: ahead: it is as far ahead of its first "
        "unfinished message as delivery.max_uncommitted allows. age: that message is older than "
        "delivery.max_uncommitted_seconds. memory: its waiting events take more than their share of the memory. "
        "commits: as many messages as delivery.max_uncommitted allows wait for a confirmed commit.",
        "Find out why the named message can't be delivered; with delivery.give_up_after such an event becomes a dead "
        "letter. commits: it resumes after a rebalance; otherwise check the brokers and commit_failed.",
    ),
    Notice(
        "transaction_open",
        "warning",
        "A transaction has been open in a partition for minutes. A consumer of committed messages, like this one, "
        "reads nothing behind the transaction's first offset.",
        "Find its producer: kafka-transactions.sh describe-producers --topic TOPIC --partition PARTITION. If it "
        "no longer exists, abort the transaction: kafka-transactions.sh abort, with the offset as --start-offset.",
    ),
    Notice("transaction_over", "info", "A transaction that was open for minutes has ended.", "Nothing."),
    Notice("partition_goes_on", "info", "A held partition is read again.", "Nothing."),
    Notice(
        "consumption_paused", "info", "Nothing is read from Kafka while too many events wait to be sent.", "Nothing."
    ),
    Notice("consumption_resumed", "info", "Messages are read again.", "Nothing."),
    Notice(
        "kafka_error",
        "warning",
        "The Kafka client reports an error and retries by itself.",
        "If it repeats, check the brokers, the network, and the TLS, SASL and ACL settings.",
    ),
    Notice(
        "batch_unreadable",
        "error",
        "A batch of conversations or of a table's rows can't be read: its checksum is wrong, or it is packed in an "
        "unknown way. Nothing behind it is read, and messages that link wait.",
        "Let the broker have the batch again from another replica. If there is none, delete the records up to behind "
        "the batch (kafka-delete-records.sh): reading goes on there.",
    ),
    Notice(
        "brokers_unreachable",
        "error",
        "No Kafka broker has been reached for 5 s. Events that were already read are still sent; their offsets are "
        "committed later.",
        "Check the brokers and the network.",
        opens="brokers_unreachable",
        lasts=15.0,  # it is repeated every 10 s for as long as it is so, but not while the process ends
    ),
    Notice(
        "brokers_reachable",
        "info",
        "A Kafka broker has answered again.",
        "Nothing.",
        closes="brokers_unreachable",
    ),
    Notice(
        "kafka_refused",
        "error",
        "The brokers reject this client (its password, token or certificate, or an ACL), or their certificate is not "
        "trusted. Events that were already read are still sent; the client retries without limit.",
        "Read the text; correct the user, its rights, or the certificates. Files and variables that kafka.properties "
        "names are read again only after a restart.",
        opens="kafka_refused",
        lasts=60.0,  # librdkafka repeats the same words of one broker after 30 s at the earliest
    ),
    Notice(
        "cluster_silent",
        "error",
        "Kafka has not answered requests about the topics for some time, though connections may be open.",
        "Check the brokers, the network, and that this user may still describe the topics (ACLs).",
        opens="cluster_silent",
    ),
    Notice("cluster_answers", "info", "Kafka answers again.", "Nothing.", closes="cluster_silent"),
    Notice(
        "group_silent",
        "error",
        "This process has no partitions, because the group has not completed a rebalance for some time. A classic "
        "group waits for members that don't respond, for up to their max.poll.interval.ms. With group_protocol: "
        "consumer no member waits for another: then the coordinator doesn't support that protocol.",
        "Nothing if it ends within a minute or two. Otherwise look for members of the group that hang: "
        "kafka-consumer-groups.sh --describe --members --group GROUP. With group_protocol: consumer check that all "
        "brokers are Apache Kafka 4.0 or later, or set it to classic.",
        opens="group_silent",
    ),
    Notice(
        "group_answers", "info", "The group has assigned this process's partitions.", "Nothing.", closes="group_silent"
    ),
    Notice(
        "client_lost",
        "error",
        "A Kafka client of this process gets no answer, though the brokers answer a new client. The process ends in "
        "order, with exit code 3. Nothing is lost: what was not confirmed is not committed.",
        "Nothing if a supervisor restarts the process; otherwise start it again.",
    ),
    # Kafka: offsets
    Notice(
        "commit_failed",
        "warning",
        "The broker rejected an offset commit; it is repeated with the next one.",
        "If it repeats, check that this group may commit (ACLs).",
    ),
    Notice(
        "commits_overdue",
        "error",
        "No commit of a partition has been confirmed for a minute though there are offsets to commit. Events are still "
        "sent; after a restart they are sent again under the same ids.",
        "Check the brokers and the group's coordinator.",
        opens="commits_overdue",
    ),
    Notice(
        "commits_working",
        "info",
        "Commits are confirmed again.",
        "Nothing.",
        closes="commits_overdue",
    ),
    # The group's rules
    Notice(
        "rules_differ",
        "warning",
        "Other members of the group have committed partitions of these topics with other rules than this process has: "
        "messages there are evaluated, and filtered permanently, by those rules.",
        "Nothing during a rolling deployment, whose end resolves it. Otherwise give all members of the group the same "
        "mapping files, or each deployment a kafka.group of its own.",
    ),
    Notice("rules_alike", "info", "All members of the group have the same rules again.", "Nothing."),
    Notice(
        "rules_changed_over_uncommitted",
        "warning",
        "At least these offsets were processed, but not committed, under other rules, and a rule that gave their "
        "insert_ids was removed, renamed, or gives other ids now: their events that were sent may be stored twice.",
        "Search Greenflash for duplicate events of those messages. Give rules an insert_id from the message, such as "
        "the id of the fact: then neither the rule's name nor its conditions change it.",
    ),
    # Delivery to Greenflash
    Notice(
        "delivery_waiting",
        "warning",
        "Greenflash requested a wait (429 or Retry-After); no event is sent until it is over.",
        "Nothing if it happens once; if it repeats, set delivery.max_events_per_second below your rate limit.",
    ),
    Notice(
        "delivery_waits_long",
        "error",
        "Greenflash, or a proxy in between, requested a wait of more than 15 minutes (Retry-After); no event is sent "
        "before `until`. During a wait of more than an hour one event is sent every 5 minutes as a probe, and the "
        "first accepted probe ends the wait.",
        "Ask the service's operator whether so long a wait is intended, such as a daily quota. If it isn't: a wait "
        "with probes ends by itself, and a restart ends a shorter one.",
    ),
    Notice(
        "delivery_wait_over",
        "info",
        "A long wait is over: its time has passed, or a probe was accepted. `seconds` is its length.",
        "Nothing.",
    ),
    Notice(
        "delivery_paused",
        "error",
        "The service rejects every event (API key, base URL, or the address isn't Greenflash's), or every attempt "
        "fails (an outage, or this process has no file descriptor left). Only probes are sent, one at a time; nothing "
        "is lost.",
        "Correct what the text names; an outage ends by itself. A key file is read again before every probe: no "
        "restart is needed.",
    ),
    Notice("delivery_resumed", "info", "Events are accepted again.", "Nothing."),
    Notice("first_event_accepted", "info", "Greenflash has accepted an event, the first since the start.", "Nothing."),
    Notice(
        "delivery_unsteady",
        "warning",
        "Delivery pauses and resumes repeatedly; `pauses` is the number since the last notice, at most one a minute. "
        "In between, events are accepted.",
        "Find out why some of the requests fail: one of several replicas, a proxy, the network.",
    ),
    Notice(
        "delivery_failing",
        "error",
        "No event has been accepted for a minute, every request failed; all are retried without limit.",
        "Read the text: the service, or the network in between, has a problem. Nothing is lost meanwhile.",
    ),
    Notice("delivery_working", "info", "An event was accepted after a long period of failures.", "Nothing."),
    # Messages that can't be evaluated yet
    Notice(
        "messages_wait_long",
        "error",
        "Messages of this partition wait to be evaluated, longer than they should: for a schema that isn't known here, "
        "or for what other topics still may tell. The text says for what. All that is behind them in the partition "
        "waits too.",
        "See whether what they wait for can be reached: the schema registry, or those who write the other topics.",
        opens="messages_wait_long",
    ),
    Notice(
        "messages_wait_no_longer",
        "info",
        "What messages waited for too long is known.",
        "Nothing.",
        closes="messages_wait_long",
    ),
    Notice(
        "messages_too_old",
        "warning",
        "Messages of a topic are older than `source.max_age`, as after a replay, a reset of offsets or a long outage. "
        "They are filtered, and their offsets are committed. Said once a topic; `messages_skipped_total` counts them.",
        "If their events are wanted, send them with `greenflash-kafka backfill`, which takes messages of any age.",
    ),
    # Linking: conversation topics and their table
    Notice(
        "conversations_restoring",
        "info",
        "Conversation topics are read from further back, from the time `since_ms` on: there is no table of them, or a "
        "message needs older ones. Messages of topics that link wait meanwhile, other topics don't. Repeated once a "
        "minute.",
        "Nothing. If it happens at each start, put linking.directory on a disk that survives restarts.",
    ),
    Notice(
        "conversations_ready",
        "info",
        "Conversation topics are read far enough; no message waits for them any longer than max_delay.",
        "Nothing.",
        closes="conversations_stalled",
    ),
    Notice(
        "conversations_stalled",
        "error",
        "Messages of topics that link wait, because conversation topics are not read any further. The text says what "
        "holds: brokers without an answer, a topic that is missing or not allowed, a partition behind an open "
        "transaction, a schema that the registry doesn't know, or the table's disk. Nothing is lost, and other topics "
        "go on.",
        "Correct what the text names: create the topic, grant Describe and Read, end the transaction, or free the "
        "disk. linking.give_up_after sends such events without a link instead.",
        opens="conversations_stalled",
    ),
    Notice(
        "conversations_rebuilt",
        "warning",
        "The table of conversations was thrown away, for the reason in the text; the topics are read again.",
        "Nothing, if a conversation topic was created again or the mapping files changed. Otherwise check the disk.",
    ),
    Notice(
        "conversations_history_missing",
        "warning",
        "A partition begins later than a lookback may reach: retention deleted records, or the topic is compacted. "
        "Events whose lookback reaches further, and that find nothing, are counted as `history`.",
        "If they matter, raise the topic's retention to the longest lookback and the longest outage together.",
    ),
    Notice(
        "conversations_stamped_ahead",
        "warning",
        "A conversation record has a timestamp more than an hour in the future. It counts from that time on. Told at "
        "most once a minute.",
        "Correct the clock of its producer.",
    ),
    Notice(
        "conversation_record_invalid",
        "warning",
        "A record of a conversation topic gives no activity, for the reason in the text. Told at most once a minute; "
        "conversation_problems counts all.",
        "greenflash-kafka try shows what the mapping file makes of it.",
    ),
    # Tables from topics
    Notice(
        "tables_restoring",
        "info",
        "Topics of tables are read from their beginning: there is no file of their rows yet, or it doesn't hold any "
        "more what a message needs. Messages of topics whose rules use these tables wait meanwhile, other topics "
        "don't. Repeated once a minute.",
        "Nothing. If it happens at each start, put linking.directory on a disk that survives restarts.",
    ),
    Notice(
        "tables_ready",
        "info",
        "Topics of tables are read far enough; no message waits for rows any longer than max_delay.",
        "Nothing.",
        closes="tables_stalled",
    ),
    Notice(
        "tables_stalled",
        "error",
        "Messages of topics whose rules use a table wait, because the table's topic is not read any further. The text "
        "says what holds: brokers without an answer, a topic that is missing or not allowed, a partition behind an "
        "open transaction, a schema that the registry doesn't know, or the disk. Nothing is lost, and other topics go "
        "on.",
        "Correct what the text names: create the topic, grant Describe and Read, end the transaction, or free the "
        "disk. linking.give_up_after sends such events without what the row would give.",
        opens="tables_stalled",
    ),
    Notice(
        "tables_rebuilt",
        "warning",
        "The rows of the tables were thrown away, for the reason in the text; their topics are read again.",
        "Nothing, if a table's topic was created again or the mapping files changed. Otherwise check the disk.",
    ),
    Notice(
        "tables_history_missing",
        "warning",
        "Retention deleted records of a table's topic before they were read. A row that only they told is missing, or "
        "is older than it should be.",
        "Give the topic cleanup.policy=compact, or a retention that keeps every row.",
    ),
    Notice(
        "tables_stamped_ahead",
        "warning",
        "A record of a table's topic has a timestamp more than an hour in the future. Its row counts from that time "
        "on. Told at most once a minute.",
        "Correct the clock of its producer.",
    ),
    Notice(
        "table_record_invalid",
        "warning",
        "A record of a table's topic gives no row, for the reason in the text. Told at most once a minute; "
        "table_problems counts all.",
        "greenflash-kafka try shows what the mapping file makes of it.",
    ),
    # Dead letters
    Notice(
        "dead_letters_failing",
        "error",
        "Writes to the dead-letter topic fail, so the offsets of those messages can't be committed; they are retried.",
        "Read the reason: the topic may have been deleted, or this client may not write to it.",
        opens="dead_letters_failing",
    ),
    Notice(
        "dead_letters_working",
        "info",
        "Writes to the dead-letter topic succeed again.",
        "Nothing.",
        closes="dead_letters_failing",
    ),
    Notice(
        "dead_letter_written",
        "warning",
        "A message became a dead letter and its write is confirmed. `rule`, `field` and `code` are those of its first "
        "problem. Of many only some are said: `left_out` is how many were not since the last of these lines.",
        "greenflash-kafka dlq list groups dead letters by reason, dlq show TOPIC/PARTITION/OFFSET explains one.",
    ),
    Notice(
        "dead_letter_by_reference",
        "warning",
        "A message is too large for the dead-letter topic; its coordinates, size and hash were written instead.",
        "Raise the topic's max.message.bytes; read that message at its coordinates before retention deletes it.",
    ),
    Notice(
        "links_refused",
        "warning",
        "Greenflash refused an event (`code`), and accepted it without its link to a conversation of `source`. At most "
        "once a minute: `left_out` is how many were not said since the last of these lines.",
        "Nothing if it is rare: conversations may be sampled out, or not there yet. If it goes on, compare the ids of "
        "`source` with those that the chat service sends to Greenflash, and the products of both.",
    ),
    # Schemas
    Notice(
        "schema_read",
        "info",
        "A schema that messages name was read from the registry; `schema` is its id or GUID.",
        "Nothing.",
    ),
    Notice(
        "schema_lacks_field",
        "warning",
        "Fields that rules read aren't in a schema of this topic: they are missing in each of its messages. Said once "
        "a schema, before the first event.",
        "If a producer renamed or removed them, change the rules; `greenflash-kafka lint --registry` says which.",
    ),
    Notice(
        "schema_wanted",
        "warning",
        "The registry doesn't know the schema that a message names. The message's partition waits, others go on; it is "
        "asked again, and after schema_registry.unknown_id_seconds the message is a dead letter (unknown-schema).",
        "Nothing if schema_read follows. Otherwise check that the URL is the registry of the topic's producers; for a "
        "topic of JSON say `source: {format: json}`, which asks no registry.",
    ),
    Notice(
        "schema_unknown",
        "warning",
        "The registry hasn't known a schema for schema_registry.unknown_id_seconds: messages that name it are dead "
        "letters (unknown-schema). It is asked again a minute later.",
        "Check who produces these messages and with which registry; then replay the dead letters.",
    ),
    Notice(
        "schema_unusable",
        "warning",
        "The registry has a schema that can't be used (too large, of an unknown type, a bad reference): messages that "
        "name it are dead letters (bad-schema).",
        "Read the text; the schema's producer has to register another one.",
    ),
    Notice(
        "schema_has_rules",
        "warning",
        "A schema has rules of its own, which Confluent's clients run: fields may be encrypted. They aren't run here.",
        "See that no rule reads an encrypted field.",
    ),
    Notice(
        "schema_of_folder",
        "warning",
        "The registry doesn't say what a schema is, so that of the folder `schemas` is used. Both are compared once "
        "the registry answers.",
        "Look at the registry when convenient.",
    ),
    Notice(
        "schema_differs",
        "error",
        "The registry and the folder `schemas` have different schemas under one id. Messages that name it are held, "
        "others go on.",
        "If the registry is right: `greenflash-kafka schemas pull`, and restart. If it was restored with other ids, "
        "see docs/operations.md.",
    ),
    Notice(
        "schema_registry_failing",
        "error",
        "The schema registry has given no schema for 10 s, or knows none of the ids that messages carry; the text says "
        "why. Partitions whose messages name a schema that isn't known yet wait; everything else goes on.",
        "Read the text; check the registry, the network, and schema_registry.url.",
        closes="schema_registry_refused",
    ),
    Notice(
        "schema_registry_refused",
        "error",
        "The schema registry, or its token endpoint, refuses our credentials (401, 403). Partitions whose messages "
        "name a schema that isn't known yet wait. Secrets are read again at each try.",
        "Correct schema_registry.properties, or the user's rights to read schemas.",
        opens="schema_registry_refused",
    ),
    Notice(
        "schema_registry_working",
        "info",
        "The schema registry answers again.",
        "Nothing.",
        closes="schema_registry_refused",
    ),
    # The bridge: conversations pull
    Notice(
        "interactions_pulled",
        "info",
        "A walk through all pages of GET /interactions has ended: how many were written, and the order of the pages.",
        "Nothing.",
    ),
    Notice(
        "interactions_failing",
        "error",
        "GET /interactions gives no page; the text says why. It is requested again, after the time that the service "
        "asks for, if it does. Repeated every minute.",
        "Read the text: 429 means that --rate is too high for this key; 401 and 403 that the key is refused. A key "
        "file is read again by itself.",
    ),
    Notice("interactions_working", "info", "GET /interactions gives pages again.", "Nothing."),
    Notice(
        "interactions_unreadable",
        "warning",
        "A page has items without an id, which can't be written. Repeated every minute.",
        "Report it: the API isn't the one that this version knows.",
    ),
    Notice(
        "interactions_unwritten",
        "error",
        "The topic can't be written; the text says why. It is tried again without end; no page is requested meanwhile.",
        "Read the text: brokers, rights (Write), the topic's max.message.bytes.",
    ),
    Notice(
        "interactions_written_by_others",
        "warning",
        "Another process writes to the topic of conversations pull, too. Nothing is wrong with links, but each "
        "interaction is requested and written twice, and the service gets twice as many requests as --rate says. "
        "Repeated every hour; once as one process takes over from another is no matter.",
        "Run conversations pull once for a topic.",
    ),
    Notice("interactions_written_again", "info", "The topic takes what couldn't be written before.", "Nothing."),
    Notice(
        "interaction_shortened",
        "warning",
        "An interaction is larger than the topic takes; it was written without its properties and feedback.",
        "Raise max.message.bytes of the topic, if a rule needs them.",
    ),
    # The API key
    Notice(
        "key_unreadable",
        "error",
        "The API key's file can't be read again; the present key is used further.",
        "Read the text: the file may be missing, empty, or not readable for this user.",
    ),
    Notice("key_read_again", "info", "The API key's file has a new key, which is used from now on.", "Nothing."),
    Notice(
        "key_unchecked",
        "warning",
        "Greenflash gave no response to the check of the API key at the start; the first event will show if it is "
        "valid.",
        "If events aren't accepted either, check greenflash.base_url and the network.",
    ),
    # This process
    Notice(
        "settings_contradict",
        "warning",
        "A setting has different values in two places; the text says which one is used.",
        "Unset the other one.",
    ),
    Notice(
        "ruleset_loaded",
        "info",
        "These rules are used from now on; those named in `drafts` are evaluated and counted, and send nothing.",
        "Nothing.",
    ),
    Notice(
        "stopped",
        "info",
        "The process ends: the offsets of settled messages are committed. `unanswered` is the number of requests and "
        "dead letters without a response within delivery.drain_seconds, `uncommitted` that of messages which were sent "
        "and aren't committed: they are delivered again, and the exit code is 1.",
        "Nothing.",
    ),
    Notice(
        "signal_ignored",
        "warning",
        "The process ignored a signal that makes other services reload (SIGHUP, SIGUSR1, SIGUSR2, SIGALRM): it reads "
        "mapping files and settings only at its start.",
        "Restart to read new mapping files or settings. A key file is read again automatically when the key is "
        "rejected.",
    ),
    Notice("http_serving", "info", "Metrics and health are served at this address.", "Nothing."),
    Notice(
        "http_unavailable",
        "error",
        "Metrics and health can't be served; everything else works.",
        "Free the port, or set http.host and http.port.",
    ),
)

METRICS: Final[tuple[Metric, ...]] = (
    # This process
    Metric("ready", "gauge", "1 while /health/ready answers 200, else 0."),
    Metric(
        "condition",
        "gauge",
        "1 while a condition keeps this process from being ready, else 0. `about` is the topic or topic/partition, if "
        "it is one's.",
        ("name", "about"),
    ),
    Metric(
        "build_info", "info", "Versions of this program and its parts.", ("version", "librdkafka", "libcurl", "python")
    ),
    Metric(
        "ruleset_info",
        "info",
        "The rules in use: version (a hash of the mapping files and tables), number of files and of rules.",
        ("version", "files", "rules"),
    ),
    Metric("notices", "counter", "Notices by name.", ("name",)),
    # Messages
    Metric("messages_consumed", "counter", "Messages read and evaluated.", ("topic",)),
    Metric(
        "messages_settled",
        "counter",
        "Messages by outcome: filtered (no rule asks for it), mapped (all its events are accepted), dead_lettered (its "
        "dead letter is confirmed).",
        ("topic", "outcome"),
    ),
    Metric(
        "messages_skipped",
        "counter",
        "Filtered messages that are no facts for rules, by what they are: snapshot (a row of Debezium's snapshot), "
        "heartbeat, transaction, schema-change, truncate, logical-message, tombstone; too-old (older than "
        "source.max_age when it was read). Each series begins with its first.",
        ("what",),
    ),
    Metric(
        "messages_dropped",
        "counter",
        "Messages that came twice in an assignment, or of a partition that is another member's by now.",
    ),
    Metric(
        "message_problems",
        "counter",
        "What made messages invalid: one or more for each. Each series begins with its first problem.",
        ("rule", "field", "code"),
    ),
    Metric(
        "rule_fields_omitted",
        "counter",
        "Optional fields left out, comparisons not made. Each series begins with its first omission.",
        ("rule", "field", "code"),
    ),
    Metric(
        "rule_events_not_sent",
        "counter",
        "Events that a rule's `draft` or `sample` keeps from being sent. Each series begins with its first event.",
        ("rule", "reason"),
    ),
    Metric("pending_messages", "gauge", "Messages read and not yet settled."),
    Metric("pending_bytes", "gauge", "Memory that pending messages take, about.", unit="bytes"),
    # Messages that can't be evaluated yet
    Metric("messages_waiting", "gauge", "Messages read that can't be evaluated yet, by what they wait for.", ("for",)),
    Metric("waiting_bytes", "gauge", "The memory that these take.", unit="bytes"),
    Metric(
        "waiting_oldest_seconds",
        "gauge",
        "How long the one that waits longest has been the first of its partition.",
        ("for",),
        unit="seconds",
    ),
    Metric("partitions_waiting", "gauge", "Partitions whose next message can't be evaluated yet.", ("for",)),
    # Schemas
    Metric("schemas_known", "gauge", "Schemas of the registry that are known."),
    Metric(
        "schemas_differing",
        "gauge",
        "Schemas that the registry and the folder `schemas` have differently: messages that name them are held.",
        unready_above=0,
    ),
    Metric(
        "schema_requests",
        "counter",
        "Answers of the schema registry and its token endpoint, by HTTP status or by why there was none.",
        ("code",),
    ),
    Metric(
        "schema_registry_failing_seconds",
        "gauge",
        "How long the schema registry hasn't given a schema that messages wait for, though it should.",
        unit="seconds",
        unready_above=60,
    ),
    # Linking
    Metric(
        "links",
        "counter",
        "Events of rules that link, by result: linked; own (the rule gave an id itself); none (no conversation in the "
        "lookback); no-key (the event has no value for a key); no-time (its message has no timestamp); ambiguous "
        "(several, and touch is single); crowded (too many activities of one key); history (none, and the lookback "
        "reaches further than the history that is known); not-ready (conversations weren't waited for any longer).",
        ("rule", "result"),
    ),
    Metric(
        "links_refused",
        "counter",
        "Events that Greenflash refused with their link to a conversation, and accepted without it. Each series begins "
        "with its first refusal.",
        ("rule",),
    ),
    Metric(
        "link_age_seconds",
        "histogram",
        "Time from a conversation's activity to the event that is linked to it.",
        ("rule",),
        unit="seconds",
        buckets=LINK_AGE_BUCKETS,
    ),
    Metric(
        "conversation_behind_seconds",
        "gauge",
        "How far a source is read behind now: what was written before is known. About 5 to 6 seconds is normal; "
        "messages wait for max_delay beside it.",
        ("source",),
        unit="seconds",
    ),
    Metric(
        "conversation_delay_seconds",
        "histogram",
        "Time from an activity to its record in the log: the max_delay that a source needs.",
        ("source",),
        unit="seconds",
        buckets=DELIVERY_BUCKETS,
    ),
    Metric(
        "conversation_late",
        "counter",
        "Activities of records that were stamped before what was already known to be complete: earlier messages were "
        "decided without them, though another run may see them.",
        ("source",),
    ),
    Metric(
        "conversation_problems",
        "counter",
        "What made records of conversation topics invalid. Each series begins with its first problem.",
        ("source", "code"),
    ),
    Metric("conversation_points", "gauge", "Activities in the table, about."),
    Metric("conversation_bytes", "gauge", "Disk that the table takes.", unit="bytes"),
    Metric(
        "table_behind_seconds",
        "gauge",
        "How far a table from a topic is read behind now: rows that were told before are known. About 5 to 6 seconds "
        "is normal; messages wait for max_delay beside it.",
        ("source",),
        unit="seconds",
    ),
    Metric(
        "table_rows_late",
        "counter",
        "Rows of records that were stamped before what was already known to be complete: earlier messages were decided "
        "without them, though another run may see them.",
        ("source",),
    ),
    Metric(
        "table_problems",
        "counter",
        "What made records of tables' topics give no row. Each series begins with its first problem.",
        ("source", "code"),
    ),
    Metric(
        "table_late",
        "counter",
        "Look-ups in tables from topics that took a row later than the message's horizon, since compaction took the "
        "earlier one.",
        ("source",),
    ),
    Metric("table_rows", "gauge", "Versions of rows in the tables from topics, about."),
    Metric("table_bytes", "gauge", "Disk that the tables from topics take.", unit="bytes"),
    # Partitions
    Metric("partitions_assigned", "gauge", "Partitions that are this process's."),
    Metric("partitions_halted", "gauge", "Partitions that wait for an operator.", unready_above=0),
    Metric("partitions_held", "gauge", "Partitions that are paused alone: see the notice partition_held."),
    Metric("topics_missing", "gauge", "Topics that the mappings name and that don't exist."),
    # Offsets
    Metric("offset_commits", "counter", "Offset commits that the broker confirmed."),
    Metric(
        "offset_commit_failures",
        "counter",
        "Offset commits that failed, ordinary rebalances included. Each series begins with its first failure.",
        ("code",),
    ),
    Metric(
        "offset_stores_rejected",
        "counter",
        "Offsets of partitions that had gone when they were to be stored. Each series begins with the first of them.",
        ("code",),
    ),
    Metric(
        "consumer_lag",
        "gauge",
        "Messages between the last confirmed commit and the end; all there are, if that commit is past the end.",
        ("topic", "partition"),
    ),
    Metric(
        "consumer_lag_seconds",
        "gauge",
        "Seconds since the oldest message that isn't settled was written, of those of a topic that are this process's; "
        "0 when all are settled. Exact for what is read, at most that for what isn't read yet.",
        ("topic",),
        unit="seconds",
    ),
    Metric(
        "transaction_open_seconds",
        "gauge",
        "How long a transaction has been seen open in a partition that is read up to it.",
        ("topic", "partition"),
        unit="seconds",
        unready_above=900,
    ),
    # The group's rules
    Metric(
        "partitions_under_other_rules",
        "gauge",
        "Partitions of our topics that other members have, and that were last committed by other rules than ours.",
    ),
    Metric(
        "offsets_under_other_ids",
        "counter",
        "Offsets that were handed on but not committed under rules that gave them other ids.",
    ),
    # Delivery
    Metric(
        "events",
        "counter",
        "Events by outcome: accepted, or refused for good (the message becomes a dead letter). `event_type` is empty "
        "if the rule computes it.",
        ("rule", "event_type", "outcome"),
    ),
    Metric(
        "event_retries",
        "counter",
        "Requests whose event is sent again; `code` as in http_requests.",
        ("code",),
    ),
    Metric(
        "http_requests",
        "counter",
        "Requests by HTTP status, or by why there was none (connect, timeout, ...) or by what a 200 or 201 lacked "
        "(not-json, ...). One that the HTTP client had to repeat, since a used connection was closed, is `reset`.",
        ("code",),
    ),
    Metric(
        "request_duration_seconds",
        "histogram",
        "Duration of requests; `code` as in http_requests.",
        ("code",),
        unit="seconds",
        buckets=REQUEST_BUCKETS,
    ),
    Metric(
        "event_delivery_seconds",
        "histogram",
        "Time from a record's timestamp to the acceptance of its event.",
        unit="seconds",
        buckets=DELIVERY_BUCKETS,
    ),
    Metric(
        "last_acceptance_timestamp_seconds",
        "gauge",
        "When the last event was accepted, in seconds since 1970; 0 before the first.",
        unit="seconds",
    ),
    Metric("pending_events", "gauge", "Events queued, in flight, or waiting for the next try."),
    Metric("requests_in_flight", "gauge", "Requests without an answer yet."),
    Metric(
        "requests_limit",
        "gauge",
        "Requests at once that are allowed now: few right after an outage or while Greenflash is slow.",
    ),
    Metric(
        "delivery_paused",
        "gauge",
        "1 while the service refuses us as such, fails for all, or asks for more than an hour, else 0.",
        unready_above=0,
    ),
    Metric(
        "retry_after_seconds",
        "gauge",
        "How long Greenflash still asks us to wait (Retry-After).",
        unit="seconds",
        unready_above=900,
    ),
    Metric(
        "delivery_failing_seconds",
        "gauge",
        "How long every answer has been a failure, with events on their way.",
        unit="seconds",
        unready_above=60,
    ),
    # Dead letters
    Metric(
        "dead_letters",
        "counter",
        "Dead letters whose write is confirmed, by the rule and code of the first problem. `rule` is empty when the "
        "message itself is at fault.",
        ("topic", "rule", "code"),
    ),
    Metric("dead_letters_in_flight", "gauge", "Dead letters whose write isn't confirmed yet."),
    Metric(
        "dead_letter_write_failures",
        "counter",
        "Dead-letter writes that failed and were tried again. Each series begins with its first failure.",
        ("code",),
    ),
    Metric("dead_letters_by_reference", "counter", "Dead letters written without their too large value."),
)

NOTICE: Final[Mapping[str, Notice]] = {notice.name: notice for notice in NOTICES}
METRIC: Final[Mapping[str, Metric]] = {metric.name: metric for metric in METRICS}

CONDITIONS: Final = tuple(
    dict.fromkeys(
        (
            "starting",
            *(notice.opens for notice in NOTICES if notice.opens),
            *(metric.name for metric in METRICS if metric.unready_above is not None),
        )
    )
)
"""Every condition that can keep the process from being ready."""
