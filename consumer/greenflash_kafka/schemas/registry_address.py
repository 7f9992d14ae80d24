"""The URLs of a schema registry as a configuration has them."""

from __future__ import annotations

from urllib.parse import urlsplit

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.web.hosts import is_link_local, is_this_machine


def registry_urls(text: str, *, allow_http: bool) -> tuple[str, ...]:
    """The URLs, without a slash at their end. Raises `ConfigInvalid`, whose text goes on after the setting's name, for
    one that could send credentials elsewhere: https only; http for this machine itself, or with `allow_http`."""
    found = tuple(_checked(each.strip(), allow_http) for each in text.split(",") if each.strip())
    if not found:
        raise ConfigInvalid("is empty; write https://host, or remove the line")
    return found


def _checked(text: str, allow_http: bool) -> str:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ConfigInvalid("is not a URL; write https://host/path") from None
    if "@" in parts.netloc:
        # The URL isn't shown: what stands before the @ is somebody's password.
        raise ConfigInvalid(
            "has a user name or password in it: take it out, and set basic.auth.user.info in schema_registry.properties"
        )
    if parts.scheme not in ("https", "http") or not host:
        raise ConfigInvalid("is not a web address; write https://host/path")
    if parts.query or parts.fragment or not text.isprintable() or " " in text or "\\" in text:
        raise ConfigInvalid("has a '?' or '#' part, or characters that no URL has; write https://host/path")
    if parts.scheme == "http" and not (allow_http or is_this_machine(host)):
        raise ConfigInvalid(
            "would be asked unencrypted: write https, or set schema_registry.allow_http: true if the network in "
            "between is yours"
        )
    if is_link_local(host):
        raise ConfigInvalid("is a link-local address, which no registry has")
    return text.rstrip("/")
