"""Arrays by the type of their entries."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["AnyArray", "Array"]

Array: TypeAlias = NDArray[np.float64]
"""What everything is computed in, unless it says otherwise."""

AnyArray: TypeAlias = NDArray[Any]
"""Where float32 stays float32."""
