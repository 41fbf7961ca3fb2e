"""The URLs of moto's Cognito, for ``BaseBackend._url_module``, which looks for this module beside our models.

They lead to moto's own ``CognitoIdpResponse``, which leads to ours as long as the plugin is active (see
``registration``): a Flask view that was built meanwhile is then right after ``deactivate()`` as well.
"""

from moto.cognitoidp.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]
