"""Sphinx: the rules of a sign-in as tables, and as a picture."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .rules import ENDS, ORDER, TABLES, followers


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
