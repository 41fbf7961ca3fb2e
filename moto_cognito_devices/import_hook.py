"""Calls back once a module has been imported, without importing it.

An import hook of our own, and not one of a library's, because every process that has this package installed
would pay for the library: a finder for one name costs microseconds.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing is not imported at run time: this file imports nothing but sys
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


class ImportHook:
    """A finder on ``sys.meta_path`` that waits for one module.

    The callback runs after the module's own code, in the thread that imports it, and only once. What
    it raises reaches whoever imports the module.
    """

    def __init__(self, module_name: "str", callback: "Callable[[], None]") -> None:
        self.module_name = module_name
        self.callback = callback
        self._searching = False

    def install(self) -> None:
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def remove(self) -> None:
        # A new list would be lost on whoever holds the old one; and contextlib is not imported here.
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]

    def find_spec(
        self,
        name: "str",
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        if name != self.module_name or self._searching:
            return None
        # Another copy of this hook would ask us back. One flag does, as importlib asks finders under its global lock.
        self._searching = True
        try:
            spec = self._find_elsewhere(name, path, target)
        finally:
            self._searching = False
        if spec is not None and spec.loader is not None:
            spec.loader = _CallingLoader(spec.loader, self)  # type: ignore[assignment]
        return spec

    @staticmethod
    def _find_elsewhere(name: "str", path: "Sequence[str] | None", target: "ModuleType | None") -> "ModuleSpec | None":
        for finder in list(sys.meta_path):
            find_spec = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find_spec(name, path, target) if find_spec else None
            if spec is not None:
                return spec
        return None


class _CallingLoader:
    """The module's real loader, and the callback after it."""

    def __init__(self, loader: "Any", hook: "ImportHook") -> None:
        self._loader = loader
        self._hook = hook

    def __getattr__(self, name: "str") -> "Any":
        return getattr(self._loader, name)

    def create_module(self, spec: "ModuleSpec") -> "ModuleType | None":
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: "ModuleType") -> None:
        # The module must look as if we had never been here, also to its own code.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._hook.remove()
        self._hook.callback()
