"""Version of the HTTP client library."""

from __future__ import annotations

import pycurl


def libcurl() -> str:
    """As libcurl says it, such as 8.23.0."""
    return str(pycurl.version_info()[1])
