"""When two amounts are one figure, however they are written: 1.5 GW and 1,500 MW, 7.5 Mtpa and 7.5 million tonnes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classifiers.event import Amount

#: What one of a unit is in the unit it is compared in. Units not listed are compared with themselves alone.
_SCALES = {
    "kW": ("MW", 1e-3), "MW": ("MW", 1.0), "GW": ("MW", 1e3), "TW": ("MW", 1e6),
    "tonnes": ("tonnes", 1.0), "Mtpa": ("tonnes", 1e6), "barrels per day": ("barrels", 1.0),
}  # fmt: skip
#: Two figures this near, as a share of the larger, are one figure rounded in two ways; within the second they may be.
_SAME, _NEAR = 0.02, 0.2


def same_figures(new: Iterable[Amount], old: Iterable[Amount]) -> list[Amount]:
    """Those of the new amounts that are among the old."""
    known = list(old)
    return [a for a in new if any(_apart(a, b) <= _SAME for b in known)]


def other_figures(new: Iterable[Amount], old: Iterable[Amount]) -> list[Amount]:
    """Those of the new amounts that the old say otherwise: of what is measured alike, none is near."""
    known = list(old)
    found = []
    for amount in new:
        alike = [b for b in known if amount.value and b.value and _measured(amount)[0] == _measured(b)[0]]
        if alike and all(_apart(amount, b) > _NEAR for b in alike):
            found.append(amount)
    return found


def _apart(one: Amount, other: Amount) -> float:
    if not one.value or not other.value:
        return 0.0 if one.value is not None and one.value == other.value and one.unit == other.unit else 1.0
    (a_unit, a), (b_unit, b) = _measured(one), _measured(other)
    return abs(a - b) / max(abs(a), abs(b)) if a_unit == b_unit else 1.0


def _measured(amount: Amount) -> tuple[str | None, float]:
    unit, scale = _SCALES.get(amount.unit or "", (amount.unit, 1.0))
    return unit, (amount.value or 0.0) * scale
