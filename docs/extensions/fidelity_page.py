"""Sphinx: ``.. fidelity::`` is the list of behaviours, and ``:documented:`` and its like show how one is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from .fidelity import EVIDENCE, collect, page

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Fidelity(SphinxDirective):
    """Of the tests as they are when the pages are built."""

    def run(self) -> list[nodes.Node]:
        # Whatever test changes, this page does.
        self.env.note_reread()
        return self.parse_text_to_nodes(page(collect()), allow_section_headings=True)


def badge(name: str) -> Any:
    """A role whose text is shown with a class of its name."""

    def role(_: str, rawtext: str, text: str, *__: Any, **___: Any) -> tuple[list[nodes.Node], list[Any]]:
        kind = nodes.literal if name == "where" else nodes.inline
        return [kind(rawtext, text, classes=["evidence", name] if name in EVIDENCE else [name])], []

    return role


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("fidelity", Fidelity)
    for name in (*EVIDENCE, "where"):
        app.add_role(name, badge(name))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
