"""What a feed is called wherever it is shown: as the config does, else as it does itself, else by its address."""

from __future__ import annotations

from sqlalchemy import func

from store.tables import feeds

#: As ``feed`` in a row; NULL where the row's feed is not stored.
FEED_NAME = func.coalesce(func.nullif(feeds.c.name, ""), func.nullif(feeds.c.title, ""), feeds.c.url).label("feed")
