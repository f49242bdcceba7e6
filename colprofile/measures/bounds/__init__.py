"""What a random sample guarantees about the whole table: bounds that hold with a given confidence."""

from colprofile.measures.bounds.api import (
    distinct_bounds,
    entropy_bounds,
    joint_cells,
    kl_bounds,
    mutual_information_bounds,
)
from colprofile.measures.bounds.result import Bounds

__all__ = [
    "Bounds",
    "distinct_bounds",
    "entropy_bounds",
    "joint_cells",
    "kl_bounds",
    "mutual_information_bounds",
]
