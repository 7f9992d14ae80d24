from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.diff.event_facts import facts_of
from greenflash_kafka.diff.stored import IdRecords, joined
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message

IDS = st.integers(0, 6).map(str)


def _event(insert_id: str) -> Event:
    body = {"eventType": "bought", "value": f"{insert_id}.50", "valueType": "currency", "insertId": insert_id}
    body["properties"] = {"currency": "EUR"}  # type: ignore[assignment]
    return Event("paid", None, insert_id, json.dumps(body).encode())


@settings(max_examples=60)
@given(st.lists(st.tuples(IDS, IDS), max_size=12), st.integers(0, 12))
def test_new_ids_that_are_no_old_ones_are_stored_again(pairs: list[tuple[str, str]], cut: int) -> None:
    with TemporaryDirectory() as name:
        folders = []
        for number, part in enumerate((pairs[:cut], pairs[cut:])):
            folder = Path(name, str(number))
            folder.mkdir()
            folders.append(folder)
            records = IdRecords(folder, ["t"])
            for offset, (old, new) in enumerate(part, number * cut):
                message, before, after = Message("t", 0, offset), _event(old), _event(new)
                if old == new:
                    records.add(message, 0, before, facts_of(before), old=True, new=True)
                    continue
                records.add(message, 0, before, facts_of(before), old=True, new=False)
                records.add(message, 0, after, facts_of(after), old=False, new=True, other_id=True)
            records.close()
        found = joined(folders)
    again = {new for old, new in pairs if new != old} - {old for old, _ in pairs}
    assert found.again == len(again)
    expected = {"EUR": sum(Decimal(f"{each}.50") for each in again)} if again else {}
    assert found.money_again == expected
