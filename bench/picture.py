"""The bars of a run as SVG, readable on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from html import escape

from bench.part import spread
from bench.report import Measured

_WIDTH, _LABELS, _NUMBERS, _MARGIN = 860, 300, 90, 20
_BAR, _STEP, _TITLE, _GAP = 14, 24, 34, 22
_STYLE = """
    .page { fill: #ffffff } text { fill: #1f2328 } .quiet { fill: #57606a }
    .other { fill: #afb8c1 } .ours { fill: #0969da } .range { stroke: #1f2328; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9ea7b3 }
      .other { fill: #484f58 } .ours { fill: #58a6ff } .range { stroke: #e6edf3 }
    }
"""


def picture(measured: Iterable[Measured], caption: str) -> str:
    """One group of bars for each part that asks for them; `caption` stands below."""
    drawn: list[str] = []
    y = _MARGIN
    for each in measured:
        group, height = _group(each, y)
        drawn += group
        y += height
    height = y + 16
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="t" '
            'font-family="system-ui, sans-serif" font-size="13">',
            f'  <title id="t">{escape(caption)}</title>',
            f"  <style>{_STYLE}  </style>",
            f'  <rect class="page" width="{_WIDTH}" height="{height}"/>',
            *drawn,
            f'  <text class="quiet" x="{_MARGIN}" y="{height - 14}" font-size="11">{escape(caption)}</text>',
            "</svg>\n",
        ]
    )


def _group(measured: Measured, y: int) -> tuple[list[str], int]:
    """A title and its bars, from `y` down; and how much room they take."""
    column = measured.part.bars
    if column is None:
        return [], 0
    found = {name: spread(partial(column.of, name), measured.rounds) for name in measured.names}
    there = {name: value for name, value in found.items() if value is not None}
    if not there:
        return [], 0
    scale = (_WIDTH - _LABELS - _NUMBERS - _MARGIN) / (max(value.high for value in there.values()) or 1)
    lines = [f'  <text x="{_MARGIN}" y="{y + 14}" font-weight="600" font-size="15">{escape(column.heading)}</text>']
    for row, (name, value) in enumerate(there.items()):
        top = y + _TITLE + row * _STEP - 8
        kind = "other" if name.startswith(("plain", "by hand")) else "ours"
        middle, right = top + _BAR / 2, _LABELS + value.median * scale
        width = max(1.0, value.median * scale)
        label, number = escape(name.replace("`", "")), column.form.format(value.median)
        lines.append(f'  <text x="{_LABELS - 8}" y="{top + 11}" text-anchor="end">{label}</text>')
        lines.append(f'  <rect class="{kind}" x="{_LABELS}" y="{top}" width="{width:.1f}" height="{_BAR}" rx="2"/>')
        if value.high > value.low:
            low, right = _LABELS + value.low * scale, _LABELS + value.high * scale
            lines.append(f'  <path class="range" d="M{low:.1f} {middle}H{right:.1f}"/>')
        lines.append(f'  <text class="quiet" x="{right + 8:.1f}" y="{top + 11}">{number}</text>')
    return lines, _TITLE + len(there) * _STEP + _GAP
