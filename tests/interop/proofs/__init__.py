# SPDX-License-Identifier: Apache-2.0
"""An independent reading of store/TRANSPARENCY.md: Python's standard library, nothing of the service."""


class ProofError(Exception):
    """What was offered does not hold; the text says which rule it breaks."""


def require(condition, rule):
    if not condition:
        raise ProofError(rule)
