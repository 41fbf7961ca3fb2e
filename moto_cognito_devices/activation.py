"""``activated()``: the plugin for a block, a function, or a unittest class.

How many blocks are open is counted for the whole process, as moto is one for all: threads and tasks whose blocks
overlap don't take the plugin from each other.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast, overload

from . import registration

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# These outlive importlib.reload, as registration's do.
_lock: threading.RLock = globals().get("_lock") or threading.RLock()
_open_blocks: int = globals().get("_open_blocks", 0)
_was_active: bool = globals().get("_was_active", False)


class Activation:
    """What :func:`activated` gives; it may be used again, and within itself."""

    def __enter__(self) -> None:
        global _open_blocks, _was_active
        with _lock:
            was_active = registration.is_active()
            registration.activate()  # if it raises, no block was opened
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
        """
        :raises TypeError: for a class that is no ``unittest.TestCase``, or an asynchronous generator
        """
        if isinstance(decorated, type):
            return cast(Decorated, self._around_class(decorated))
        if inspect.isasyncgenfunction(decorated):
            raise TypeError(
                "activated() can't decorate an asynchronous generator: write `with activated():` around its yield."
            )
        wrap = self._around_function
        if inspect.iscoroutinefunction(decorated):
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
        """As pytest's fixtures are: until the generator ends."""

        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self:
                return (yield from function(*args, **kwargs))

        return wrapper

    def _around_class(self, decorated: type) -> type:
        from unittest import TestCase  # whoever has such a class has it imported

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
    """:func:`~moto_cognito_devices.activate` for a ``with`` block, or for what it decorates; then as it was before.

    Decorates functions, coroutine functions, generator functions (pytest's fixtures), and subclasses of
    ``unittest.TestCase``, from ``setUpClass`` to the class's last clean-up, as ``@activated`` or as ``@activated()``.
    Blocks may be nested, and overlap.

    To enter a block raises what :func:`~moto_cognito_devices.activate` raises.
    """
    return Activation() if decorated is None else Activation()(decorated)
