"""What one writes first: consume, map, `AsyncGreenflash`, 128 at once, commit. No dead letters, no second thoughts.

`python bench/plain_loop.py BOOTSTRAP TOPIC BASE_URL EVENTS`
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime

from confluent_kafka import Consumer, Message
from greenflash import AsyncGreenflash


async def send(client: AsyncGreenflash, message: Message) -> None:
    """One message, one event."""
    payload = json.loads(message.value() or b"")
    subscription = payload["data"]["object"]
    await client.events.create(
        event_type="upgrade_purchased",
        product_id="b3f0f9a4-31c8-4b2a-9a39-0f6a7c6f6a0e",
        value=f"{subscription['plan']['amount'] / 100:.2f}",
        value_type="currency",
        influence="positive",
        external_user_id=subscription["metadata"]["user_id"],
        external_conversation_id=subscription["metadata"]["conversation_id"],
        event_at=datetime.fromtimestamp(payload["created"], UTC),
        insert_id=f"upgrade_purchased:{payload['id']}",
        properties={
            "currency": subscription["currency"].upper(),
            "plan": subscription["plan"]["nickname"],
            "source": "stripe",
        },
    )


async def main(servers: str, topic: str, base_url: str, events: int) -> None:
    """Send so many events."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": f"plain-loop-{datetime.now(UTC).timestamp()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    sent = 0
    async with AsyncGreenflash(api_key="sk-bench", base_url=base_url) as client:
        while sent < events:
            batch = consumer.consume(128, 0.1)
            await asyncio.gather(*(send(client, message) for message in batch))
            sent += len(batch)
            if batch:
                consumer.commit(asynchronous=True)
    consumer.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
