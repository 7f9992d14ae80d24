"""The formats of payloads: what `source: {format}` of a mapping file can be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "json": "JSON in UTF-8, with exact numbers.",
    }
)
"""Each is one module of `decoding/` (json is json_format), with a function `decoder`; here, what it is."""

AUTO: Final = "auto"
"""The format of a mapping file that says none: another file's for the same topic, else JSON."""

DEFAULT: Final = "json"
