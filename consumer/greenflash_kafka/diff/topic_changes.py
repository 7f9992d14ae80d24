"""Topics, and patterns of topics, that only one of two rule sets reads."""

from __future__ import annotations

import msgspec


class TopicChange(msgspec.Struct, frozen=True):
    """A topic, or a `/pattern/`, as it is written in a file (`at`), that is read `now`, or no longer. `others` of a
    pattern: topics of the cluster that fit, and that only this side reads; None: the cluster wasn't asked. `begins`:
    what `initial_offset` says, "" if nothing."""

    topic: str
    now: bool
    at: str
    others: tuple[str, ...] | None = None
    begins: str = ""

    @property
    def is_pattern(self) -> bool:
        """Whether other topics may fit, today or later."""
        return self.topic.startswith("/")

    @property
    def unknown(self) -> bool:
        """Whether nobody can say which topics it means."""
        return self.is_pattern and self.others is None

    @property
    def short(self) -> str:
        """What changes, for a verdict."""
        return f"{self.topic} is read {'now' if self.now else 'no longer'} ({self.at})"

    def words(self) -> str:
        """What changes, and for which topics."""
        if not self.is_pattern:
            return self.short if self.now else f"{self.short}: its messages give no events any longer"
        if self.others is None:
            said = "a recording doesn't tell which topics of the cluster fit"
            return f"{self.short}; {said}. {self._history if self.now else 'Their messages give no events any longer'}"
        if self.others:
            word = "weren't read before" if self.now else "are read no longer"
            return f"{self.short}; topics of the cluster that fit and {word}: {', '.join(self.others)}"
        none = "no topic of the cluster fits that wasn't read before" if self.now else "each that fits is still read"
        return f"{self.short}; {none}" + ("; one that is made later is read from its first message" if self.now else "")

    @property
    def _history(self) -> str:
        if self.begins == "latest":
            return "`run` begins at the end of each that its group has read nothing of (initial_offset: latest)"
        since = f"from {self.begins} on" if self.begins not in ("", "earliest") else "from its beginning"
        return f"`run` reads each that its group has read nothing of {since}"
