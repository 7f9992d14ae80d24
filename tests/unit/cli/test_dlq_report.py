"""The report at the end of a replay."""

from __future__ import annotations

from greenflash_kafka.cli.dlq_report import as_text
from greenflash_kafka.replay import ReplayReport


def test_what_passes_and_why_the_others_stay_the_most_first() -> None:
    report = ReplayReport(dead_letters=12, passed=5, events=7, again=1)
    for number in range(4):
        report.stays("bad-money", "paid", f"dead/0/{number}", "the currency is unknown")
    report.stays("original-gone", "", "dead/1/9", "its original isn't there any more")
    first, *rest = as_text(report, sent=True).splitlines()
    assert first == "5 of 11 dead letters passed; 7 events accepted"
    assert rest[0].split() == ["4", "stay:", "bad-money", "rule", "paid,", "for", "example", "dead/0/0"]
    assert rest[1].strip() == "the currency is unknown"
    assert "1 stays: original-gone, for example dead/1/9" in rest[2]
    assert "1 was written twice" in rest[4]
    assert "Nothing was sent" not in "".join(rest)


def test_a_dry_run_says_that_nothing_was_sent_and_how_it_would_be() -> None:
    said = as_text(ReplayReport(dead_letters=3, passed=2, events=2), sent=False)
    assert said.startswith("2 of 3 dead letters would pass now; 2 events to send\n")
    assert said.endswith("Nothing was sent. `greenflash-kafka dlq replay --send` sends them.")
    assert "--send" not in as_text(ReplayReport(dead_letters=3), sent=False), "there is nothing to send"


def test_a_replay_that_was_stopped_says_why_and_what_is_left() -> None:
    said = as_text(
        ReplayReport(dead_letters=3, passed=1, events=1, unanswered=2, stopped_by="refused (401)"), sent=True
    )
    assert "stopped before the end: refused (401)" in said
    assert "2 had no answer yet; the next replay tries again" in said


def test_nothing_of_a_letters_text_moves_the_terminal() -> None:
    report = ReplayReport(dead_letters=1)
    report.stays("bad\x1b[2J", "paid", "dead/0/0", "one\ntwo")
    assert as_text(report, sent=True).count("\n") == 2
    assert "\x1b" not in as_text(report, sent=True)
