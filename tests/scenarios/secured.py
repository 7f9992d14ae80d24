"""A deployment on the secured broker: the configuration is a snippet of docs/security.md."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from tests.brokers.secured import PLAIN_USER, SecuredBroker

PAGE: Final = Path(__file__).parents[2] / "docs" / "security.md"
WAYS: Final = dict(re.findall(r"^### ([^\n]+)\n(?:(?!^#).)*?^```yaml\n(.*?)^```", PAGE.read_text(), re.M | re.S))
"""Heading -> the snippet below it."""

SCRAM: Final = "SCRAM-SHA-512"
MTLS: Final = "Client certificates (mTLS)"
OAUTH: Final = "OAuth (OIDC client credentials)"
KEY_PASSWORD: Final = "key-password-canary"
SECRET: Final = "oauth-secret-canary"


class Way:
    """One user's way into the secured broker: its name there, its configuration, its variables."""

    def __init__(self, broker: SecuredBroker, name: str, folder: Path, *, listener: str = "") -> None:
        """The files that the snippet names are put into `folder`."""
        self.broker = broker
        self.listener = listener or ("MTLS" if name == MTLS else "SASL")
        self.user = PLAIN_USER if name == "PLAIN" else broker.kafka.name("user")
        self.ca_file = folder / "kafka-ca.pem"
        shutil.copy(broker.authority.ca_file, self.ca_file)
        shutil.copy(broker.authority.ca_file, folder / "login-ca.pem")
        self.certificate, self.key = folder / "client-certificate.pem", folder / "client-key.pem"
        self.variables: dict[str, str] = {}
        text = WAYS[name].replace("/etc/greenflash-kafka/", f"{folder}/")
        text = text.replace("client.id: greenflash-kafka", f"client.id: {self.user}")
        self._know(name)
        self.file = folder / "secured.yaml"
        self.file.write_text(text)

    def _know(self, name: str) -> None:
        if name == MTLS:
            self.variables = {"KAFKA_KEY_PASSWORD": KEY_PASSWORD}
            self.present(*self.broker.authority.client(self.user, KEY_PASSWORD))
        elif name == OAUTH:
            self.variables = {
                "KAFKA_CLIENT_SECRET": SECRET,
                "GREENFLASH_KAFKA_KAFKA__OAUTH_TOKEN_URL": self.broker.tokens.url,
            }
            self.broker.tokens.secrets[self.user] = SECRET
        elif name == "PLAIN":
            self.variables = {"KAFKA_USERNAME": PLAIN_USER, "KAFKA_PASSWORD": self.broker.plain_password}
        else:
            self.variables = {"KAFKA_USERNAME": self.user, "KAFKA_PASSWORD": self.broker.scram(self.user, name)}

    def present(self, certificate: Path, key: Path) -> None:
        """Show this certificate from now on."""
        shutil.copy(certificate, self.certificate)
        shutil.copy(key, self.key)

    def environ(self) -> dict[str, str]:
        """What a command needs beside the file."""
        return {
            "GREENFLASH_KAFKA_CONFIG": str(self.file),
            "KAFKA_BOOTSTRAP_SERVERS": self.broker.servers(self.listener),
            **self.variables,
        }
