"""The certificate authorities that clients trust."""

from __future__ import annotations

import ssl

import certifi

from greenflash_kafka.errors import ConfigInvalid


def check_ca_file(path: str | None, setting: str = "greenflash.ca_file") -> str:
    """The file of trusted authorities: the given one, or certifi's; raises `ConfigInvalid` for an unusable one,
    which names the `setting`."""
    if path is None:
        return certifi.where()
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as failure:
        raise ConfigInvalid(
            f"{setting} {path!r} can't be used ({failure.__class__.__name__}): "
            "it must be a PEM file of the certificate authorities to trust"
        ) from None
    return path
