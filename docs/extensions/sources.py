"""The public sources that evidence names, as links: "amplify-js #4047" is an issue or a pull request on GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: The names that tests and pages use → the repository. GitHub leads from an issue's address to the pull request's.
REPOSITORIES = {
    ".NET SDK extensions": "aws/aws-sdk-net-extensions-cognito",
    ".NET SDK": "aws/aws-sdk-net-extensions-cognito",
    "amazon-cognito-identity-js": "amazon-archives/amazon-cognito-identity-js",
    "amplify-android": "aws-amplify/amplify-android",
    "amplify-flutter": "aws-amplify/amplify-flutter",
    "amplify-js": "aws-amplify/amplify-js",
    "amplify-swift": "aws-amplify/amplify-swift",
    "amplify-cli": "aws-amplify/amplify-cli",
    "amplify docs": "aws-amplify/docs",
    "aws-amplify": "aws-amplify/amplify-js",
    "aws-cdk": "aws/aws-cdk",
    "aws-sdk-android": "aws-amplify/aws-sdk-android",
    "aws-sdk-cpp": "aws/aws-sdk-cpp",
    "aws-sdk-ios": "aws-amplify/aws-sdk-ios",
    "aws-sdk-java": "aws/aws-sdk-java",
    "aws-sdk-java-v2": "aws/aws-sdk-java-v2",
    "aws-sdk-js": "aws/aws-sdk-js",
    "aws-sdk-js-v3": "aws/aws-sdk-js-v3",
    "aws-sdk-net": "aws/aws-sdk-net",
    "aws-sdk-php": "aws/aws-sdk-php",
    "boto3": "boto/boto3",
    "cfn-roadmap": "aws-cloudformation/cloudformation-coverage-roadmap",
    "cognito-local": "jagregory/cognito-local",
    "cognito-srp-helper": "simonmcallister0210/cognito-srp-helper",
    "dart-2": "furaiev/amazon-cognito-identity-dart-2",
    "floci": "floci-io/floci",
    "franken-srp": "ravenscar/franken-srp",
    "identity-js": "amazon-archives/amazon-cognito-identity-js",
    "localstack": "localstack/localstack",
    "ministack": "ministackorg/ministack",
    "net-extensions": "aws/aws-sdk-net-extensions-cognito",
    "pycognito": "NabuCasa/pycognito",
    "terraform-provider-aws": "hashicorp/terraform-provider-aws",
    "warrant": "capless/warrant",
}

_NAMES = "|".join(sorted(map(re.escape, REPOSITORIES), key=len, reverse=True))
_REFERENCE = re.compile(
    rf"""
    (?P<url>https://[^\s`<>"]*[^\s`<>".,:;)])
    | (?<![\w/.-])
      (?:(?P<name>{_NAMES})|(?P<slug>[\w.-]+/[\w.-]+)|(?P<unknown>(?!PR\b|and\b)[\w.-]+))
      [ ]?(?:PR[ ])?\#(?P<first>\d+)
    | (?:(?<=,[ ])|(?<=;[ ])|(?<=and[ ]))(?:PR[ ])?\#(?P<next>\d+)  # of the repository that was named last
    """,
    re.VERBOSE,
)


def escape(text: str) -> str:
    """The text, so that reStructuredText sees nothing in it but text."""
    return re.sub(r"([\\*`|_])", r"\\\1", text)


def split(text: str) -> Iterator[tuple[str, str | None]]:
    """The text in pieces, each with the address that it stands for; None for what stands for none."""
    repository = None
    end = 0
    for found in _REFERENCE.finditer(text):
        shown, address = found[0], found["url"]
        if address:
            shown = shown.removeprefix("https://")
        else:
            if found["first"]:
                repository = REPOSITORIES.get(found["name"] or "") or found["slug"]
            if repository is None:
                continue
            address = f"https://github.com/{repository}/issues/{found['first'] or found['next']}"
        yield text[end : found.start()], None
        yield shown, address
        end = found.end()
    yield text[end:], None


def linked(text: str) -> str:
    """In reStructuredText, with a link for each address and each number of an issue whose repository is named."""
    return "".join(f"`{escape(piece)} <{address}>`__" if address else escape(piece) for piece, address in split(text))
