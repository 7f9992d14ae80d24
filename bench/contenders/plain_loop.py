"""The usual first version: consume, map, `AsyncGreenflash`, 128 at once, commit. No dead letters.

`python plain_loop.py BOOTSTRAP TOPIC BASE_URL httpx|aiohttp`; until it is killed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime

from confluent_kafka import Consumer, Message
from greenflash import AsyncGreenflash, DefaultAioHttpClient


async def send(client: AsyncGreenflash, message: Message) -> None:
    """One message, one event; none when the message isn't an upgrade."""
    payload = json.loads(message.value() or b"")
    if not payload["livemode"] or payload["type"] != "customer.subscription.updated":
        return
    subscription, before = payload["data"]["object"], payload["data"]["previous_attributes"]
    if subscription["status"] not in ("active", "trialing"):
        return
    if subscription["plan"]["amount"] <= before["plan"]["amount"]:
        return
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


async def main(servers: str, topic: str, base_url: str, library: str) -> None:
    """Send all there is, and what comes."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": f"plain-loop-{datetime.now(UTC).timestamp()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    http_client = DefaultAioHttpClient() if library == "aiohttp" else None
    async with AsyncGreenflash(api_key="sk-bench", base_url=base_url, http_client=http_client) as client:
        while True:
            batch = consumer.consume(128, 0.1)
            await asyncio.gather(*(send(client, message) for message in batch))
            if batch:
                consumer.commit(asynchronous=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4]))
