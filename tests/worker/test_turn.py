"""One run at a time, and no word lost between two of them."""

from __future__ import annotations

import threading

from worker.turn import Turn


class Runner:
    def __init__(self) -> None:
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1


def test_who_comes_meanwhile_wakes_the_run_and_goes() -> None:
    turn, first, second = Turn(), Runner(), Runner()
    assert turn.take(first)
    assert not turn.take(second)
    assert (first.woken, second.woken) == (1, 0)
    assert not turn.end(first), "there is word that it has not heard"
    assert turn.heard()
    assert not turn.heard()
    assert turn.end(first)
    assert turn.take(second)


def test_a_run_whose_time_is_up_lets_the_next_one_in_and_ends_only_its_own_turn() -> None:
    turn, old, new = Turn(), Runner(), Runner()
    assert turn.take(old)
    turn.take(new)
    assert turn.end(old, at_once=True)
    assert turn.take(new)
    turn.end(old, at_once=True)
    assert not turn.take(old)


def test_of_many_at_once_one_runs_and_sees_all_that_was_left_word_of() -> None:
    turn, done, seen = Turn(), [0], [0]
    lock = threading.Lock()

    def come() -> None:
        with lock:
            done[0] += 1
        run = Runner()
        if not turn.take(run):
            return
        while True:
            turn.heard()
            with lock:
                seen[0] = done[0]
            if turn.end(run):
                return

    threads = [threading.Thread(target=come) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert seen[0] == done[0] == 200
