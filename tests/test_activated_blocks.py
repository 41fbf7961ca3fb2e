"""``activated()``: in each way in which it can be applied, moto is then as it was found."""

from __future__ import annotations

import asyncio
import importlib
import threading
import unittest
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto import mock_aws

from moto_cognito_devices import activate, activated, activation, deactivate, is_active

from .scripts import cognito_client, run_python, tracks_devices

pytestmark = pytest.mark.usefixtures("inactive")


def works() -> bool:
    with mock_aws():
        return tracks_devices(cognito_client())


def test_a_block() -> None:
    with activated():
        assert works()
    assert not is_active()
    assert not works()


def test_a_block_that_raises() -> None:
    with pytest.raises(ZeroDivisionError), activated():
        raise ZeroDivisionError
    assert not is_active()


def test_nested_blocks_last_as_long_as_the_outermost() -> None:
    block = activated()
    with block:
        with block, activated():
            assert is_active()
        assert is_active()
        with pytest.raises(ZeroDivisionError), activated():
            raise ZeroDivisionError
        assert is_active()
    assert not is_active()
    with block:
        assert is_active()
    assert not is_active()


def test_a_block_in_an_active_program() -> None:
    activate()
    with activated():
        assert is_active()
    assert is_active()
    with pytest.raises(ZeroDivisionError), activated():
        raise ZeroDivisionError
    assert is_active()


@pytest.mark.parametrize("before", [activate, deactivate])
def test_what_is_called_within_a_block_ends_with_it(before: Callable[[], None]) -> None:
    before()
    found = is_active()
    for within in (activate, deactivate):
        with activated():
            with activated():
                within()
            assert is_active()
            within()
        assert is_active() is found


def test_a_block_that_can_not_be_entered_is_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_CODES", "perhaps")
    with pytest.raises(ValueError, match="MOTO_COGNITO_DEVICES_CODES"), activated():
        raise AssertionError
    monkeypatch.undo()
    with activated():
        assert is_active()
    assert not is_active()


def test_a_function() -> None:
    @activated()
    def decorated(word: str, *, other: str) -> tuple[bool, str]:
        """What it does."""
        return works(), word + other

    assert decorated("a", other="b") == (True, "ab")
    assert (decorated.__name__, decorated.__doc__) == ("decorated", "What it does.")
    assert not is_active()


def test_a_function_that_raises_or_calls_itself() -> None:
    @activated()
    def decorated(depth: int) -> None:
        assert is_active()
        if not depth:
            raise ZeroDivisionError
        with pytest.raises(ZeroDivisionError):
            decorated(depth - 1)
        assert is_active()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        decorated(2)
    assert not is_active()


def test_a_coroutine_function_until_it_has_ended() -> None:
    @activated()
    async def decorated() -> bool:
        await asyncio.sleep(0)
        return is_active()

    assert asyncio.iscoroutinefunction(decorated)
    coroutine = decorated()
    assert not is_active()
    assert asyncio.run(coroutine)
    assert not is_active()


def test_tasks_that_overlap() -> None:
    async def run() -> list[bool]:
        first_is_over = asyncio.Event()

        @activated()
        async def first() -> bool:
            await asyncio.sleep(0)  # the second begins
            return is_active()

        @activated()
        async def second() -> bool:
            await first_is_over.wait()
            return is_active()

        tasks = [asyncio.create_task(first()), asyncio.create_task(second())]
        found = [await tasks[0]]
        first_is_over.set()
        return [*found, await tasks[1]]

    assert asyncio.run(run()) == [True, True]
    assert not is_active()


def test_threads_that_overlap() -> None:
    barrier = threading.Barrier(16)

    @activated()
    def turn(number: int) -> bool:
        barrier.wait(60)
        return all(is_active() for _ in range(100 * number + 1))

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(turn, range(16)))
    assert not is_active()


def test_a_generator_function_until_it_has_ended() -> None:
    @activated()
    def fixture() -> Iterator[bool]:
        try:
            yield is_active()
        finally:
            seen.append(is_active())

    seen: list[bool] = []
    for end in (list, next):
        generator = fixture()
        assert not is_active()
        assert end(generator) in ([True], True)
        generator.close()  # type: ignore[attr-defined]
        assert not is_active()
    assert seen == [True, True]


def test_an_asynchronous_generator_is_told_what_to_do() -> None:
    async def fixture() -> AsyncIterator[None]:
        yield

    with pytest.raises(TypeError, match="write `with activated"):
        activated()(fixture)


def run_case(case: type[unittest.TestCase]) -> unittest.TestResult:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def test_a_unittest_class_from_its_set_up_to_its_last_clean_up() -> None:
    seen = []

    @activated()
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            cls.addClassCleanup(lambda: seen.append(("clean-up", is_active())))
            seen.append((cls.__name__, is_active()))

        @classmethod
        def tearDownClass(cls) -> None:
            seen.append(("tear-down", is_active()))

        def test_it(self) -> None:
            seen.append(("test", is_active()))

    class Derived(Case):
        pass

    for case in (Case, Derived):
        seen.clear()
        assert run_case(case).wasSuccessful()
        assert seen == [(case.__name__, True), ("test", True), ("tear-down", True), ("clean-up", True)]
        assert not is_active()


def test_without_parentheses_as_moto_s_own() -> None:
    seen = []

    @activated
    def function() -> bool:
        return is_active()

    @activated
    class Case(unittest.TestCase):
        def test_it(self) -> None:
            seen.append(is_active())

    assert run_case(Case).wasSuccessful()
    assert (function(), seen, is_active()) == (True, [True], False)


def test_a_unittest_class_whose_set_up_fails() -> None:
    @activated()
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            raise ZeroDivisionError

        def test_it(self) -> None: ...

    assert len(run_case(Case).errors) == 1
    assert not is_active()


def test_another_class_is_told_what_to_do() -> None:
    class TestIt: ...

    with pytest.raises(TypeError, match="TestIt is neither: decorate its methods"):
        activated()(TestIt)


@pytest.mark.slow
def test_before_moto_is_imported() -> None:
    run_python("""
import sys
from moto_cognito_devices import activated, is_active
with activated():
    assert not [name for name in sys.modules if name.partition(".")[0] == "moto"]
    from moto import mock_aws
    from tests.scripts import cognito_client, tracks_devices
    with mock_aws():
        assert tracks_devices(cognito_client())
assert not is_active()
assert not [finder for finder in sys.meta_path if type(finder).__name__ == "ImportHook"]
with mock_aws():
    assert not tracks_devices(cognito_client())
""")


def test_a_reload_within_a_block_forgets_nothing() -> None:
    block: Any = activated()
    with block:
        importlib.reload(activation)
        with activation.activated():
            pass
        assert is_active()
    assert not is_active()
