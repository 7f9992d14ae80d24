"""The report of a chaos run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from tests.chaos.compare import Verdict
from tests.chaos.storm import Outcome, Settings


def report(settings: Settings, outcome: Outcome, broker: str) -> str:
    """The whole report as text."""
    verdict = outcome.verdict
    killed = sum(_blows(each) for kind, each in outcome.hits.items() if kind.startswith("kill"))
    others = sum(_blows(each) for kind, each in outcome.hits.items() if not kind.startswith("kill"))
    rejoins = outcome.rejoins or [0.0]
    lines = [
        f"seed {settings.seed}; {settings.members} members of a {settings.protocol} group, sessions of "
        f"{settings.session_ms / 1000:g} s; {broker}",
        f"{killed} kill -9 and {others} other blows, {outcome.seconds:,.0f} s in all, "
        f"settled {outcome.settled_in:.0f} s after the last one",
    ]
    for kind, phases in sorted(outcome.hits.items()):
        lines.append(f"  {kind:20} {sum(phases.values()):4}   {_counts(phases)}")
    lines += [
        f"processes started      {outcome.starts:,} ({outcome.refused_at_start} met a key that was just changing, "
        "or no broker)",
        f"back with partitions   median {rejoins[len(rejoins) // 2]:.1f} s, slowest {rejoins[-1]:.1f} s",
        f"longest silence        {outcome.silence:.1f} s without a new event while some waited",
        f"partitions lost        {outcome.lost_partitions} times (zombies, sessions that ended)",
        f"weather                {_counts(outcome.weather)}",
        f"faults answered        {_counts(Counter(outcome.faults))}",
        f"messages               {outcome.messages:,}: {outcome.filtered:,} filtered, {verdict.broken:,} broken",
        *verdict_lines(verdict),
        *([f"registry               {outcome.registry}"] if outcome.registry else []),
        *_links(outcome),
    ]
    lines += [f"ended by itself: {each}" for each in outcome.ended_themselves]
    lines.append("EXACT" if outcome.exact else "NOT EXACT")
    return "\n".join(lines)


def _links(outcome: Outcome) -> list[str]:
    verdict, chats, again = outcome.verdict, outcome.chats, outcome.again
    lines = [
        f"chats                  {chats.written:,} written, {verdict.chats:,} readable; "
        f"{chats.transactions} transactions, {chats.aborted} of them aborted",
        f"latest record          {chats.latest_ms:,} ms after its stamp; {chats.too_late} later than the margin",
        f"links                  {verdict.linked:,} events linked and {verdict.unlinked:,} not, as the oracle says; "
        f"{verdict.wrongly_linked} otherwise",
        f"customers              {chats.customers:,} versions, {chats.compacted:,} of them compacted away",
        f"rows                   {verdict.rows:,} events have the oracle's rows, {verdict.rowless:,} of them rightly "
        f"no customer; {verdict.later_rows:,} a later customer, {verdict.earlier_rows} an earlier one, "
        f"{verdict.wrong_rows} otherwise",
        f"other body, same id    {verdict.contradictions}; {verdict.later_again} more with another customer",
        f"guests in the group    {outcome.guests}; the broker died {outcome.outages} times",
    ]
    if again is not None:
        lines.append(
            f"another group          {again.stored:,} stored in {again.seconds:,.0f} s: {again.same:,} the same, "
            f"{again.later:,} with another customer, {again.differ} otherwise, {again.missing} stored by one only, "
            f"{again.told_twice} told twice"
        )
        lines += again.examples
    return lines


def _blows(phases: Counter[str]) -> int:
    return phases.total() - phases["had ended"]


def verdict_lines(verdict: Verdict) -> list[str]:
    """The part that a storm and a soak have in common."""
    return [
        f"events                 {verdict.facts:,} meant, {verdict.stored:,} stored; {verdict.requests:,} requests, "
        f"{verdict.again:,} for what was stored already",
        f"lost                   {verdict.lost}",
        f"stored twice           {verdict.twice}",
        f"wrong                  {verdict.wrong} with another value, {verdict.unknown} never meant, "
        f"{verdict.refused} refused by the API",
        f"dead letters           {verdict.dead_letters:,} ({verdict.dead_letters_missing} missing, "
        f"{verdict.dead_letters_unmeant} that shouldn't be, {verdict.dead_letters_again} written again after a crash)",
        f"not committed          {verdict.uncommitted}",
        *verdict.examples,
    ]


def _counts(counted: Mapping[str, int]) -> str:
    ordered = sorted(counted.items(), key=lambda each: -each[1])
    return ", ".join(f"{name} {number:,}" for name, number in ordered) or "none"
