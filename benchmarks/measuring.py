"""Ratios of two things measured in turn, so that a machine that is busy for a while is busy for both."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

Measurement = Callable[[], float]

# Calls before those that are timed, where the plugin is switched on or off in between: that empties what the
# interpreter remembers of moto's classes, and a test session fills it again soon.
WARM_UP = 20


@dataclass(frozen=True)
class Line:
    """A line of the table.

    :param bar: the most that the design allows
    :param values: the ratio of each pair, or what was measured, in the unit
    :param unit: empty for ratios
    :param note: what is to be known to read the line
    """

    what: str
    bar: float
    values: list[float]
    unit: str = ""
    note: str = ""

    @property
    def middle(self) -> float:
        return median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        lower, _, upper = quantiles(self.values, n=4, method="inclusive")
        return lower, upper


def seconds(call: Callable[[], object], times: int = 1, warm_up: int = 0) -> float:
    """How long one of some calls takes, a tenth of them less, without the garbage collector.

    Not their sum or their middle, for on a busy machine many of them wait for others' work, and none gets faster by it.

    :param warm_up: calls before these, not timed
    """
    for _ in range(warm_up):
        call()
    gc.collect()
    gc.disable()
    try:
        taken = []
        for _ in range(times):
            start = perf_counter()
            call()
            taken.append(perf_counter() - start)
        return sorted(taken)[times // 10]
    finally:
        gc.enable()


def paired(measured: Measurement, base: Measurement, pairs: int) -> list[float]:
    """The ratios measured / base of pairs taken in turn, every second pair the other way round.

    :param measured: gives seconds (see :func:`seconds`), as does ``base``
    """
    measured(), base()  # the first of each pays for caches
    with _frozen_heap():
        ratios = []
        for number in range(pairs):
            if number % 2:
                divisor = base()
                ratios.append(measured() / divisor)
            else:
                dividend = measured()
                ratios.append(dividend / base())
        return ratios


@contextmanager
def _frozen_heap() -> Iterator[None]:
    """What lives already is no garbage: to look at all of it before each measurement takes longer than the latter."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
