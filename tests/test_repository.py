"""What is said twice about the project is the same: versions, Pythons, the environments of tox that CI runs."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import moto_cognito_devices

from .scripts import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"
in_a_checkout = pytest.mark.skipif(not WORKFLOWS.is_dir(), reason="an sdist has no .github")


def ini(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / name)
    return parser


def yaml_of(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def requirements(text: str, relation: str) -> dict[str, str]:
    """The version of each requirement that has one in this relation, by name."""
    found = re.findall(rf"^([\w-]+)(?:\[.*\])?{relation}([\w.]+)", text, re.MULTILINE)
    return {name.lower(): version for name, version in found}


def matrix(name: str) -> Iterator[tuple[str, str]]:
    """Each Python and environment of tox that a workflow has in its matrix."""
    for job in yaml_of(WORKFLOWS / name)["jobs"].values():
        for row in job.get("strategy", {}).get("matrix", {}).get("include", []):
            for environment in (row.get("environments") or row["environment"]).split(","):
                yield row["python"], environment


def test_the_changelog_begins_with_this_version() -> None:
    sections = re.findall(r"^(\S+) \((.*)\)\n-+$", (ROOT / "CHANGELOG.rst").read_text(), re.MULTILINE)
    version, date = sections[0]
    assert version == moto_cognito_devices.__version__
    assert date == "unreleased" or re.fullmatch(r"\d{4}-\d{2}-\d{2}", date)
    assert "unreleased" not in [date for _, date in sections[1:]]


def test_the_lowest_versions_that_are_allowed_are_those_that_are_tried() -> None:
    setup = ini("setup.cfg")
    allowed = requirements(setup["options"]["install_requires"], ">=")
    allowed |= requirements(setup["options.extras_require"]["test"], ">=")
    tried = requirements(ini("tox.ini")["testenv:lowest"]["deps"], "==")
    del allowed["setuptools"]  # builds the wheel
    del allowed["requests"]  # is moto's own
    del tried["botocore"]  # goes with boto3
    assert {name: [*map(int, f"{version}.0.0".split(".")[:3])] for name, version in allowed.items()} == {
        name: [*map(int, version.split("."))] for name, version in tried.items()
    }


def test_each_python_that_is_promised_is_tried() -> None:
    tox = ini("tox.ini")
    promised = re.findall(r":: (3\.\d+)$", ini("setup.cfg")["metadata"]["classifiers"], re.MULTILINE)
    with_tox = {tox[name]["base_python"].removeprefix("python") for name in tox if re.match(r"testenv:py3\d", name)}
    assert with_tox == set(promised)
    if WORKFLOWS.is_dir():
        assert {python for python, name in matrix("tests.yml") if name.startswith("py3")} == set(promised)


@in_a_checkout
@pytest.mark.parametrize("workflow", ["tests.yml", "weekly.yml"])
def test_a_workflow_runs_environments_that_tox_has(workflow: str) -> None:
    tox = ini("tox.ini")
    for python, name in matrix(workflow):
        assert tox[f"testenv:{name}"].get("base_python", f"python{python}") == f"python{python}"


@in_a_checkout
def test_nobody_but_the_last_job_of_a_release_may_write_anything() -> None:
    for path in WORKFLOWS.glob("*.yml"):
        workflow = yaml_of(path)
        assert workflow["permissions"] == {"contents": "read"}, path
        may = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
        assert may == ({"publish": {"id-token": "write"}} if path.name == "release.yml" else {})


@in_a_checkout
def test_ruff_is_the_same_before_a_commit_as_in_tox() -> None:
    hooks = {repo["repo"]: repo.get("rev", "") for repo in yaml_of(ROOT / ".pre-commit-config.yaml")["repos"]}
    before_a_commit = hooks["https://github.com/astral-sh/ruff-pre-commit"]
    in_tox = requirements(ini("tox.ini")["testenv:lint"]["deps"], "==")["ruff"]
    assert before_a_commit.startswith(f"v{in_tox}")


@in_a_checkout
@pytest.mark.parametrize("form", ["mock.yml", "aws.yml"])
def test_an_issue_form_asks_for_the_versions(form: str) -> None:
    fields = {field["id"]: field for field in yaml_of(ROOT / ".github" / "ISSUE_TEMPLATE" / form)["body"]}
    assert "moto-cognito-devices --version" in fields["version"]["attributes"]["description"]
    assert all(field["validations"]["required"] for field in fields.values())


@in_a_checkout
def test_the_form_for_behaviour_asks_for_the_evidence_that_tests_name() -> None:
    fields = {field["id"]: field for field in yaml_of(ROOT / ".github" / "ISSUE_TEMPLATE" / "aws.yml")["body"]}
    options = [option.partition(":")[0] for option in fields["evidence"]["attributes"]["options"]]
    pyproject = (ROOT / "pyproject.toml").read_text()
    assert options == re.findall(r'^    "(\w+)\(source\):', pyproject, re.MULTILINE)
