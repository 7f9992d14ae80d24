"""Permissions of this user for the operations of a run: queries that run until their result is needed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Literal

import msgspec
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AclOperation, ConsumerGroupDescription, TopicDescription

from greenflash_kafka.errors import NotAllowed
from greenflash_kafka.source.kafka_offsets import GROUP_REFUSED

Access = Literal["Read", "Write"]


class TopicAccess(msgspec.Struct, frozen=True):
    """A query in progress: may topics be read (or written)? `seconds` is its time limit."""

    servers: str
    access: Access
    asked: Mapping[str, Future[TopicDescription]]
    seconds: float

    def require(self) -> None:
        """Raise NotAllowed when one of them may not; a cluster that doesn't say is passed over."""
        for name, future in self.asked.items():
            try:
                may = future.result(self.seconds).authorized_operations
            except (KafkaException, TimeoutError):
                continue
            if may and AclOperation[self.access.upper()] not in may:
                raise NotAllowed(
                    f"this user may not {self.access.lower()} the topic {name!r}. Grant it: kafka-acls.sh "
                    f"--bootstrap-server {self.servers} --add --allow-principal User:NAME "
                    f"--operation {self.access} --topic {name}"
                )


class GroupAccess(msgspec.Struct, frozen=True):
    """A query in progress: may this user be a member of the group?"""

    asked: Future[ConsumerGroupDescription]
    seconds: float

    def require(self) -> None:
        """Raise NotAllowed when not; a cluster that doesn't say is passed over.

        The consumer itself would only wait: without the right it never learns who coordinates the group.
        """
        try:
            may = self.asked.result(self.seconds).authorized_operations
        except KafkaException as error:
            if error.args[0].code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
                raise NotAllowed(GROUP_REFUSED) from None
        except TimeoutError:
            return
        else:
            if may and AclOperation.READ not in may:
                raise NotAllowed(GROUP_REFUSED)
