"""Advice about a proposal that nobody has read to its end: comments that begin with `# ?`, and its rules."""

from __future__ import annotations

import re
from typing import Final

from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.mappings.mapping import Understood

_MARK: Final = re.compile(r"(?:^|\s)# \?(?=\s|$)")
_SHOWN: Final = 6


def advise_on_open_questions(file: Understood, tree: FileTree) -> None:
    """Name the lines of a mapping file whose comments have the mark of a proposal, and say which rules are sent."""
    try:
        lines = tree.read(file.path).decode(errors="replace").splitlines()
    except OSError:
        return  # that is a finding of who opens it
    marked = [(number, found) for number, line in enumerate(lines, 1) if (found := _MARK.search(line)) is not None]
    if not marked:
        return
    number, first = marked[0]
    start = first.end() - 2
    shown = ", ".join(str(each) for each, _ in marked[:_SHOWN]) + (", ..." if len(marked) > _SHOWN else "")
    said = f"{len(marked)} lines have the mark `# ?` of a guess that nobody has confirmed: {shown}"
    sent = [rule.name for rule in file.rules if not rule.draft]
    if sent and len(sent) < len(file.rules):
        said += f"; of the rules {', '.join(sent[:_SHOWN])} {'is' if len(sent) == 1 else 'are'} no draft, and sent so"
    elif sent:
        said += "; the rules are no drafts, so their events are sent as they stand"
    elif file.rules:
        said += "; the rules are drafts, so nothing of them is sent"
    hint = "read each: correct the line, take the mark away; then the rule's `draft: true`"
    file.report.add(Place(number, start + 1, number, start + 4), "open-questions", said, hint)
