"""The documentation: each marked test is on its page, its sources are links, and it is read without a network."""

from __future__ import annotations

import ast
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from docs.extensions.fidelity import EVIDENCE, Behaviour, collect
from docs.extensions.fidelity import page as fidelity_page
from docs.extensions.rules import FIRST, ORDER, PROOF, followers
from docs.extensions.sources import linked
from moto_cognito_devices.settings import SWITCHES

from .scripts import ROOT, environment, run_process

GITHUB = "https://github.com"
NET = f"{GITHUB}/aws/aws-sdk-net-extensions-cognito"


@pytest.fixture(scope="module")
def behaviours() -> list[Behaviour]:
    return collect()


def marked_tests() -> set[tuple[str, str, str]]:
    """File, name and evidence of each marked test, as they are written."""
    found = set()
    for file in sorted((ROOT / "tests").glob("test_*.py")):
        text = file.read_text()
        of_all = re.findall(r"^pytestmark = pytest\.mark\.(\w+)", text, re.MULTILINE)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                marks = re.findall(r"pytest\.mark\.(\w+)", " ".join(map(ast.unparse, node.decorator_list)))
                marks += of_all if node.name.startswith("test_") else []
                found |= {(f"tests/{file.name}", node.name, mark) for mark in marks if mark in EVIDENCE}
    return found


@pytest.mark.slow
def test_each_marked_test_is_on_the_page_and_once(behaviours: list[Behaviour]) -> None:
    assert len(marked_tests()) > 100, "the tests were not found"
    assert {(one.file, one.name, one.evidence) for one in behaviours} == marked_tests()
    written = fidelity_page(behaviours)
    for one in behaviours:
        assert written.count(f":where:`{one.file}:{one.line}`") == 1
        assert f":{one.evidence}:`{one.evidence}` " in written


@pytest.mark.slow
def test_a_behaviour_is_where_the_page_says(behaviours: list[Behaviour]) -> None:
    for one in behaviours:
        # Decorators count as the function's beginning.
        following = (ROOT / one.file).read_text().splitlines()[one.line - 1 :]
        assert next(line for line in following if line.startswith("def ")).startswith(f"def {one.name}("), one


@pytest.mark.slow
def test_the_counts_are_those_of_the_behaviours(behaviours: list[Behaviour]) -> None:
    def counts(of_file: list[Behaviour]) -> list[int]:
        return [*(sum(one.evidence == kind for one in of_file) for kind in EVIDENCE), len(of_file)]

    table = fidelity_page(behaviours).partition("\n\n.. _")[0]
    shown = [[int(number) for number in re.findall(r"- (\d+)", row)] for row in table.split("* - ")[2:]]
    files = sorted({one.file for one in behaviours})
    of_each = [counts([one for one in behaviours if one.file == file]) for file in files]
    assert shown == [*of_each, counts(behaviours)]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("amplify-js #4047", f"`amplify-js #4047 <{GITHUB}/aws-amplify/amplify-js/issues/4047>`__"),
        ("getmoto/moto#7562", f"`getmoto/moto#7562 <{GITHUB}/getmoto/moto/issues/7562>`__"),
        (
            "boto3 #51; PR #5",
            f"`boto3 #51 <{GITHUB}/boto/boto3/issues/51>`__; `PR #5 <{GITHUB}/boto/boto3/issues/5>`__",
        ),
        ("https://repost.aws/a_b: a cause", r"`repost.aws/a\_b <https://repost.aws/a_b>`__: a cause"),
        ("Pyhive #63: SMS_MFA, *and* `more`", r"Pyhive #63: SMS\_MFA, \*and\* \`more\`"),
        (".NET SDK extensions #44", f"`.NET SDK extensions #44 <{NET}/issues/44>`__"),
        ("boto3 #51, Pyhive #63, #64", f"`boto3 #51 <{GITHUB}/boto/boto3/issues/51>`__, Pyhive #63, #64"),
        ("RFC 5054, 2.5.4", "RFC 5054, 2.5.4"),
    ],
)
def test_sources_are_links_where_they_are_known(text: str, written: str) -> None:
    assert linked(text) == written


def test_each_switch_is_told_with_its_default() -> None:
    rows = (ROOT / "docs" / "switches.rst").read_text().split("   * - ")[2:]
    told = [re.findall(r"``(\w+)``|(?<=- )(none)$", row, re.MULTILINE)[:2] for row in rows]
    shown = {name: word or none for (name, _), (word, none) in told}
    assert shown == {name: values[0] or "none" for name, values in SWITCHES.items()}


class Links(HTMLParser):
    """What a page loads, and where it leads within the documentation."""

    def __init__(self, html: str):
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag in ("script", "img", "iframe", "source") and "src" in attributes:
            self.loads.append(attributes["src"])
        if tag == "link" and attributes.get("rel") in ("stylesheet", "preload", "icon", "preconnect"):
            self.loads.append(attributes["href"])
        if tag == "a" and attributes.get("href"):
            self.leads.append(attributes["href"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if html := os.environ.get("DOCS_HTML"):  # built by who calls this
        return Path(html)
    pytest.importorskip("furo", reason="the extra docs is not installed")
    folder = tmp_path_factory.mktemp("docs")
    arguments = ("-m", "sphinx", "-W", "-n", "-q", "-b", "html", "-d", str(folder / "doctrees"))
    run_process(*arguments, "docs", str(folder / "html"), env=environment(), cwd=ROOT, seconds=300)
    return folder / "html"


@pytest.fixture(scope="module")
def pages(built: Path) -> dict[str, Links]:
    return {path.relative_to(built).as_posix(): Links(path.read_text()) for path in built.rglob("*.html")}


def test_no_page_loads_anything_of_another_place(built: Path, pages: dict[str, Links]) -> None:
    assert "index.html" in pages
    for name, page in pages.items():
        assert page.loads, name
        for load in page.loads:
            assert not urlsplit(load).netloc, f"{name} loads {load}"
    for style in built.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", style.read_text()), style


def test_each_link_within_the_documentation_leads_somewhere(built: Path, pages: dict[str, Links]) -> None:
    for name, page in pages.items():
        for lead in page.leads:
            to = urlsplit(lead)
            if to.scheme or to.netloc:
                continue
            target = ((built / name).parent / to.path).resolve() if to.path else built / name
            assert target.exists(), f"{name} leads to {lead}"
            if to.fragment and target.suffix == ".html":
                assert to.fragment in pages[target.relative_to(built).as_posix()].ids, f"{name} leads to {lead}"


def test_the_built_page_shows_each_marked_test(built: Path, behaviours: list[Behaviour]) -> None:
    text = (built / "fidelity.html").read_text()
    for one in behaviours:
        assert f">{one.file}:{one.line}<" in text


def test_the_picture_of_a_sign_in_has_each_step_and_leads_downwards() -> None:
    pairs = followers()
    assert {then for _, then in pairs} == {*ORDER} - {FIRST}
    for before, then in pairs:
        assert ORDER.index(before) < ORDER.index(then)
    assert {then for before, then in pairs if before == PROOF} == {"tokens, bound to the device"}
