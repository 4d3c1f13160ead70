"""Decoding of HTTP bodies that never holds more than it was allowed to."""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

#: What to ask servers for.
ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_GZIP_MAGIC = b"\x1f\x8b"


class Decoder(Protocol):
    """Takes the bytes on the wire piece by piece. ``complete`` is false while the coded stream lacks its end."""

    complete: bool

    def decode(self, chunk: bytes, room: int) -> bytes:
        """At most ``room`` bytes of body, or one more than ``room`` when there would be more still.

        Raises ``ValueError`` when the bytes are not in the coding they claim.
        """


class _Identity:
    complete = True

    def decode(self, chunk: bytes, room: int) -> bytes:
        return chunk[: room + 1]


class _Zlib:
    """gzip (RFC 1952, several members in a row too) and deflate (RFC 1950, or bare RFC 1951 as some servers send)."""

    def __init__(self, gzip: bool) -> None:
        self._gzip = gzip
        self._engine: zlib._Decompress | None = None
        self._held = b""
        self._plain = False
        self.complete = False

    def decode(self, chunk: bytes, room: int) -> bytes:
        if self._plain:
            return chunk[: room + 1]
        data = self._held + chunk
        self._held = b""
        out: list[bytes] = []
        left = room + 1
        while data and left > 0:
            if self._engine is None:
                if len(data) < 2:
                    self._held = data
                    break
                if not self._start(data, first=not self.complete):
                    if self.complete:  # padding after the last member
                        break
                    self._plain = self.complete = True
                    out.append(data[:left])
                    break
                self.complete = False
            engine = self._engine
            assert engine is not None
            try:
                piece = engine.decompress(data, left)
            except zlib.error as error:
                raise ValueError(f"the compressed body is damaged ({error})") from error
            out.append(piece)
            left -= len(piece)
            if engine.eof:
                self.complete = True
                data = engine.unused_data
                self._engine = None
                if not self._gzip:
                    break
            else:
                data = engine.unconsumed_tail
                if data and left <= 0:
                    break
        return b"".join(out)

    def _start(self, data: bytes, *, first: bool) -> bool:
        """Pick the window by the first two bytes; false when this is no compressed stream (a header that lies)."""
        if self._gzip:
            if data[:2] != _GZIP_MAGIC:
                return False
            self._engine = zlib.decompressobj(16 + zlib.MAX_WBITS)
            return True
        if first and data.lstrip()[:1] in (b"<", b"{"):
            return False
        zlib_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        self._engine = zlib.decompressobj(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)
        return True


class _Brotli:
    """RFC 7932. A piece of output may be up to some 64 KB longer than asked for, which the cap above it takes off."""

    def __init__(self) -> None:
        import brotli

        self._engine = brotli.Decompressor()
        self._error: type[Exception] = brotli.error
        self.complete = False

    def decode(self, chunk: bytes, room: int) -> bytes:
        out: list[bytes] = []
        left = room + 1
        try:
            while left > 0 and not self._engine.is_finished():
                piece = self._engine.process(chunk, output_buffer_limit=left)
                out.append(piece)
                left -= len(piece)
                chunk = b""
                if not piece and self._engine.can_accept_more_data():
                    break
        except self._error as error:
            raise ValueError(f"the compressed body is damaged ({error})") from error
        self.complete = self._engine.is_finished()
        return b"".join(out)[: room + 1]


class _Zstd:
    """RFC 8878, several frames in a row too; windows up to the 8 MB that RFC 9659 allows on the web."""

    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        self._new: Callable[[], Any] = lambda: zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: 23}
        )
        self._error: type[Exception] = zstd.ZstdError
        self._engine = self._new()
        self.complete = False

    def decode(self, chunk: bytes, room: int) -> bytes:
        out: list[bytes] = []
        left = room + 1
        try:
            while left > 0:
                if self._engine.eof:
                    chunk = self._engine.unused_data + chunk
                    if not chunk:
                        break
                    self._engine = self._new()
                piece = self._engine.decompress(chunk, left)
                out.append(piece)
                left -= len(piece)
                chunk = b""
                if not piece and not self._engine.eof:
                    break
        except self._error as error:
            raise ValueError(f"the compressed body is damaged ({error})") from error
        self.complete = self._engine.eof
        return b"".join(out)


def decoder(content_encoding: str) -> Decoder:
    """The decoder for a ``Content-Encoding`` header.

    Raises ``ValueError`` for a coding that exists but was not asked for. Values that are no coding at all ("utf-8",
    "none") are seen in the wild on plain bodies and mean nothing.
    """
    codings = [c for c in (part.strip().lower() for part in content_encoding.split(",")) if c not in ("", "identity")]
    if not codings:
        return _Identity()
    if len(codings) > 1:
        raise ValueError(f"the body is encoded more than once ({', '.join(codings)[:60]})")
    if codings[0] in ("gzip", "x-gzip"):
        return _Zlib(gzip=True)
    if codings[0] == "deflate":
        return _Zlib(gzip=False)
    if codings[0] == "br":
        return _Brotli()
    if codings[0] == "zstd":
        return _Zstd()
    if codings[0] in ("compress", "x-compress", "dcb", "dcz"):
        raise ValueError(f"the body is encoded as {codings[0]}, which was not asked for")
    return _Identity()
