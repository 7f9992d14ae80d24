"""Marks of results in colour, at a terminal."""

from __future__ import annotations

import sys

import click

from greenflash_kafka.terminal import coloured, takes_colour


def mark(word: str, kind: str) -> str:
    """A word that says how something is (a status or a severity is its `kind`), for standard output."""
    return coloured(word, kind) if takes_colour(sys.stdout) else word


def show(text: str) -> None:
    """Print what holds marks."""
    # Without being told, click takes colours out wherever there is no terminal, FORCE_COLOR or not.
    click.echo(text, color=True if takes_colour(sys.stdout) else None)
