"""Each behaviour that the tests pin, how it is known, and where: from the evidence markers of the tests.

Imports neither Sphinx nor docutils, since pytest loads it as a plugin, to tell what it has collected.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from .sources import escape, linked

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent.parent

#: The markers, as pyproject.toml has them, the surest first.
EVIDENCE = ("documented", "observed", "inferred", "conflicting")

_OUTPUT = "DOCS_FIDELITY_OUTPUT"
_ABBREVIATIONS = {"arn", "aws", "cli", "http", "id", "ip", "json", "mfa", "sdk", "sms", "srp", "totp", "url"}


@dataclass(frozen=True, order=True)
class Behaviour:
    """One test function with an evidence marker; parametrized ones are one.

    :param file: the test's, from the root of the project
    :param area: the first line of the file's docstring
    :param source: the marker's text
    """

    file: str
    line: int
    name: str
    evidence: str
    source: str
    area: str

    @property
    def words(self) -> str:
        """The test's name, as a sentence without its end."""
        return _sentence(self.name)


def _sentence(name: str) -> str:
    words = name.removeprefix("test_").split("_")
    text = " ".join(word.upper() if word in _ABBREVIATIONS else word for word in words)
    return text[:1].upper() + text[1:]


def pytest_collection_finish(session: pytest.Session) -> None:
    """pytest's hook: write what was collected to the file that :func:`collect` waits for."""
    found = set()
    for item in session.items:
        _, line, _ = item.location
        for mark in item.iter_markers():
            if mark.name in EVIDENCE:
                module = getattr(item, "module", None)
                area = (getattr(module, "__doc__", None) or "").partition("\n")[0].strip()
                name = getattr(item, "originalname", None) or item.name
                file = item.path.relative_to(ROOT).as_posix()
                found.add(Behaviour(file, (line or 0) + 1, name, mark.name, str(mark.args[0]), area))
    Path(os.environ[_OUTPUT]).write_text(json.dumps([asdict(behaviour) for behaviour in sorted(found)]))


def collect() -> list[Behaviour]:
    """What pytest collects of the tests, in a process of its own; none is run.

    :raises RuntimeError: with pytest's output, if it can't collect them
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "behaviours.json"
        command = ["-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider", "-p", __name__, "tests"]
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        done = subprocess.run(  # noqa: S603
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, "PYTEST_ADDOPTS": "", _OUTPUT: str(output)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not output.exists():
            raise RuntimeError(f"pytest could not collect the tests:\n{done.stdout}{done.stderr}")
        return [Behaviour(**behaviour) for behaviour in json.loads(output.read_text())]


def page(behaviours: Iterable[Behaviour]) -> str:
    """The page's generated part, in reStructuredText: the counts, and each file's behaviours."""
    by_file = {file: list(of_file) for file, of_file in groupby(sorted(behaviours), key=lambda one: one.file)}
    return "\n".join([*_counts(by_file), *(line for of_file in by_file.values() for line in _section(of_file))])


def _label(behaviour: Behaviour) -> str:
    return f"fidelity-{Path(behaviour.file).stem.removeprefix('test_').replace('_', '-')}"


def _counts(by_file: dict[str, list[Behaviour]]) -> Iterator[str]:
    total = Counter(one.evidence for of_file in by_file.values() for one in of_file)
    yield from (".. list-table::", "   :header-rows: 1", "   :class: counts", "")
    yield f"   * - {_cells('the tests of', *EVIDENCE, 'all')}"
    for of_file in by_file.values():
        counts = Counter(one.evidence for one in of_file)
        yield f"   * - {_cells(f':ref:`{_label(of_file[0])}`', *(counts[kind] for kind in EVIDENCE), len(of_file))}"
    yield f"   * - {_cells('**all**', *(total[kind] for kind in EVIDENCE), sum(total.values()))}"
    yield ""


def _cells(*cells: object) -> str:
    return "\n     - ".join(str(cell) for cell in cells)


def _section(of_file: list[Behaviour]) -> Iterator[str]:
    title = _sentence(Path(of_file[0].file).stem)
    yield from (f".. _{_label(of_file[0])}:", "", title, "-" * len(title), "", escape(of_file[0].area), "")
    yield from (".. rst-class:: behaviours", "")
    for one in of_file:
        yield f"* :{one.evidence}:`{one.evidence}` {escape(one.words)}"
        yield ""
        yield f"  {linked(one.source)} :where:`{one.file}:{one.line}`"
        yield ""
