"""All errors: when each is raised, and the operator's next step.

Problems of single messages are values (`model.problem.Problem`), not exceptions; what stands here stops a
command. `exit_code`: 1 findings or failures, 2 usage, 3 internal.
"""

from __future__ import annotations


class GreenflashKafkaError(Exception):
    """Any error raised on purpose; its text says what happened, where, and the next step."""

    exit_code = 3


class ConfigInvalid(GreenflashKafkaError):
    """The configuration can't be used: correct the file, flag or variable that the text names."""

    exit_code = 2


class TooManyTopics(ConfigInvalid):
    """The mapping files mean more topics than the Kafka client can read in one group: narrow the patterns, share the
    topics among several groups, or set `kafka.group_protocol: consumer`. A run that grows to it ends in order."""


class MappingsInvalid(GreenflashKafkaError):
    """Mapping files have findings of severity error: run `greenflash-kafka lint` and correct them."""

    exit_code = 1


class BrokerUnreachable(GreenflashKafkaError):
    """No broker answered at start: check `kafka.bootstrap_servers`, the network, TLS and SASL settings."""

    exit_code = 1


class SystemLimit(GreenflashKafkaError):
    """A limit of the system (address space, threads, memory) is below what the command needs: raise it."""

    exit_code = 1


class TopicMissing(GreenflashKafkaError):
    """A topic that must exist doesn't: create it (the text has the command), or correct its name."""

    exit_code = 1


class NotAllowed(GreenflashKafkaError):
    """The brokers' access rules (ACLs) keep something from this user that `run` needs: grant what the text names."""

    exit_code = 1


class KeyRefused(GreenflashKafkaError):
    """Greenflash refused the API key at start (401 or 403): check the key and its file."""

    exit_code = 1


class RegistryUnusable(GreenflashKafkaError):
    """The schema registry gave no answer to a question of `schemas pull` or `lint --registry`: check
    `schema_registry.url`, its properties and the network."""

    exit_code = 1


class InteractionsUnusable(GreenflashKafkaError):
    """Greenflash gave no pages to `conversations pull`, or not as its API does: check `greenflash.base_url`."""

    exit_code = 1


class TooManyDeadLetters(GreenflashKafkaError):
    """`dead_letter.max_consecutive` or `dead_letter.max_invalid_ratio` was passed: correct the rule, product or address
    that the text names, or raise the limit, and start again. What wasn't written isn't committed either."""

    exit_code = 1


class DrainDeadlinePassed(GreenflashKafkaError):
    """The process was asked to end and couldn't settle everything in time; the rest is redelivered, nothing is lost."""

    exit_code = 1


class NotIdle(GreenflashKafkaError):
    """`--until-idle` ended with partitions halted or paused; the text lists them and why."""

    exit_code = 1


class SourceFailed(GreenflashKafkaError):
    """The Kafka client can't go on (fatal error, fenced, or an exception left it): restart; nothing was committed."""

    exit_code = 3


class ClientLost(GreenflashKafkaError):
    """A Kafka client of this process gets no answer any more, though the brokers answer a new one: the process ends in
    order, and its supervisor starts it again; nothing else is to be done. What wasn't confirmed isn't committed."""

    exit_code = 3


class RecordingInvalid(GreenflashKafkaError):
    """A file given as a recording is none, or is broken: the text names the line; make it anew with `record`."""

    exit_code = 2


class ReplayRuns(GreenflashKafkaError):
    """Another replay sends the same letters: wait until it ends."""

    exit_code = 1


class AskedToStop(GreenflashKafkaError):
    """The process was asked to end while a query to a silent broker was open. Ends the loop, never the command."""
