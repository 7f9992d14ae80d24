"""A real broker behind TLS, SASL and access rules, with a listener for each way in and for each way to get it wrong."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from tests.brokers.authority import Authority
from tests.brokers.broker import free_ports
from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenBroker
from tests.brokers.tokens import AUDIENCE, ISSUER, TokenService

LISTENERS: Final = ("TLS", "MTLS", "SASL", "WRONGHOST", "EXPIRED", "REAUTH")
"""TLS alone; TLS with client certificates; TLS with SASL; TLS with SASL whose certificate is for another host, or has
expired; and TLS with SASL whose clients must authenticate again every few seconds."""

REAUTH_SECONDS: Final = 2

PLAIN_USER: Final = "plain-user"
MECHANISMS: Final = {"SCRAM-SHA-256": ScramMechanism.SCRAM_SHA_256, "SCRAM-SHA-512": ScramMechanism.SCRAM_SHA_512}
_OAUTH = "org.apache.kafka.common.security.oauthbearer"


class SecuredBroker(MavenBroker):
    """Apache Kafka with every listener of `LISTENERS` beside the plain one, which is the tests' own and may everything.

    Nobody else may anything but what `allow` gives them (StandardAuthorizer).
    """

    def __init__(self, folder: Path) -> None:
        """`folder` takes the certificates."""
        self.authority = Authority(folder)
        self.plain_password = secrets.token_urlsafe(18)
        localhost = self.authority.server("localhost", "127.0.0.1")
        self._certificates = {
            "WRONGHOST": self.authority.server("kafka.elsewhere.test"),
            "EXPIRED": self.authority.server("localhost", expired=True),
        }
        self._certificate = localhost
        self._keys = folder / "keys.json"
        self.tokens = TokenService(localhost, self._keys)
        self._ports: dict[str, int] = {}
        super().__init__()
        self.description += ", secured"
        self.kafka = Kafka(self.bootstrap_servers)
        self._admin = AdminClient({"bootstrap.servers": self.bootstrap_servers, "log_level": "0"})

    def stop(self) -> None:
        """End it, and the token service."""
        self.tokens.close()
        super().stop()

    def servers(self, listener: str) -> str:
        """The bootstrap address of a listener."""
        return f"localhost:{self._ports[listener]}"

    def scram(self, user: str, mechanism: str = "SCRAM-SHA-512", password: str = "") -> str:
        """Give this user a password, a new one unless told which; what it is."""
        password = password or f"pw-{secrets.token_urlsafe(12)}"
        info = ScramCredentialInfo(MECHANISMS[mechanism], 4096)
        self._alter(UserScramCredentialUpsertion(user, info, password.encode()))
        return password

    def forget(self, user: str, mechanism: str = "SCRAM-SHA-512") -> None:
        """Take a user's password away: nobody gets in with it any more."""
        self._alter(UserScramCredentialDeletion(user, MECHANISMS[mechanism]))

    def _alter(self, change: UserScramCredentialUpsertion | UserScramCredentialDeletion) -> None:
        for future in self._admin.alter_user_scram_credentials([change]).values():
            future.result(30)

    def allow(self, user: str, *, read: Iterable[str] = (), write: Iterable[str] = (), group: str = "") -> None:
        """Let a user read topics, write topics, and be a member of a group; each includes Describe."""
        rules = [
            *((ResourceType.TOPIC, topic, AclOperation.READ) for topic in read),
            *((ResourceType.TOPIC, topic, AclOperation.WRITE) for topic in write),
            *([(ResourceType.GROUP, group, AclOperation.READ)] if group else []),
        ]
        bindings = [_rule(user, *each) for each in rules]
        for future in self._admin.create_acls(bindings).values():
            future.result(30)

    def allow_everything(self, user: str) -> None:
        """Let a user do whatever there is to topics and groups, creating them included."""
        kinds = (ResourceType.TOPIC, ResourceType.GROUP)
        for future in self._admin.create_acls([_rule(user, kind, "*", AclOperation.ALL) for kind in kinds]).values():
            future.result(30)

    def disallow(self, user: str, kind: ResourceType, name: str) -> None:
        """Take back whatever was allowed to a user about this topic or group."""
        rule = f"User:{user}", "*", AclOperation.ANY, AclPermissionType.ALLOW
        about = AclBindingFilter(kind, name, ResourcePatternType.LITERAL, *rule)
        for future in self._admin.delete_acls([about]).values():
            future.result(30)

    def describe(self, user: str, kind: ResourceType, name: str) -> None:
        """Let a user see that a topic or a group is there, and no more."""
        for future in self._admin.create_acls([_rule(user, kind, name, AclOperation.DESCRIBE)]).values():
            future.result(30)

    def _properties(self, port: int, controller: int) -> dict[str, str]:
        self._ports = dict(zip(LISTENERS, free_ports(len(LISTENERS)), strict=True))
        base = super()._properties(port, controller)
        listeners = [f"{name}://127.0.0.1:{number}" for name, number in self._ports.items()]
        advertised = [f"{name}://localhost:{number}" for name, number in self._ports.items()]
        protocols = [f"{name}:{'SSL' if 'TLS' in name else 'SASL_SSL'}" for name in LISTENERS]
        made = {
            **base,
            "listeners": ",".join([base["listeners"], *listeners]),
            "advertised.listeners": ",".join([base["advertised.listeners"], *advertised]),
            "listener.security.protocol.map": ",".join([base["listener.security.protocol.map"], *protocols]),
            "inter.broker.listener.name": "PLAINTEXT",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
            # Refusals wait a little, as in production, but not so long as to slow the tests down.
            "connection.failed.authentication.delay.ms": "50",
        }
        for name in LISTENERS:
            made |= self._listener(name)
        return made

    def _listener(self, name: str) -> dict[str, str]:
        mine = f"listener.name.{name.lower()}."
        settings = {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._certificates.get(name, self._certificate)),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.ca_file),
            "ssl.client.auth": "required" if name == "MTLS" else "none",
        }
        if "TLS" in name:
            return {mine + key: value for key, value in settings.items()}
        plain = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{PLAIN_USER}="{{}}";'
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        settings |= {
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
            "plain.sasl.jaas.config": plain.format(self.plain_password),
            "scram-sha-256.sasl.jaas.config": scram,
            "scram-sha-512.sasl.jaas.config": scram,
            "oauthbearer.sasl.jaas.config": f"{_OAUTH}.OAuthBearerLoginModule required;",
            "oauthbearer.sasl.server.callback.handler.class": f"{_OAUTH}.OAuthBearerValidatorCallbackHandler",
            "oauthbearer.sasl.oauthbearer.jwks.endpoint.url": self._keys.as_uri(),
            "oauthbearer.sasl.oauthbearer.expected.issuer": ISSUER,
            "oauthbearer.sasl.oauthbearer.expected.audience": AUDIENCE,
        }
        if name == "REAUTH":
            settings["connections.max.reauth.ms"] = str(REAUTH_SECONDS * 1000)
        return {mine + key: value for key, value in settings.items()}

    def _java(self, heap: str) -> list[str]:
        java, *rest = super()._java(heap)
        return [java, f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={self._keys.as_uri()}", *rest]


def _rule(user: str, kind: ResourceType, name: str, operation: AclOperation) -> AclBinding:
    who = f"User:{user}", "*", operation, AclPermissionType.ALLOW
    return AclBinding(kind, name, ResourcePatternType.LITERAL, *who)
