"""The hostile requests under atheris: what the code does with one request chooses the next.

``pip install atheris``, then ``python -m tests.fuzz.atheris_target -len_control=0 -max_total_time=300``. The options
are libFuzzer's.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any


def main() -> int:
    """
    :returns: the exit status, if there is no atheris; otherwise libFuzzer ends the process
    """
    try:
        atheris: Any = importlib.import_module("atheris")
    except ImportError:
        print("skipped: atheris is not installed (pip install atheris)")
        return 0
    with atheris.instrument_imports(include=["moto_cognito_devices"]):
        from moto_cognito_devices.cognitoidp import models, responses  # noqa: F401
    atheris.Setup(sys.argv, _target())
    atheris.Fuzz()
    return 0


def _target() -> Callable[[bytes], object]:
    from hypothesis import given, settings
    from moto import mock_aws

    import moto_cognito_devices
    from moto_cognito_devices.testing import triggers

    from ..support import Target
    from .hostile import Hostile, tampered_requests
    from .judge import Judge
    from .world import FUNCTIONS

    moto_cognito_devices.activate()
    mock_aws().start()
    triggers(FUNCTIONS).start()
    judge = Judge(Target("in_process"), seconds=0)

    @settings(database=None, deadline=None)
    @given(tampered_requests(list(judge.world.valid), list(judge.world.materials)))
    def judged(request: Hostile) -> None:
        judge.judge(request)

    fuzz_one_input: Callable[[bytes], object] = judged.hypothesis.fuzz_one_input  # type: ignore[attr-defined]
    return fuzz_one_input


if __name__ == "__main__":
    sys.exit(main())
