"""A configuration as text, and the seed of its run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces; floats keep every digit. Equal configurations give equal text.

    >>> canonical_json({"b": 0.1, "a": [1, None]})
    '{"a":[1,null],"b":0.1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def configuration_seed(configuration: Mapping[str, Any]) -> int:
    """A 63-bit seed: a hash of the configuration alone, never of order, worker or time.

    >>> configuration_seed({"n": 100, "replicate": 0}) == configuration_seed({"replicate": 0, "n": 100})
    True
    """
    return int.from_bytes(hashlib.sha256(b"seed:" + canonical_json(configuration).encode()).digest()[:8], "big") >> 1
