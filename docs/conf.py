"""Sphinx: the documentation's settings. Nothing is fetched, neither to build the pages nor to read them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the package of this checkout, and docs.extensions

from moto_cognito_devices import __version__

project = "moto-cognito-devices"
author = "The moto-cognito-devices contributors"
project_copyright = author
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "docs.extensions.fidelity_page",
    "docs.extensions.sequence",
    "docs.extensions.sign_in_rules",
    "docs.extensions.source_links",
]
exclude_patterns = ["_build"]
nitpicky = True
# Of other projects, whose inventories would have to be fetched.
nitpick_ignore_regex = [(r"py:.*", r"(botocore|collections|datetime|logging|secrets|typing|unittest)\b.*")]
nitpick_ignore = [
    ("py:class", "moto_cognito_devices.activation.Activation"),  # has nothing to call
    ("py:class", "moto_cognito_devices.activation.Decorated"),  # a type variable
]

# AWS's own pages, by the names that the pages on Cognito give them.
rst_epilog = """
.. _device guide: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-device-tracking.html
.. _refresh guide: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
.. _trigger guide: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
.. _guide of 2023: https://github.com/awsdocs/amazon-cognito-developer-guide
.. _service model: https://github.com/boto/botocore/tree/develop/botocore/data/cognito-idp
.. _CLI examples: https://github.com/aws/aws-cli/tree/develop/awscli/examples/cognito-idp
.. _causes: https://repost.aws/knowledge-center/cognito-invalid-refresh-token-error
.. _blog: https://aws.amazon.com/blogs/mobile/tracking-and-remembering-devices-using-amazon-cognito-your-user-pools/
.. _Android's test: https://github.com/aws-amplify/aws-sdk-android
.. _Flutter's tests: https://github.com/aws-amplify/amplify-flutter
.. _passwordless sample: https://github.com/aws-samples/amazon-cognito-passwordless-email-auth
.. _custom sample: https://github.com/aws-samples/cognito-custom-authentication
"""

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = "moto-cognito-devices"
html_static_path = ["_static"]
html_css_files = ["diagrams.css"]
html_show_sphinx = False
html_copy_source = False
