"""Certificates for tests: an authority, servers and clients of it, good ones and such that nobody should take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


class Authority:
    """One certificate authority; what it issues are PEM files in `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._ca = trustme.CA()
        self.ca_file = folder / "ca.pem"
        """The authority's own certificate: what whoever trusts it is given."""
        self._ca.cert_pem.write_to_path(self.ca_file)

    def server(self, *names: str, expired: bool = False, file: str | None = None) -> Path:
        """Key (PKCS #8, as Java wants it) and certificate for these host names or addresses, in one file."""
        made = self._ca.issue_cert(*names, not_before=_begin(expired), not_after=_end(expired))
        path = self._folder / (file or f"{names[0]}{'-expired' if expired else ''}.pem")
        path.write_bytes(_key(made, None) + made.cert_chain_pems[0].bytes())
        return path

    def client(self, name: str, password: str, *, expired: bool = False) -> tuple[Path, Path]:
        """A client's certificate and its key, encrypted by `password`; `name` is its common name."""
        # Java refuses a certificate without any name but the subject's.
        begin, end = _begin(expired), _end(expired)
        made = self._ca.issue_cert(f"{name}.clients.test", common_name=name, not_before=begin, not_after=end)
        stem = f"{name}{'-expired' if expired else ''}"
        certificate, key = self._folder / f"{stem}-certificate.pem", self._folder / f"{stem}-key.pem"
        certificate.write_bytes(made.cert_chain_pems[0].bytes())
        key.write_bytes(_key(made, password))
        return certificate, key


def _begin(expired: bool) -> datetime | None:
    return datetime.now(UTC) - timedelta(days=9) if expired else None


def _end(expired: bool) -> datetime | None:
    return datetime.now(UTC) - timedelta(days=1) if expired else None


def _key(made: trustme.LeafCert, password: str | None) -> bytes:
    how = NoEncryption() if password is None else BestAvailableEncryption(password.encode())
    key = load_pem_private_key(made.private_key_pem.bytes(), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
