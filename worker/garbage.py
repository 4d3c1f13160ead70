"""How often Python looks for garbage that holds itself."""

import gc


def collect_rarely() -> None:
    """For a process that makes tens of thousands of objects a second and keeps the model: looking through all of them
    at every 700th, as by default, takes an eighth of a pass over feeds, and finds next to nothing."""
    gc.set_threshold(50_000)
