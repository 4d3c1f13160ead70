"""``/patterns``: what was learned, readable, with where it matched."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from store.corrections import waiting
from web.api.patterns import Part
from web.pages.rendering import page
from web.patterns import DAYS, learned
from web.site import AtHand, Reading

SHOWN = 20

router = APIRouter()


@router.get("/patterns")
def patterns(request: Request, site: AtHand, connection: Reading, q: Part = "") -> HTMLResponse:
    return page(
        request,
        connection,
        "patterns.html",
        learned=learned(site, most=SHOWN, text=q.strip()),
        asked=q.strip(),
        days=DAYS,
        shown=SHOWN,
        waiting=waiting(connection),
        command=_command(site),
    )


def _command(site: AtHand) -> str:
    """What learns from the corrections."""
    model = site.context.config.service.model
    return f"seedwire learn --seeds DIR --with-feedback --out {model.name if model else 'my-model.json'}"
