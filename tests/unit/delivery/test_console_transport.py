"""The output of a dry run in place of requests."""

from __future__ import annotations

import io

from greenflash_kafka.delivery.console_transport import ConsoleTransport
from greenflash_kafka.delivery.response_table import accepts
from greenflash_kafka.ports import Request


def test_each_event_is_one_line_and_counts_as_accepted() -> None:
    out = io.StringIO()
    transport = ConsoleTransport(out)
    sent = [Request(b'{"value":"1"}', token=1), Request('{"value":"\u2192 \x1b[2J"}'.encode(), token=2)]
    for each in sent:
        transport.submit(each)
    replies = transport.poll(0)
    assert [reply.request for reply in replies] == sent
    assert all(accepts(reply) for reply in replies)
    assert out.getvalue().splitlines() == ['{"value":"1"}', '{"value":"\u2192 \\u001b[2J"}']
    assert transport.poll(0) == [], "each is answered once"
    transport.close()
