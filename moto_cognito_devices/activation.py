"""``activated()``: the plugin for a block, a function, or a unittest class.

Open blocks are counted for the whole process, because all threads and tasks share moto: the plugin stays active until
the last of several overlapping blocks has ended.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast, overload

from . import registration

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# Kept by importlib.reload(), as registration's are.
_lock: threading.RLock = globals().get("_lock") or threading.RLock()
_open_blocks: int = globals().get("_open_blocks", 0)
_was_active: bool = globals().get("_was_active", False)


class Activation:
    """The context manager and decorator that :func:`activated` returns; reusable and reentrant."""

    def __enter__(self) -> None:
        global _open_blocks, _was_active
        with _lock:
            was_active = registration.is_active()
            registration.activate()  # if this raises, the block is not open
            if not _open_blocks:
                _was_active = was_active
            _open_blocks += 1

    def __exit__(self, *_: object) -> None:
        global _open_blocks
        with _lock:
            _open_blocks -= 1
            if _open_blocks or _was_active:
                registration.activate()  # the block may have called deactivate()
            else:
                registration.deactivate()

    def __call__(self, decorated: Decorated) -> Decorated:
        """Wrap a function of any kind but an asynchronous generator, or change a TestCase's ``setUpClass``.

        :raises TypeError: for any other class, or an asynchronous generator
        """
        wrap: Callable[[Any], Any] = self._around_function
        if isinstance(decorated, type):
            wrap = self._around_class
        elif inspect.isasyncgenfunction(decorated):
            raise TypeError(
                "activated() can't decorate an asynchronous generator: write `with activated():` around its yield."
            )
        elif inspect.iscoroutinefunction(decorated):
            wrap = self._around_coroutine
        elif inspect.isgeneratorfunction(decorated):
            wrap = self._around_generator
        return cast(Decorated, wrap(decorated))

    def _around_function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return wrapper

    def _around_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self:
                return await function(*args, **kwargs)

        return wrapper

    def _around_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Activate until the generator ends; pytest's fixtures are such functions."""

        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self:
                return (yield from function(*args, **kwargs))

        return wrapper

    def _around_class(self, decorated: type) -> type:
        from unittest import TestCase  # imported late: a program without such a class may not need unittest

        if not issubclass(decorated, TestCase):
            raise TypeError(
                f"activated() decorates functions and subclasses of unittest.TestCase, and {decorated.__name__} is "
                "neither: decorate its methods."
            )
        set_up = decorated.setUpClass.__func__  # type: ignore[attr-defined]

        @wraps(set_up)
        def set_up_class(cls: type[TestCase]) -> None:
            self.__enter__()
            cls.addClassCleanup(self.__exit__)
            set_up(cls)

        decorated.setUpClass = classmethod(set_up_class)  # type: ignore[assignment, method-assign]
        return decorated


@overload
def activated() -> Activation: ...
@overload
def activated(decorated: Decorated) -> Decorated: ...
def activated(decorated: Decorated | None = None) -> Activation | Decorated:
    """Activate the plugin for a ``with`` block or for what it decorates, then restore the state from before.

    Decorates functions, coroutine functions, generator functions (pytest's fixtures), and subclasses of
    ``unittest.TestCase``, from ``setUpClass`` to the class's last clean-up, as ``@activated`` or as ``@activated()``.
    Blocks may be nested, and overlap.

    Entering a block raises what :func:`~moto_cognito_devices.activate` raises.
    """
    return Activation() if decorated is None else Activation()(decorated)
