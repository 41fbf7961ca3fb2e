"""Sphinx: ``:source:`amplify-js #4047``` is a link, as the same words are in the tests' evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from .sources import split

if TYPE_CHECKING:
    from docutils.nodes import Node, system_message
    from sphinx.application import Sphinx


class Source(SphinxRole):
    """Of one source, or of several: "amplify-js #4047, #2087"."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        made: list[Node] = [
            nodes.reference(piece, piece, refuri=address) if address else nodes.Text(piece)
            for piece, address in split(self.text)
            if piece
        ]
        return made, []


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_role("source", Source())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
