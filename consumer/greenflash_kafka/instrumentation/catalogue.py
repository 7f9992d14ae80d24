"""Everything that this program reports, as one closed list: notices (log lines, health) and metrics.

A test holds code and catalogue together: what the code reports stands here, and what stands here is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

Level = Literal["info", "warning", "error"]

PREFIX: Final = "greenflash_kafka_"
"""What every metric's name begins with."""


class Notice(msgspec.Struct, frozen=True):
    """Something rare. info: good to know; warning: look at it some time; error: it won't go away by itself.

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
    """A number. Exposed as `greenflash_kafka_<name>`, counters with `_total` behind.

    Above `unready_above` a gauge keeps the process from being ready.
    """

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    unready_above: float | None = None


NOTICES: Final[tuple[Notice, ...]] = (
    # Kafka: the group and its partitions
    Notice(
        "kafka_settings_unsafe",
        "warning",
        "kafka.properties has something that works but should not be done; the text says what.",
        "Correct kafka.properties.",
    ),
    Notice(
        "topic_missing",
        "warning",
        "A topic that the mappings name doesn't exist, or this user may not describe it: nothing is read of it. Other "
        "topics are read meanwhile. Said again every 10 minutes.",
        "Create it, correct its name in the mapping file, or grant this user Describe and Read.",
    ),
    Notice("topic_found", "info", "A topic that was missing exists now; it is read.", "Nothing."),
    Notice(
        "topic_deleted",
        "warning",
        "A topic that matched a pattern of the mappings was deleted, with what was not yet read of it.",
        "Nothing, if it was meant to go.",
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
        "The mappings' patterns mean nearly more topics than the Kafka client can read in a classic group; if it comes "
        "to that, the run ends with exit code 2.",
        "Narrow the patterns, share the topics among several groups, or set kafka.group_protocol: consumer.",
    ),
    Notice(
        "start_resolved",
        "info",
        "Partitions without a committed offset begin where kafka.start says; that offset is committed now.",
        "Nothing, if that is where they should begin.",
    ),
    Notice(
        "partitions_assigned",
        "info",
        "The group gave partitions to this process, or told it that there is none left for it.",
        "Nothing.",
        closes="starting",
    ),
    Notice(
        "partitions_revoked", "info", "The group took partitions away; what was under way was finished.", "Nothing."
    ),
    Notice(
        "partitions_lost",
        "warning",
        "All partitions were lost before this process could finish: the group took it for dead and gave them away, or "
        "their topics were deleted. What was under way is sent again by whoever has them, under the same ids.",
        "Nothing once; if it repeats, look for a process that was stopped, or a broker that can't be reached.",
    ),
    Notice(
        "partitions_gone",
        "info",
        "Partitions don't exist any more, since their topic was deleted; which one is said by its own notice.",
        "Nothing.",
    ),
    Notice(
        "poll_too_late",
        "error",
        "The loop stood still for longer than max.poll.interval.ms and lost its partitions.",
        "Find what stopped the process: CPU limits, a suspended machine, swapping.",
    ),
    Notice(
        "partition_halted",
        "error",
        "A partition gives no more messages because some are missing or its topic was created again; others go on.",
        "Read the reason; then set the group's offset yourself, or kafka.on_missing_offsets: continue, and restart.",
    ),
    Notice(
        "partition_skipped_ahead",
        "warning",
        "Messages are missing from a partition, and kafka.on_missing_offsets says to go on with the oldest there is.",
        "Note the range in the reason: those messages were not turned into events.",
    ),
    Notice(
        "partition_held",
        "warning",
        "A partition is not read, and the others are. `reason` says why. ahead: it is as far ahead of its first "
        "unfinished message as delivery.max_uncommitted allows. age: that message is older than "
        "delivery.max_uncommitted_seconds. memory: its events that wait take more than their part of the memory. "
        "commits: as many messages as delivery.max_uncommitted allows wait for a confirmed commit.",
        "See what the named message waits for; delivery.give_up_after can make a dead letter of such an event. "
        "commits: it goes on after a rebalance; otherwise look at the brokers and at commit_failed.",
    ),
    Notice(
        "transaction_open",
        "warning",
        "A transaction has been open in a partition for minutes: consumers of committed messages, as this one, read "
        "nothing behind its first offset.",
        "Find its producer: kafka-transactions.sh describe-producers --topic TOPIC --partition PARTITION. If that is "
        "gone for good, abort the transaction: kafka-transactions.sh abort, with the offset as --start-offset.",
    ),
    Notice("transaction_over", "info", "A transaction that was open for minutes has ended.", "Nothing."),
    Notice("partition_goes_on", "info", "A held partition is read again.", "Nothing."),
    Notice("consumption_paused", "info", "Nothing is read from Kafka while events wait to go out.", "Nothing."),
    Notice("consumption_resumed", "info", "Messages are read again.", "Nothing."),
    Notice(
        "kafka_error",
        "warning",
        "The Kafka client reports a trouble that it goes on working against.",
        "If it repeats, check the brokers, the network, and the TLS, SASL and ACL settings.",
    ),
    Notice(
        "brokers_unreachable",
        "error",
        "No Kafka broker can be reached. Events in hand still go out; their offsets are committed later.",
        "Check the brokers and the network.",
        opens="brokers_unreachable",
        lasts=15.0,  # librdkafka repeats it every 10 s for as long as it is so, and doesn't say when it ends
    ),
    Notice(
        "kafka_refused",
        "error",
        "The brokers refuse this client (its password, token or certificate, or an access rule), or their certificate "
        "can't be trusted. What is in hand still goes out; it is tried again without end.",
        "Read the text; correct the user, its rights, or the certificates. What kafka.properties reads from files and "
        "variables is read again only by a restart.",
        opens="kafka_refused",
        lasts=60.0,  # librdkafka repeats the same words of one broker after 30 s at the earliest
    ),
    Notice(
        "cluster_silent",
        "error",
        "Kafka has not answered questions about our topics for some time, though connections may be open.",
        "Check the brokers, the network, and that this user may still describe the topics (ACLs).",
        opens="cluster_silent",
    ),
    Notice("cluster_answers", "info", "Kafka answers again.", "Nothing.", closes="cluster_silent"),
    Notice(
        "group_silent",
        "error",
        "This process has no partitions, and the group has not said for some time which it may have. A classic group "
        "waits for members that don't answer, for up to their max.poll.interval.ms. With group_protocol: consumer "
        "nobody is waited for: then the coordinator doesn't know that protocol.",
        "Nothing if it ends within a minute or two. Otherwise look for members of the group that stand still: "
        "kafka-consumer-groups.sh --describe --members --group GROUP. With group_protocol: consumer check that all "
        "brokers are Apache Kafka 4.0 or later, or set it to classic.",
        opens="group_silent",
    ),
    Notice("group_answers", "info", "The group has said which partitions are ours.", "Nothing.", closes="group_silent"),
    # Kafka: offsets
    Notice(
        "commit_failed",
        "warning",
        "The broker refused an offset commit; it is tried again with the next one.",
        "If it repeats, check that this group may commit (ACLs).",
    ),
    Notice(
        "commits_overdue",
        "error",
        "No commit of a partition has been confirmed for a minute though there is something to commit. Events still go "
        "out; after a restart they are sent again under the same ids.",
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
        "Partitions of our topics that other members of the group have were last committed by other rules than this "
        "process has: messages there are judged, and filtered for good, by those.",
        "Nothing in a rolling deployment, which ends it. Otherwise give all members of the group the same mapping "
        "files, or each deployment a kafka.group of its own.",
    ),
    Notice("rules_alike", "info", "All members of the group have our rules again.", "Nothing."),
    Notice(
        "rules_changed_over_uncommitted",
        "warning",
        "At least these offsets were handed on, but not committed, under other rules, and a rule that gave them "
        "insert_ids is gone, renamed, or makes other ids now: events of theirs that were sent may be stored twice.",
        "Look in Greenflash for events of those messages that are there twice. Give rules an insert_id that is the "
        "fact's own: then neither their names nor their conditions change it.",
    ),
    # Delivery to Greenflash
    Notice(
        "delivery_waiting",
        "warning",
        "Greenflash asked for time (429 or Retry-After); no event is sent meanwhile.",
        "Nothing for a short wait once; if it repeats, set delivery.max_events_per_second below your rate limit.",
    ),
    Notice(
        "delivery_waits_long",
        "error",
        "Greenflash, or a proxy in between, asked for more than 15 minutes (Retry-After); no event is sent before "
        "`until`. During a wait of more than an hour a probe goes out every 5 minutes, and the first that is accepted "
        "ends it.",
        "Ask who runs the service whether so long a wait is meant, such as a daily quota. If not, nothing for a wait "
        "that is probed; a shorter one is forgotten by a restart.",
    ),
    Notice(
        "delivery_wait_over",
        "info",
        "A long wait is over: its time has come, or a probe was accepted. `seconds` is how long it was.",
        "Nothing.",
    ),
    Notice(
        "delivery_paused",
        "error",
        "The service refuses us as such (key, base URL, or it isn't Greenflash), or every try fails (an outage, or no "
        "file descriptor is left to this process), so nothing is sent but a probe now and then; nothing is lost.",
        "Correct what the text names; an outage ends by itself. A key file is read again at every probe: no restart "
        "is needed.",
    ),
    Notice("delivery_resumed", "info", "Events are accepted again.", "Nothing."),
    Notice(
        "delivery_unsteady",
        "warning",
        "Delivery paused and resumed again and again; `pauses` says how often since it was last told, which is once a "
        "minute. In between, events are accepted.",
        "Look for what fails part of the requests: a replica of several, a proxy, the network.",
    ),
    Notice(
        "delivery_failing",
        "error",
        "No event has been accepted for a minute, every answer was a failure; all are tried again without end.",
        "Read the text: the service or the way to it is in trouble. Nothing is lost meanwhile.",
    ),
    Notice("delivery_working", "info", "An event was accepted after a long time of failures.", "Nothing."),
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
    # Dead letters
    Notice(
        "dead_letters_failing",
        "error",
        "The dead-letter topic takes no messages, so their offsets can't be committed; trying goes on.",
        "Read the reason: the topic may be gone, or this client may not write to it.",
        opens="dead_letters_failing",
    ),
    Notice(
        "dead_letters_working",
        "info",
        "The dead-letter topic takes messages again.",
        "Nothing.",
        closes="dead_letters_failing",
    ),
    Notice(
        "dead_letter_by_reference",
        "warning",
        "A message is too large for the dead-letter topic; its coordinates, size and hash were written instead.",
        "Raise the topic's max.message.bytes; fetch that message by its coordinates before retention takes it.",
    ),
    # The API key
    Notice(
        "key_unreadable",
        "error",
        "The API key's file can't be read again; the key that is in use stays in use.",
        "Read the text: the file may be gone, empty, or not readable for this user.",
    ),
    Notice("key_read_again", "info", "The API key's file holds another key, which is used from now on.", "Nothing."),
    Notice(
        "key_unchecked",
        "warning",
        "Greenflash didn't say at the start whether it knows the API key; the first event will tell.",
        "If events aren't accepted either, check greenflash.base_url and the network.",
    ),
    # This process
    Notice(
        "settings_contradict",
        "warning",
        "One thing is set in two places with different values; the text says which of them counts.",
        "Unset the other one.",
    ),
    Notice("ruleset_loaded", "info", "These rules run from now on.", "Nothing."),
    Notice(
        "stopped",
        "info",
        "The process ends: what was settled is stored and committed. `unanswered` counts what had no answer within "
        "delivery.drain_seconds; its messages are delivered again.",
        "Nothing.",
    ),
    Notice(
        "signal_ignored",
        "warning",
        "A signal came that is often sent to make a service reload (SIGHUP, SIGUSR1, SIGUSR2, SIGALRM); this one reads "
        "mapping files and settings only at its start, and goes on.",
        "Restart to read other mapping files or settings. A key file is read again by itself once the key is refused.",
    ),
    Notice("http_serving", "info", "Metrics and health are served at this address.", "Nothing."),
    Notice(
        "http_unavailable",
        "error",
        "Metrics and health can't be served; everything else goes on.",
        "Free the port, or set http.host and http.port.",
    ),
)

METRICS: Final[tuple[Metric, ...]] = (
    # Messages
    Metric("messages", "counter", "Messages by what became of them; events: what they gave.", ("what",)),
    Metric("messages_dropped", "counter", "Messages that came twice in an assignment, or of a partition gone."),
    Metric("problems", "counter", "What made messages invalid.", ("rule", "field", "code")),
    Metric(
        "rule_counts",
        "counter",
        "Optional fields left out, comparisons not made.",
        ("rule", "field", "code"),
    ),
    Metric("messages_in_hand", "gauge", "Messages read and not yet settled."),
    Metric("bytes_in_hand", "gauge", "Their size.", unit="bytes"),
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
    # Partitions
    Metric("partitions_assigned", "gauge", "Partitions that are this process's."),
    Metric("partitions_halted", "gauge", "Partitions that wait for an operator.", unready_above=0),
    Metric(
        "topics_missing",
        "gauge",
        "Topics that the mappings name and that don't exist.",
    ),
    Metric("partitions_held", "gauge", "Partitions that are paused alone: see the notice partition_held."),
    # Offsets
    Metric("commits", "counter", "Offset commits that the broker confirmed."),
    Metric("commits_failed", "counter", "Offset commits that failed, ordinary rebalances included.", ("code",)),
    Metric("stores_refused", "counter", "Offsets of partitions that had gone when they were to be stored.", ("code",)),
    Metric(
        "lag",
        "gauge",
        "Messages between the last confirmed commit and the end; all there are, if that commit is past the end.",
        ("topic", "partition"),
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
        "rules_differ",
        "gauge",
        "Partitions of our topics that other members have, and that were last committed by other rules than ours.",
    ),
    Metric(
        "offsets_under_other_ids",
        "counter",
        "Offsets that were handed on but not committed under rules that gave them other ids.",
    ),
    # Delivery
    Metric("events_accepted", "counter", "Events that Greenflash accepted."),
    Metric(
        "events_refused",
        "counter",
        "Events refused for good; their messages are dead letters.",
        ("code",),
    ),
    Metric("events_retried", "counter", "Tries that are to be repeated.", ("code",)),
    Metric("answers", "counter", "Answers other than an acceptance.", ("code",)),
    Metric("events_outstanding", "gauge", "Events on their way: queued, in flight, or waiting for the next try."),
    Metric("requests_in_flight", "gauge", "Requests without an answer yet."),
    Metric(
        "requests_allowed",
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
        "delivery_waits_seconds",
        "gauge",
        "How long Greenflash still asks us to wait.",
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
    Metric("dead_letters_open", "gauge", "Dead letters whose write isn't confirmed yet."),
    Metric("dead_letter_failures", "counter", "Dead-letter writes that failed and were tried again.", ("code",)),
    Metric("dead_letters_by_reference", "counter", "Dead letters written without their too large value."),
    # Notices
    Metric("notices", "counter", "Notices by name.", ("name",)),
)

NOTICE: Final[Mapping[str, Notice]] = {notice.name: notice for notice in NOTICES}
METRIC: Final[Mapping[str, Metric]] = {metric.name: metric for metric in METRICS}
