"""From a newspaper's feed to a chat: the whole way, with the retries every webhook has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loopback import Article, answer
from media_servers import Chat
from sqlalchemy import select

from store import tables

if TYPE_CHECKING:
    from conftest import Service
    from loopback import Newspaper

MEETING = Article(
    "Kenyan president meets Ethiopian prime minister in Nairobi",
    "President William Ruto of Kenya met Ethiopian Prime Minister Abiy Ahmed in Nairobi on Monday. The two leaders "
    "discussed trade and security along their border, the president's office said.",
)


def test_news_reaches_a_chat_once_after_a_failure(service: Service, newspaper: Newspaper) -> None:
    failures = [503]

    def reply(request: Any) -> None:
        answer(request, failures.pop() if failures else 200, b"{}")

    with Chat(reply=reply) as chat:
        service.feed(newspaper.feed("/paper"))
        hook = '[[webhooks]]\nname = "phone"\nallow_private = true\nretry_schedule = ["1m"]\n'
        service.webhooks.append(f'{hook}url = "ntfy://127.0.0.1:{chat.host.split(":")[1]}/sEcretTopic"\n')
        service.run()
        newspaper.publish("/paper", MEETING)
        service.run(minutes=10)
        assert len(chat.bodies) == 1
        service.run(minutes=2)
        service.run(minutes=10)
    first, second = chat.bodies
    assert first == second
    assert second["topic"] == "sEcretTopic"
    assert second["title"] == MEETING.title
    assert "Where: Nairobi, Kenya\n" in second["message"]
    assert second["message"].endswith("paper\nhttps://paper.example/0")
    with service.context.database.read() as connection:
        attempts = connection.execute(select(tables.attempts.c.code).order_by(tables.attempts.c.at)).scalars().all()
        assert list(attempts) == [503, 200]
        for table in (tables.webhooks, tables.attempts, tables.deliveries, tables.service_state):
            assert "sEcretTopic" not in repr(connection.execute(select(table)).all())
