"""Sphinx: the tables of ``sign_in.py``, and the steps that may follow each other, drawn from the rules themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection
from html import escape
from itertools import chain, combinations, product
from typing import NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from moto_cognito_devices.sign_in import (
    DEVICES,
    FIRST_FACTORS,
    MFA,
    STATES,
    Counting,
    DeviceState,
    Due,
    Factor,
    Method,
    Mfa,
    Situation,
    Step,
    UserState,
    Verdict,
    next_step,
)


class Table(NamedTuple):
    head: list[str]
    rows: list[list[str]]


def states() -> Table:
    rows = [[state.value, *(verdict.value for verdict in STATES[state])] for state in UserState]
    return Table(["the user's state", "before the first factor", "after it", "after CUSTOM_AUTH alone"], rows)


def first_factors() -> Table:
    rows = [[factor.value, member] for factor, member in FIRST_FACTORS.items()]
    return Table(["what USER_AUTH offers", "if AllowedFirstAuthFactors has"], rows)


def mfa() -> Table:
    rows = [[counting.value, *(MFA[counting, required].value for required in (False, True))] for counting in Counting]
    return Table(["the user's methods that count", "MFA OPTIONAL or OFF", "MFA ON"], rows)


def devices() -> Table:
    rows = [[device.value, *(DEVICES[device, due].value for due in Due)] for device in DeviceState]
    return Table(["the device that the request names", *(due.value for due in Due)], rows)


TABLES: dict[str, Callable[[], Table]] = {
    "states": states,
    "first factors": first_factors,
    "mfa": mfa,
    "devices": devices,
}

FIRST = "first factor"
CODES = " / ".join(method.value for method in Method)
PROOF = "DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER"

#: What can be asked for, and the ends, from top to bottom.
ORDER = [
    FIRST,
    Verdict.NEW_PASSWORD.value,
    Mfa.SELECT.value,
    CODES,
    Mfa.SET_UP.value,
    PROOF,
    Step.BIND.value,
    Step.NEW_DEVICE.value,
]
ENDS = {Step.BIND.value, Step.NEW_DEVICE.value}
_REFUSALS = (Step.REFUSE_USER, Step.REFUSE_DEVICE)


def followers() -> set[tuple[str, str]]:
    """What may follow what in a pool with tracking, found by going through every sign-in that the rules allow.

    A request may name another device than the one before, or none. Refusals are not among them: they end no sign-in.
    CUSTOM_AUTH is not among them: it stands between all of these and the proof of a device.
    """
    found = set()
    methods = chain.from_iterable(combinations(Method, count) for count in range(len(Method) + 1))
    tracked = [device for device in DeviceState if device is not DeviceState.UNTRACKED]
    for state, required, counting, waives in product(UserState, (False, True), map(frozenset, methods), (False, True)):
        seen = set()
        ahead: list[tuple[str, frozenset[Factor], Method | None, DeviceState | None]]
        ahead = [(FIRST, frozenset({Factor.FIRST}), None, None)]
        while ahead:
            before = ahead.pop()
            if before in seen:
                continue
            seen.add(before)
            name, passed, chosen, proven = before
            for device in [proven] if proven else tracked:
                following = next_step(Situation(state, passed, device, required, counting, chosen, waives))
                if following.step in _REFUSALS:
                    continue
                then = _name(following.step, following.challenge)
                found.add((name, then))
                if then == Mfa.SELECT.value:
                    ahead += [(then, passed, method, None) for method in counting]
                elif then == PROOF:
                    ahead.append((then, passed | {Factor.DEVICE}, chosen, device))
                elif then not in ENDS:
                    ahead.append((then, passed | {_PASSES[then]}, chosen, None))
    return found


_PASSES = {
    Verdict.NEW_PASSWORD.value: Factor.NEW_PASSWORD,
    CODES: Factor.MFA,
    Mfa.SET_UP.value: Factor.MFA,
}


def _name(step: Step, challenge: str | None) -> str:
    if step is Step.PROVE:
        return PROOF
    if challenge in {method.value for method in Method}:
        return CODES
    return challenge or step.value


def draw(pairs: Collection[tuple[str, str]]) -> str:
    """The steps beneath each other, and from each a line to all that may follow it, as an SVG element."""
    row, box, left, width = 50, 32, 1, 400
    right = left + width
    place = {name: index for index, name in enumerate(ORDER)}
    centre = {name: 1 + box / 2 + index * row for name, index in place.items()}
    followers_of = {name: sorted((then for before, then in pairs if before == name), key=ORDER.index) for name in ORDER}
    from_afar = {
        name: [before for before in ORDER if name in followers_of[before] and place[name] - place[before] > 1]
        for name in ORDER
    }
    drawn = []
    lane = right + 24 + 22 * len(ORDER)
    for name, following in followers_of.items():
        lane -= 22  # what comes later turns further in, so that no line runs over another
        further = [then for then in following if place[then] - place[name] > 1]
        if len(further) < len(following):
            x, bottom, top = left + 30, centre[name] + box / 2, centre[name] + row - box / 2
            drawn.append(f'<line class="request" x1="{x}" y1="{bottom}" x2="{x}" y2="{top - 8}"/>')
            drawn.append(f'<polygon class="tip" points="{x},{top} {x - 4.5},{top - 9} {x + 4.5},{top - 9}"/>')
        ends = []
        start = centre[name] + 9
        for then in further:
            share = (from_afar[then].index(name) + 1) / (len(from_afar[then]) + 1)
            y = centre[then] + 14 - 28 * share
            ends.append(y)
            drawn.append(f'<line class="request" x1="{right + 8}" y1="{y:.1f}" x2="{lane}" y2="{y:.1f}"/>')
            points = f"{right},{y:.1f} {right + 9},{y - 4:.1f} {right + 9},{y + 4:.1f}"
            drawn.append(f'<polygon class="tip" points="{points}"/>')
        if ends:
            drawn.append(f'<path class="request" d="M {right} {start} H {lane} V {max(ends):.1f}"/>')
    boxes = []
    for name in ORDER:
        kind = "end" if name in ENDS else "participant"
        top = centre[name] - box / 2
        boxes.append(f'<rect class="{kind}" x="{left}" y="{top}" width="{width}" height="{box}" rx="4"/>')
        boxes.append(f'<text x="{left + 14}" y="{centre[name] + 5}" text-anchor="start">{escape(name)}</text>')
    view = f"0 0 600 {2 + box + row * (len(ORDER) - 1)}"
    title = "What may follow what in a sign-in"
    shape = f'viewBox="{view}" width="600" role="img" aria-label="{title}"'
    return f"<svg {shape}><title>{title}</title>{''.join([*drawn, *boxes])}</svg>"


class Rules(SphinxDirective):
    """``.. rules:: devices`` is the table of that name, and ``.. rules:: picture`` what may follow what."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name == "picture":
            return [nodes.raw("", f'<div class="diagram">{draw(followers())}</div>', format="html")]
        if name not in TABLES:
            raise self.error(f"There are no rules {name!r}: choose one of {', '.join(TABLES)} and picture.")
        head, rows = TABLES[name]()
        lines = [".. list-table::", "   :header-rows: 1", "   :class: rules", ""]
        lines += ["   * - " + "\n     - ".join(_cell(cell) for cell in cells) for cells in [head, *rows]]
        return self.parse_text_to_nodes("\n".join(lines))


def _cell(text: str) -> str:
    return text.replace("_", "\\_")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("rules", Rules)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
