"""Call back once a module has been imported, without importing it.

No library is used for this, because every process in an environment with this package would pay for its import. A
finder for one name costs microseconds.
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

    The callback runs once, after the module's own code, in the thread that imports it. What it raises propagates to
    the import statement.
    """

    def __init__(self, module_name: "str", callback: "Callable[[], None]") -> None:
        self.module_name = module_name
        self.callback = callback
        self._searching = False

    def install(self) -> None:
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def remove(self) -> None:
        # In place, since others may hold the list; and without an error if the hook is not in it.
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]

    def find_spec(
        self,
        name: "str",
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        if name != self.module_name or self._searching:
            return None
        # Another copy of this hook would ask this one again. One flag is enough: importlib calls finders under a lock.
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
    """The module's real loader, followed by the callback."""

    def __init__(self, loader: "Any", hook: "ImportHook") -> None:
        self._loader = loader
        self._hook = hook

    def __getattr__(self, name: "str") -> "Any":
        return getattr(self._loader, name)

    def create_module(self, spec: "ModuleSpec") -> "ModuleType | None":
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: "ModuleType") -> None:
        # The module must have its real loader, even while its own code runs.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._hook.remove()
        self._hook.callback()
