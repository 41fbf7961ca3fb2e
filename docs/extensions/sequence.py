"""Sphinx: ``.. sequence::`` draws who sends what to whom, as SVG in the page itself, in the theme's colours.

Its content is a line for each step: ``App -> Cognito: InitiateAuth`` is a request, ``Cognito --> App: tokens`` an
answer, ``App: keeps the key`` is what one does alone, and ``= later =`` a heading. ``|`` starts another line of a text.
Participants stand in the order in which they are first named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_STEP = re.compile(r"(?P<sender>[\w ]+?)\s*(?:(?P<arrow>-->|->)\s*(?P<receiver>[\w ]+?))?\s*:\s*(?P<text>.+)")

# In SVG's units, which are pixels where the page is wide enough.
_COLUMN = 330
_MARGIN = 90
_LINE = 17
_HEAD = 34


@dataclass(frozen=True)
class Step:
    """A message, what one does alone (no receiver), or a heading (no sender)."""

    lines: tuple[str, ...]
    sender: str = ""
    receiver: str = ""
    answer: bool = False


def read(content: Iterable[str]) -> list[Step]:
    """
    :raises ValueError: naming a line that is no step
    """
    steps = []
    for line in filter(None, map(str.strip, content)):
        if line.startswith("=") and line.endswith("="):
            steps.append(Step((line.strip("= "),)))
            continue
        found = _STEP.fullmatch(line)
        if not found:
            raise ValueError(f"{line!r} is no step of a sequence")
        lines = tuple(part.strip() for part in found["text"].split("|"))
        steps.append(Step(lines, found["sender"], found["receiver"] or "", found["arrow"] == "-->"))
    return steps


def draw(steps: list[Step], title: str) -> str:
    """The steps as an SVG element."""
    names = list(dict.fromkeys(name for step in steps for name in (step.sender, step.receiver) if name))
    at = {name: _MARGIN + index * _COLUMN for index, name in enumerate(names)}
    width = 2 * _MARGIN + (len(names) - 1) * _COLUMN
    drawn: list[str] = []
    y = _HEAD + 12
    for step in steps:
        y += 10 + _LINE * len(step.lines)
        texts = [y - _LINE * (len(step.lines) - index) + _LINE - 6 for index in range(len(step.lines))]
        if not step.sender:
            y += 8
            drawn.append(f'<line class="divider" x1="0" y1="{y - 13}" x2="{width}" y2="{y - 13}"/>')
            drawn.append(_box(width / 2, y - 13, 8 * len(step.lines[0]) + 20, 22, "divider"))
            drawn.append(_text(width / 2, y - 9, step.lines[0], "middle", "divider"))
            y += 4
        elif not step.receiver:
            note = 7.4 * max(map(len, step.lines)) + 16
            middle = min(max(at[step.sender], note / 2 + 1), width - note / 2 - 1)
            height = _LINE * len(step.lines) + 6
            drawn.append(_box(middle, y - height / 2 + 8, note, height, "note"))
            drawn += [_text(middle, line_y + 8, line, "middle") for line_y, line in zip(texts, step.lines, strict=True)]
            y += 14
        else:
            start, end = at[step.sender], at[step.receiver]
            direction = 1 if end > start else -1
            middle = (start + end) / 2
            drawn += [_text(middle, line_y, line, "middle") for line_y, line in zip(texts, step.lines, strict=True)]
            kind = "answer" if step.answer else "request"
            tip = end - 2 * direction
            drawn.append(f'<line class="{kind}" x1="{start}" y1="{y}" x2="{tip - 6 * direction}" y2="{y}"/>')
            points = f"{tip},{y} {tip - 9 * direction},{y - 4.5} {tip - 9 * direction},{y + 4.5}"
            drawn.append(f'<polygon class="tip" points="{points}"/>')
    height = y + 16
    lifelines = [f'<line class="lifeline" x1="{x}" y1="{_HEAD}" x2="{x}" y2="{height}"/>' for x in at.values()]
    heads = [
        _box(x, _HEAD / 2, 9 * len(name) + 28, _HEAD - 6, "participant") + _text(x, _HEAD / 2 + 5, name, "middle")
        for name, x in at.items()
    ]
    body = "".join([*lifelines, *drawn, *heads])
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{body}</svg>'
    )


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f'<text{attribute} x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(text)}</text>'


def _box(x: float, y: float, width: float, height: float, kind: str) -> str:
    left, top = x - width / 2, y - height / 2
    return f'<rect class="{kind}" x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" rx="4"/>'


class Sequence(SphinxDirective):
    """Its argument is the title, which is told to who can't see the picture."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        try:
            steps = read(self.content)
        except ValueError as error:
            raise self.error(str(error)) from error
        svg = draw(steps, self.arguments[0])
        return [nodes.raw("", f'<div class="diagram">{svg}</div>', format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("sequence", Sequence)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
