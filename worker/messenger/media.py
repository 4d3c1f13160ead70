"""From an address of Apprise's to the medium it stands for: who speaks to it, what it reads, how much it takes."""

from __future__ import annotations

import difflib
import logging
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from alerts.markup import Html, Markdown, Plain

if TYPE_CHECKING:
    from types import ModuleType

    from apprise import NotifyFormat
    from apprise.plugins import NotifyBase

#: Where one of these is chosen: `pip install` of it.
INSTALL = "pip install 'seedwire[people]'"
#: A message to people is never longer, in bytes: it fits a section of Slack's (3,000 characters) and what ntfy shows as
#: a message (4,096 bytes, as JSON with escapes), and is more than anybody reads on a phone. E-mail takes what it takes.
LONGEST, LONGEST_TITLE = 2_500, 140
#: Read Markdown, though to Apprise what they take is plain text.
_READ_MARKDOWN = frozenset({"discord", "fluxer", "guilded", "mmost", "mmosts", "zulip"})
#: For programs: what they are sent is not for display.
_PROGRAMS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms"})
#: Adaptive cards take a single line break for a space.
_NEED_PARAGRAPHS = frozenset({"workflow", "workflows", "msteams"})
_SUPPRESS_EMBEDS = 4  # a message flag of Discord's


class NoMedium(ValueError):
    """Why an address cannot be used. The message quotes nothing of it but the scheme: the rest may be secret."""


@dataclass(frozen=True, slots=True)
class Medium:
    """``most`` and ``most_title`` are bytes; no title: it goes into the body."""

    plugin: NotifyBase
    format: NotifyFormat
    markup: Plain
    most: int
    most_title: int

    def finish(self, body: str) -> str:
        """``body`` as the plugin will send it."""
        return self.plugin.dialect_convert(body, self.format)

    def tie(self, story_id: str, link: str | None) -> None:
        """What some media do beside showing a message: keep the mails about a story together, open a link when a
        message is tapped."""
        if _is_mail(self.plugin):
            headers: dict[str, str] = vars(self.plugin)["headers"]
            headers["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers
            if story_id:
                headers["References"] = f"<{story_id}@seedwire>"
        elif link and getattr(self.plugin, "click", "") is None:
            vars(self.plugin)["click"] = link


def medium(url: str) -> Medium:
    """A new one each time: a plugin keeps state that one attempt must not leave to the next. Raises NoMedium."""
    apprise = _apprise()
    scheme = url.partition("://")[0].lower()
    plugin = _plugin(apprise, scheme, url)
    formats = plugin._formats()
    rich = apprise.NotifyFormat.HTML if apprise.NotifyFormat.HTML in formats else apprise.NotifyFormat.MARKDOWN
    form = plugin.resolve_format(None if scheme in _PROGRAMS else rich)
    if form == apprise.NotifyFormat.HTML:
        markup: Plain = Html()
    elif form == apprise.NotifyFormat.MARKDOWN or scheme in _READ_MARKDOWN:
        markup = Markdown(paragraphs=scheme in _NEED_PARAGRAPHS)
    else:
        markup = Plain()
    most = plugin.body_maxlen if _is_mail(plugin) else min(plugin.body_maxlen, LONGEST)
    most_title = min(plugin.title_maxlen, LONGEST_TITLE)
    if plugin.overflow_amalgamate_title:  # the title counts as body
        most_title *= scheme not in _READ_MARKDOWN  # and may as well be in it, where it can be set off
        most -= most_title
    return Medium(plugin, form, markup, most, most_title)


def _plugin(apprise: ModuleType, scheme: str, url: str) -> NotifyBase:
    known = _known()
    if scheme not in known:
        close = difflib.get_close_matches(scheme, [*known, "http", "https"], n=1)
        hint = f"; did you mean {close[0]}://?" if close else ""
        raise NoMedium(f"{scheme}:// is no medium that Apprise knows{hint}")
    kind = known[scheme]
    if not kind.enabled:
        needed = kind.requirements.get("packages_required") or []
        packages = ", ".join([needed] if isinstance(needed, str) else needed)
        raise NoMedium(f"{scheme}:// cannot be used here" + (f": it needs {packages}" if packages else ""))
    if not (_by_http(kind) or _is_mail(kind)):
        raise NoMedium(f"{scheme}:// is neither spoken over HTTP nor e-mail, so it cannot be guarded: take another way")
    try:
        plugin: NotifyBase | None = apprise.Apprise.instantiate(url, asset=_asset())
    except Exception:  # noqa: BLE001 - what a plugin raises for an address it cannot read is its own affair
        plugin = None
    if plugin is None:
        page = f" ({kind.setup_url})" if kind.setup_url else ""
        raise NoMedium(f"Apprise cannot read this {scheme}:// address{page}")
    plugin.retry = 0  # retry_schedule is what tries again
    if len(plugin) > 1:
        raise NoMedium(
            f"it names {len(plugin)} recipients, and a retry would reach those again that had it: give each a table"
        )
    if not plugin.verify_certificate:
        raise NoMedium("verify=no: certificates are always checked; SSL_CERT_FILE can name an authority of your own")
    vars(plugin)["throttle"] = _no_throttle
    if scheme == "discord":
        vars(plugin)["flags"] = (getattr(plugin, "flags", 0) or 0) | _SUPPRESS_EMBEDS
    return plugin


def _no_throttle(*_: object, **__: object) -> None:
    """Retries wait in the database; a thread that sleeps delivers nothing."""


def _by_http(kind: Any) -> bool:
    """Whether a plugin speaks through requests, which leads to the door. What does not acts on this machine or opens
    connections of its own."""
    return any(hasattr(sys.modules.get(base.__module__), "requests") for base in kind.__mro__)


def _is_mail(kind: Any) -> bool:
    from apprise.plugins.email import NotifyEmail

    return isinstance(kind, NotifyEmail) or (isinstance(kind, type) and issubclass(kind, NotifyEmail))


@cache
def _known() -> dict[str, Any]:
    """Apprise's plugins by scheme."""
    from apprise.manager_plugins import NotificationManager

    plugins: Any = NotificationManager
    plugins = plugins()
    return {scheme: plugins[scheme] for scheme in plugins.schemas()}


@cache
def _asset() -> Any:
    """No pictures from elsewhere, nothing kept on disk, no redirects unless the address asks for them."""
    from apprise import AppriseAsset

    return AppriseAsset(
        app_id="Seedwire",
        app_desc="Seedwire",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
    )


@cache
def _apprise() -> ModuleType:
    try:
        import apprise
    except ImportError:
        raise NoMedium(f"chats and e-mail need Apprise, which is not installed: {INSTALL}") from None
    # It logs addresses with their tokens.
    logger = logging.getLogger("apprise")
    logger.propagate, logger.disabled = False, True
    from worker.messenger import transport

    transport.take_over()
    return apprise
