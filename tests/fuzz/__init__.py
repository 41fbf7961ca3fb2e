"""Hostile requests: valid ones that were tampered with, and ones that never made sense.

* ``world``: user pools with everything that a request can name, and one valid request of each kind;
* ``hostile``: the requests, as hypothesis strategies;
* ``judge``: sends one, and says whether the answer and what it left behind are right;
* ``checkpoint``: the state of the pools, to be compared and put back;
* ``atheris_target``: the same under a coverage-guided fuzzer, ``python -m tests.fuzz.atheris_target``.

``tests/test_hostile_input.py`` runs them.
"""
