"""Adds device tracking to moto, and takes it away again. The only file that assigns to moto's objects.

moto has no plugin mechanism; to replace backend methods from outside is its maintainer's advice
(https://github.com/getmoto/moto/issues/7126), with the warning that the backend is no public API
(https://github.com/getmoto/moto/issues/7762). So what is about to be touched is checked first, nothing is
touched unless all of it fits, and every touch is written down to be undone.

What is touched, and why it takes this much:

* ``cognitoidp_backends.backend`` and that of each account: the class of the backends yet to come;
* the class of the backends and user pools that live already;
* ``CognitoIdpResponse.__new__``: a Flask view, once built, keeps moto's class for ever, so that class itself
  leads to ours;
* ``ActionAuthenticatorMixin.PUBLIC_OPERATIONS``: with IAM authentication on, moto fails on an unsigned request if its
  operation is not in this list, and of those that users call the list has few;
* ``url_paths`` of moto's own API: the helpers for tests of devices stand beside those that moto has;
* ``DomainDispatcherApplication.infer_service_region_host``, in server mode: moto takes a call with
  ``Authorization: Bearer …``, or another that is no signature, for S3's, and answers 200; and of an unsigned one it
  may read the body for good, so that it is never answered;
* ``DomainDispatcherApplication.get_application``, there too: a Flask app of moto's API that was built before has no
  view for those helpers, and can't be given one, so that moto must build another;
* ``moto.backends.list_of_moto_modules``, by our server command only: moto's server lists the folder of its own package
  for each request, a third of a short one's time.
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


class _PublicOperations(list[str]):
    """moto's list, and every operation of Cognito that the service model leaves unsigned.

    The model is loaded when moto first looks into the list, since loading takes longer than the rest of activation.
    """

    def __contains__(self, target: object) -> bool:
        from . import compatibility

        service, _, operation = str(target).partition(".")
        return super().__contains__(target) or (service == _TARGET and operation in compatibility.unsigned_operations())


def _warn(message: str) -> None:
    warnings.warn(message, MotoCognitoDevicesWarning, stacklevel=3)


# The first makes a second activate() wait for the first, imports included. The second guards what is below, and is
# never held during an import: that may wait for another thread's, and this one's callback for the lock.
# All of this outlives importlib.reload, which runs this file again in the same namespace: what was touched must still
# be undone.
_activation: threading.RLock = globals().get("_activation") or threading.RLock()
_lock: threading.RLock = globals().get("_lock") or threading.RLock()
_active: bool = globals().get("_active", False)
_registered: set[str] = globals().get("_registered", set())
_hooks: list[ImportHook] = globals().get("_hooks", [])
_undo: list[Callable[[], object]] = globals().get("_undo", [])
_tell: Callable[[str], object] = globals().get("_tell", _warn)


def activate() -> None:
    """Add device tracking to moto's Cognito user pools, in this process, until :func:`deactivate`.

    Works at any time: before moto is imported (and then costs no import of it: moto is extended when
    ``moto.cognitoidp`` is imported), inside ``mock_aws``, while a server runs. User pools that exist gain the
    feature too. To call it again changes nothing.

    If moto brings device operations of its own, the plugin steps aside with a
    :class:`MotoCognitoDevicesWarning`.

    :raises IncompatibleMotoError: if the installed moto does not fit; it names what is missing. Where moto
        is yet to be imported, the same text comes as a :class:`MotoCognitoDevicesWarning` at that import.
    :raises ValueError: if one of the ``MOTO_COGNITO_DEVICES_*`` switches has an unknown value
    """
    _activate(_warn)


def _activate(tell: Callable[[str], object]) -> None:
    global _active, _tell
    settings.check()
    with _activation:
        with _lock:
            if _active:
                return
            _active, _tell = True, tell
            _hooks.extend(ImportHook(name, partial(_at_import, register)) for name, register in _REGISTRARS.items())
            for hook in _hooks:
                hook.install()
        try:
            for module_name, register in _REGISTRARS.items():
                if module_name in sys.modules:
                    importlib.import_module(module_name)  # another thread may be at it
                    register()
        except BaseException:
            deactivate()
            raise


def activate_automatically(tell: Callable[[str], object] = _warn) -> bool:
    """Activate unless ``MOTO_COGNITO_DEVICES=false``; a moto that does not fit is left alone, and that is told.

    :param tell: takes the text, now or when moto is imported; a :class:`MotoCognitoDevicesWarning` by default
    :returns: whether the plugin is active now and was not before
    :raises ValueError: if a switch has an unknown value
    """
    if not settings.automatic_activation() or is_active():
        return False
    settings.check()
    try:
        _activate(tell)
    except Exception as error:
        tell(_failure(error))
    return is_active()


def deactivate() -> None:
    """Restore moto exactly as it was. User pools keep their devices until the plugin is activated again.

    Call it while no request is in flight, as with any patcher: a request that is being served may fail.
    """
    global _active
    with _lock:
        _active = False
        _registered.clear()
        while _hooks:
            _hooks.pop().remove()
        while _undo:
            _undo.pop()()


def is_active() -> bool:
    """Whether moto has device tracking from us, or will have as soon as it is imported."""
    return _active


def _at_import(register: Callable[[], None]) -> None:
    try:
        register()
    except BaseException as error:
        deactivate()
        if not isinstance(error, Exception):
            raise
        # Whoever imports moto did not ask for us.
        _tell(_failure(error))


def _failure(error: Exception) -> str:
    if isinstance(error, IncompatibleMotoError):
        return str(error)
    return f"moto-cognito-devices could not be activated, and moto is as it was: {error!r}"


def _register() -> None:
    """Extend moto's Cognito.

    :raises IncompatibleMotoError: before anything was touched
    """
    from . import compatibility

    own = compatibility.moto_device_operations()
    if own:
        deactivate()
        _tell(
            f"moto {compatibility.moto_version()} has device operations of its own ({', '.join(own)}): "
            "moto-cognito-devices steps aside. Uninstall it, or pin an older moto."
        )
        return
    compatibility.check(compatibility.REQUIRED)

    from moto.core.base_backend import backend_lock

    try:
        from .cognitoidp import models, responses
    except ImportError as error:  # what we import from moto and REQUIRED does not name
        raise compatibility.incompatible(str(error)) from error

    with _lock, backend_lock:
        if _begin(_COGNITO):
            _extend_backends(models)
            _extend_responses(responses)


def _begin(module_name: str) -> bool:
    """False if the plugin was deactivated meanwhile, has stepped aside, or another thread was faster."""
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
    _undo.append(lambda: _switch(moto_models))
    _switch(models)


def _switch(models: ModuleType) -> None:
    """Make this module's classes those of all backends and user pools, living and to come."""
    from moto.cognitoidp.models import cognitoidp_backends
    from moto.core.base_backend import backend_lock

    with backend_lock:  # nobody adds an account or a region meanwhile
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

    public = _PublicOperations(ActionAuthenticatorMixin.PUBLIC_OPERATIONS)
    _set(CognitoIdpResponse, "__new__", new)
    _set(ActionAuthenticatorMixin, "PUBLIC_OPERATIONS", public)


def _register_moto_api() -> None:
    """Add the helpers for tests to moto's own API.

    :raises IncompatibleMotoError: before anything was touched
    """
    if not _active:
        return
    from . import compatibility

    compatibility.check(compatibility.REQUIRED_OF_MOTO_API)

    from moto.moto_api._internal import urls as moto_urls

    from .moto_api.urls import url_paths

    with _lock:
        if not _begin(_MOTO_API):
            return
        for path in url_paths.keys() & moto_urls.url_paths:
            raise compatibility.replaced("API", moto_urls.url_paths[path])
        _set(moto_urls, "url_paths", {**moto_urls.url_paths, **url_paths})


def _register_server() -> None:
    """Have moto's server find the helpers for tests, and Cognito where ``Authorization: Bearer …`` or the like comes.

    :raises IncompatibleMotoError: before anything was touched
    """
    if not _active:
        return
    from . import compatibility

    compatibility.check(compatibility.REQUIRED_OF_SERVER)

    from moto.moto_server.werkzeug_app import UNSIGNED_REQUESTS, DomainDispatcherApplication

    with _lock:
        if not _begin(_SERVER):
            return
        moto_infer = DomainDispatcherApplication.infer_service_region_host
        moto_get = DomainDispatcherApplication.get_application
        for function in (moto_infer, moto_get):
            if function.__module__ != _SERVER:
                raise compatibility.replaced("server", function)

        def infer_service_region_host(self: Any, environ: dict[str, Any], path: str) -> str | None:
            if not environ.get("HTTP_X_AMZ_TARGET", "").startswith(f"{_TARGET}."):
                return moto_infer(self, environ, path)
            service, region = UNSIGNED_REQUESTS[_TARGET]
            host = ""
            if environ.get("HTTP_AUTHORIZATION"):  # else moto may read the body to find out, and leave nothing of it
                with suppress(IndexError):  # a single word where moto expects a signature
                    host = moto_infer(self, environ, path) or ""
            signed = host.startswith(f"{service}.") and not host.startswith(f"{service}..")
            return host if signed else f"{service}.{region}.amazonaws.com"

        def get_application(self: Any, environ: dict[str, Any]) -> Any:
            if str(environ.get("PATH_INFO")).startswith(_HELPERS):
                with self.lock:
                    app = self.app_instances.get("moto_api")
                    if app is not None and not any(rule.rule.startswith(_HELPERS) for rule in app.url_map.iter_rules()):
                        del self.app_instances["moto_api"]
            return moto_get(self, environ)

        _set(DomainDispatcherApplication, "infer_service_region_host", infer_service_region_host)
        _set(DomainDispatcherApplication, "get_application", get_application)


def cache_service_list() -> None:
    """Have moto's server list its services once, and not for each request, until :func:`deactivate`.

    For a process that is a server and nothing else. A moto that lists them in another way is left as it is.
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
    """Assign to a class or a module of moto's, in a way that can be undone."""
    if name in vars(owner):
        before = vars(owner)[name]
        _undo.append(lambda: setattr(owner, name, before))
    else:
        _undo.append(lambda: delattr(owner, name))
    setattr(owner, name, value)


_REGISTRARS: dict[str, Callable[[], None]] = {
    _COGNITO: _register,
    _MOTO_API: _register_moto_api,
    _SERVER: _register_server,
}
