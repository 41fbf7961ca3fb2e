"""Adds device tracking to moto, and removes it again. The only file that changes anything of moto's.

moto has no plugin mechanism. Its maintainer's advice is to replace backend methods from outside
(https://github.com/getmoto/moto/issues/7126), with the warning that the backend is no public API
(https://github.com/getmoto/moto/issues/7762). So everything is checked before anything is changed, and every change is
recorded to be undone:

* ``cognitoidp_backends.backend`` and that of each account: the class of new backends;
* the class of the backends and user pools that exist already;
* ``CognitoIdpResponse.__new__``: a Flask view calls moto's class for as long as the server runs, so that class itself
  has to make objects of ours;
* ``ActionAuthenticatorMixin.PUBLIC_OPERATIONS``: with IAM authentication on, moto fails on an unsigned request if its
  operation is not in this list, which lacks most of the unsigned operations;
* ``url_paths`` of moto's own API: the helpers for tests;
* ``DomainDispatcherApplication.infer_service_region_host`` of moto's server: it sends requests with
  ``Authorization: Bearer …`` to S3, which answers 200, and may consume the body of an unsigned request;
* ``DomainDispatcherApplication.get_application`` of moto's server: a Flask app of moto's API that was built before has
  no views for the helpers, and can't be given any, so that moto must build another;
* ``moto.backends.list_of_moto_modules``, by our server command only: moto's server lists the folder of its package for
  each request, a third of a short one's time.
"""

from __future__ import annotations

import importlib
import sys
import threading
import warnings
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from . import settings
from .errors import IncompatibleMotoError, MotoCognitoDevicesWarning
from .import_hook import ImportHook

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

_COGNITO = "moto.cognitoidp"
_MOTO_API = "moto.moto_api._internal.urls"
_SERVER = "moto.moto_server.werkzeug_app"
_TARGET = "AWSCognitoIdentityProviderService"
_HELPERS = "/moto-api/static/cognito-idp/"


def _warn(message: str) -> None:
    warnings.warn(message, MotoCognitoDevicesWarning, stacklevel=3)


if "_lock" not in globals():  # importlib.reload keeps the state, without which nothing could be undone
    # Held by activate(), imports included: a second call returns only once moto is ready.
    _activation_lock = threading.RLock()
    # Guards the variables below. Never held during an import: that may wait for another thread's import, whose
    # callback waits for this lock.
    _lock = threading.RLock()
    _active = False
    _registered: set[str] = set()
    _import_hooks: list[ImportHook] = []
    _undo: list[Callable[[], object]] = []
    _report: Callable[[str], object] = _warn


def activate() -> None:
    """Add device tracking to moto's Cognito user pools, in this process, until :func:`deactivate`.

    Works at any time: inside ``mock_aws``, while a server runs, and before moto is imported. This function does not
    import it: moto is extended when ``moto.cognitoidp`` is imported. Existing user pools gain the feature too.
    Calling it again changes nothing.

    If moto implements device operations itself, the plugin steps aside with a :class:`MotoCognitoDevicesWarning`.

    :raises IncompatibleMotoError: if the installed moto does not fit; it names what is missing. If moto is not imported
        yet, the same text is a :class:`MotoCognitoDevicesWarning` at its import.
    :raises ValueError: if one of the ``MOTO_COGNITO_DEVICES_*`` switches has an unknown value
    """
    _activate(_warn)


def activate_automatically(report: Callable[[str], object] = _warn) -> bool:
    """Activate unless ``MOTO_COGNITO_DEVICES=false``. A moto that does not fit is reported and left unchanged.

    :param report: takes the text, now or when moto is imported; a :class:`MotoCognitoDevicesWarning` by default
    :returns: whether the plugin is active now and was not before
    :raises ValueError: if a switch has an unknown value
    """
    if not settings.automatic_activation() or _active:
        return False
    settings.check()
    try:
        _activate(report)
    except Exception as error:
        report(_failure(error))
    return _active


def _activate(report: Callable[[str], object]) -> None:
    global _active, _report
    settings.check()
    with _activation_lock:
        with _lock:
            if _active:
                return
            _active, _report = True, report
            _import_hooks.extend(ImportHook(name, partial(_at_import, extend)) for name, extend in _EXTENDERS.items())
            for hook in _import_hooks:
                hook.install()
        try:
            for module_name, extend in _EXTENDERS.items():
                if _active and module_name in sys.modules:
                    importlib.import_module(module_name)  # waits if another thread is importing it
                    extend()
        except BaseException:
            deactivate()
            raise


def deactivate() -> None:
    """Restore moto exactly as it was. User pools keep their devices, for the next :func:`activate`.

    Call it while no request is in flight, as with any patcher: a request that is being served may fail.
    """
    global _active
    with _lock:
        _active = False
        _registered.clear()
        while _import_hooks:
            _import_hooks.pop().remove()
        while _undo:
            _undo.pop()()


def is_active() -> bool:
    """Whether moto has device tracking from this plugin, or will have it once moto is imported."""
    return _active


def _at_import(extend: Callable[[], None]) -> None:
    """Extend a module of moto that is being imported. If moto does not fit, the import succeeds all the same."""
    try:
        extend()
    except BaseException as error:
        deactivate()
        if not isinstance(error, Exception):
            raise
        _report(_failure(error))


def _failure(error: Exception) -> str:
    if isinstance(error, IncompatibleMotoError):
        return str(error)
    return f"moto-cognito-devices could not be activated, and moto is as it was: {error!r}"


def _extend_cognito() -> None:
    """Add device tracking to ``moto.cognitoidp``, or deactivate the plugin if moto has device operations.

    :raises IncompatibleMotoError: before anything was changed
    """
    from . import compatibility

    operations = compatibility.moto_device_operations()
    if operations:
        deactivate()
        _report(
            f"moto {compatibility.moto_version()} has device operations of its own ({', '.join(operations)}): "
            "moto-cognito-devices steps aside. Uninstall it, or pin an older moto."
        )
        return
    compatibility.check(compatibility.REQUIRED)

    from moto.core.base_backend import backend_lock

    try:
        from .cognitoidp import models, responses
    except ImportError as error:  # a name that we import from moto and REQUIRED lacks
        raise compatibility.incompatible(str(error)) from error

    with _lock, backend_lock:
        if _claim(_COGNITO):
            _extend_backends(models)
            _extend_responses(responses)


def _claim(module_name: str) -> bool:
    """Return whether to extend the module now: the plugin is still active, and no other thread has done it."""
    if not _active or module_name in _registered:
        return False
    _registered.add(module_name)
    return True


def _extend_backends(models: ModuleType) -> None:
    from moto.cognitoidp import models as moto_models

    from .compatibility import replaced

    backends = moto_models.cognitoidp_backends
    if backends.backend is not moto_models.CognitoIdpBackend:
        raise replaced("cognito-idp backend", backends.backend)
    _undo.append(lambda: _set_classes(moto_models))
    _set_classes(models)


def _set_classes(models: ModuleType) -> None:
    """Make the classes of this module those of all backends and user pools, existing and new."""
    from moto.cognitoidp.models import cognitoidp_backends
    from moto.core.base_backend import backend_lock

    with backend_lock:  # moto holds it to add an account or a region
        cognitoidp_backends.backend = models.CognitoIdpBackend
        for account in cognitoidp_backends.values():
            account.backend = models.CognitoIdpBackend
            for backend in account.values():
                backend.__class__ = models.CognitoIdpBackend
                for user_pool in list(backend.user_pools.values()):
                    user_pool.__class__ = models.CognitoIdpUserPool


def _extend_responses(responses: ModuleType) -> None:
    from moto.cognitoidp.responses import CognitoIdpResponse
    from moto.core.responses import ActionAuthenticatorMixin  # type: ignore[attr-defined]  # moved in 5.1.17

    def new(cls: type, *_: object, **__: object) -> object:
        return object.__new__(responses.CognitoIdpResponse if cls is CognitoIdpResponse else cls)

    public_operations = _PublicOperations(ActionAuthenticatorMixin.PUBLIC_OPERATIONS)
    _set(CognitoIdpResponse, "__new__", new)
    _set(ActionAuthenticatorMixin, "PUBLIC_OPERATIONS", public_operations)


class _PublicOperations(list[str]):
    """moto's list, and every operation of Cognito that the service model leaves unsigned.

    The model is loaded when moto first searches the list, since loading takes longer than the rest of activation.
    """

    def __contains__(self, target: object) -> bool:
        from . import compatibility

        service, _, operation = str(target).partition(".")
        return super().__contains__(target) or (service == _TARGET and operation in compatibility.unsigned_operations())


def _extend_moto_api() -> None:
    """Add the helpers for tests to moto's own API.

    :raises IncompatibleMotoError: before anything was changed
    """
    from . import compatibility

    compatibility.check(compatibility.REQUIRED_OF_MOTO_API)

    from moto.moto_api._internal import urls as moto_urls

    from .moto_api.urls import url_paths

    with _lock:
        if _claim(_MOTO_API):
            for path in url_paths.keys() & moto_urls.url_paths:
                raise compatibility.replaced("API", moto_urls.url_paths[path])
            _set(moto_urls, "url_paths", {**moto_urls.url_paths, **url_paths})


def _extend_server() -> None:
    """Make moto's server route every request of Cognito to Cognito, and build the views of the helpers for tests.

    :raises IncompatibleMotoError: before anything was changed
    """
    from . import compatibility

    compatibility.check(compatibility.REQUIRED_OF_SERVER)

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    with _lock:
        if _claim(_SERVER):
            _extend_dispatcher(DomainDispatcherApplication)


def _extend_dispatcher(dispatcher: type[Any]) -> None:
    from moto.moto_server.werkzeug_app import UNSIGNED_REQUESTS

    from .compatibility import replaced

    moto_infer, moto_get = dispatcher.infer_service_region_host, dispatcher.get_application
    for function in (moto_infer, moto_get):
        if function.__module__ != _SERVER:
            raise replaced("server", function)

    def infer_service_region_host(self: Any, environ: dict[str, Any], path: str) -> Any:
        if not environ.get("HTTP_X_AMZ_TARGET", "").startswith(f"{_TARGET}."):
            return moto_infer(self, environ, path)
        service, region = UNSIGNED_REQUESTS[_TARGET]
        host = ""
        if environ.get("HTTP_AUTHORIZATION"):  # without it moto may consume the body to find the service
            with suppress(IndexError):  # moto expects a signature, and finds a single word
                host = moto_infer(self, environ, path) or ""
        names_region = host.startswith(f"{service}.") and not host.startswith(f"{service}..")
        return host if names_region else f"{service}.{region}.amazonaws.com"

    def get_application(self: Any, environ: dict[str, Any]) -> Any:
        if str(environ.get("PATH_INFO")).startswith(_HELPERS):
            with self.lock:
                app = self.app_instances.get("moto_api")
                if app is not None and not any(rule.rule.startswith(_HELPERS) for rule in app.url_map.iter_rules()):
                    del self.app_instances["moto_api"]
        return moto_get(self, environ)

    _set(dispatcher, "infer_service_region_host", infer_service_region_host)
    _set(dispatcher, "get_application", get_application)


def cache_service_list() -> None:
    """Make moto's server list its services once instead of for each request, until :func:`deactivate`.

    For a process that is a server and nothing else. A moto that lists them in another way is left unchanged.
    """
    from . import compatibility

    try:
        compatibility.check(compatibility.OPTIONAL_OF_SERVER)
    except IncompatibleMotoError:
        return
    from moto import backends

    with _lock:
        moto_list = backends.list_of_moto_modules
        if _active and moto_list.__module__ == backends.__name__:
            services = tuple(moto_list())
            _set(backends, "list_of_moto_modules", lambda: services)


def _set(owner: type | ModuleType, name: str, value: object) -> None:
    """Assign to a class or a module of moto's, and record how to undo it."""
    if name in vars(owner):
        before = vars(owner)[name]
        _undo.append(lambda: setattr(owner, name, before))
    else:
        _undo.append(lambda: delattr(owner, name))
    setattr(owner, name, value)


_EXTENDERS: dict[str, Callable[[], None]] = {
    _COGNITO: _extend_cognito,
    _MOTO_API: _extend_moto_api,
    _SERVER: _extend_server,
}
