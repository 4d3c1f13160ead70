"""A secret is rotated while messages flow: whichever of the two a receiver has, it refuses none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import loopback
import pytest
from loopback import SECRET, Receiver
from test_whole_pass import DEAL, MEETING

from worker.config.rotation import rotate

if TYPE_CHECKING:
    from conftest import Service
    from loopback import Newspaper


@pytest.mark.parametrize("form", ["secret", "secret_file"])
def test_no_message_is_refused_while_a_secret_is_rotated(
    service: Service, newspaper: Newspaper, receiver: Receiver, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = service.folder / "desk.secret"
    file.write_text(SECRET)
    written = SECRET if form == "secret" else file.name
    service.feed(newspaper.feed("/paper"))
    service.webhooks.append(
        f'[[webhooks]]\nname = "desk"\nurl = "{receiver.url}"\n{form} = "{written}"\nallow_private = true\n'
    )
    service.run()

    def change(*, drop_old: bool) -> str | None:
        path = service.write()
        done = rotate(path, {}, "desk", drop_old=drop_old)
        service.webhooks[:] = [path.read_text()[path.read_text().index("[[webhooks]]") :]]
        return done.secret

    new = change(drop_old=False)
    newspaper.publish("/paper", MEETING)
    service.run(minutes=5)
    assert (len(receiver.taken), receiver.bad_signatures) == (1, 0)
    monkeypatch.setattr(loopback, "SECRET", new)
    newspaper.publish("/paper", DEAL)
    service.run(minutes=5)
    assert (len(receiver.taken), receiver.bad_signatures) == (2, 0)
    change(drop_old=True)
    service.run(minutes=5)
    assert len(service.context.config.webhooks[0].secrets) == 1
