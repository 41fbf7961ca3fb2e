"""The hook that waits for a module's import: it adds nothing but its call."""

from __future__ import annotations

import importlib
import importlib.resources
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from moto_cognito_devices.import_hook import ImportHook

from .scripts import run_python

NAME = "module_of_the_import_hook_tests"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module that can be imported, and was not."""
    path = tmp_path / f"{NAME}.py"
    path.write_text("loader = __spec__.loader\nvalue = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    yield path
    sys.modules.pop(NAME, None)
    sys.meta_path[:] = finders


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def hook(module: Path, calls: list[str]) -> ImportHook:
    hook = ImportHook(NAME, lambda: calls.append(sys.modules[NAME].value))
    hook.install()
    return hook


def test_calls_once_behind_the_code_of_the_module(hook: ImportHook, calls: list[Any]) -> None:
    assert calls == []
    imported = importlib.import_module(NAME)
    importlib.import_module(NAME)
    importlib.reload(imported)
    assert calls == [1]


def test_is_gone_once_it_called(hook: ImportHook) -> None:
    importlib.import_module(NAME)
    assert hook not in sys.meta_path


def test_is_gone_once_it_was_removed(hook: ImportHook, calls: list[Any]) -> None:
    finders = sys.meta_path
    hook.remove()
    hook.remove()
    importlib.import_module(NAME)
    assert calls == []
    assert sys.meta_path is finders


def test_installing_it_twice_is_once(hook: ImportHook, calls: list[Any]) -> None:
    hook.install()
    assert sys.meta_path.count(hook) == 1
    importlib.import_module(NAME)
    assert calls == [1]


def test_several_for_one_module_are_called_each(hook: ImportHook, calls: list[Any]) -> None:
    others = [ImportHook(NAME, lambda: calls.append(2)) for _ in range(3)]
    for other in others:
        other.install()
    importlib.import_module(NAME)
    assert sorted(calls) == [1, 2, 2, 2]
    assert not {hook, *others} & set(sys.meta_path)


def test_the_module_can_not_see_it(module: Path, hook: ImportHook) -> None:
    hooked = importlib.import_module(NAME)
    del sys.modules[NAME]
    plain = importlib.import_module(NAME)
    assert hooked.__spec__ is not None
    assert plain.__spec__ is not None
    assert type(hooked.loader) is type(hooked.__loader__) is type(hooked.__spec__.loader) is type(plain.loader)
    assert vars(hooked).keys() == vars(plain).keys()
    assert (hooked.__file__, hooked.__spec__.cached) == (plain.__file__, plain.__spec__.cached)


def test_a_module_that_fails_may_be_imported_again(module: Path, hook: ImportHook, calls: list[Any]) -> None:
    source = module.read_text()
    module.write_text("raise KeyError('first')")
    with pytest.raises(KeyError):
        importlib.import_module(NAME)
    assert calls == []
    module.write_text(source + "again = True\n")
    importlib.invalidate_caches()
    importlib.import_module(NAME)
    assert calls == [1]


def test_a_module_that_is_missing_stays_so(hook: ImportHook, module: Path) -> None:
    module.unlink()
    importlib.invalidate_caches()
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module(NAME)
    assert caught.value.name == NAME
    assert importlib.util.find_spec(NAME) is None


def test_what_the_callback_raises_reaches_who_imports(module: Path) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    hook = ImportHook(NAME, fail)
    hook.install()
    with pytest.raises(ZeroDivisionError):
        importlib.import_module(NAME)
    assert hook not in sys.meta_path


def test_only_looking_for_the_module_calls_nothing(hook: ImportHook, calls: list[Any]) -> None:
    spec = importlib.util.find_spec(NAME)
    assert spec is not None
    assert spec.origin is not None
    assert spec.origin.endswith(f"{NAME}.py")
    assert calls == []
    importlib.import_module(NAME)
    assert calls == [1]


def test_the_loader_keeps_its_other_abilities(hook: ImportHook) -> None:
    spec = importlib.util.find_spec(NAME)
    assert spec is not None
    loader: Any = spec.loader
    assert "value = 1" in loader.get_source(NAME)
    assert loader.is_package(NAME) is False


def test_works_where_there_are_old_finders_without_find_spec(hook: ImportHook, calls: list[Any]) -> None:
    sys.meta_path.insert(0, object())  # type: ignore[arg-type]
    try:
        hook.remove()
        hook.install()
        assert hook.find_spec(NAME) is not None
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder) is not object]


@pytest.mark.slow
def test_imports_nothing_that_python_has_not_loaded_by_itself() -> None:
    run_python("""
import sys
before = set(sys.modules)
import importlib.util
spec = importlib.util.find_spec("moto_cognito_devices")
path = spec.submodule_search_locations[0] + "/import_hook.py"
source = compile(open(path).read(), path, "exec")
loaded = set(sys.modules)
exec(source, {"__name__": "import_hook"})
assert set(sys.modules) == loaded, set(sys.modules) - loaded
""")
