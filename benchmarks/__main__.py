"""Prints the table, line by line as it is measured: all of it, or the groups that are named as arguments."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from time import perf_counter

from . import devices, proof, servers, starts, tracked, untracked
from .measuring import Line

_WIDTH = 68
_GROUPS = {
    "starts": starts.lines,
    "untracked": untracked.lines,
    "tracked": tracked.lines,
    "devices": devices.lines,
    "proof": proof.lines,
    "servers": servers.lines,
}


def main() -> None:
    start = perf_counter()
    print(f"Python {platform.python_version()}, moto {version('moto')}, boto3 {version('boto3')}")
    print(f"{'ratio of (or what is measured)':{_WIDTH}} {'bar':>6} {'median':>7} {'quartiles':>16} {'of':>5}")
    for name, lines in _GROUPS.items():
        for line in lines() if name in (sys.argv[1:] or _GROUPS) else ():
            print(_shown(line), flush=True)
    print(f"{perf_counter() - start:.0f} s")


def _shown(line: Line) -> str:
    what = f"{line.what}, {line.unit}" if line.unit else line.what
    lower, upper = line.quartiles
    over = "  over the bar" if line.middle > line.bar else ""
    note = f"\n    {line.note}" if line.note else ""
    return (
        f"{what:{_WIDTH}} {line.bar:>6.2f} {line.middle:>7.3f} {lower:>7.3f} to {upper:.3f} {len(line.values):>5}"
        f"{over}{note}"
    )


if __name__ == "__main__":
    main()
