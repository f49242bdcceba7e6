"""Measures: mathematics on arrays of counts, without any I/O.

All take counts (or the sums of counts that a kernel returns) and return bits; what is undefined is None. What
needs scipy or scikit-learn imports it when it is called.
"""

from __future__ import annotations

import importlib
from typing import Any

from colprofile.measures.determination import g3, mu_plus, pdep, rfi, tau, violating_rows
from colprofile.measures.divergence import (
    GTest,
    g_test,
    js_divergence,
    kl_divergence,
    kl_noise_floor,
    psi,
    unseen_mass,
    vanished_mass,
)
from colprofile.measures.elbo import (
    CrossEntropyParts,
    EvidenceParts,
    VaeObjective,
    barber_agakov,
    bernoulli_log_likelihood,
    categorical_log_likelihood,
    cross_entropy_parts,
    evidence_parts,
    gaussian_kl,
    info_nce,
    vae_objective,
)
from colprofile.measures.entropy import (
    cross_entropy,
    efficiency,
    entropy,
    entropy_from_fingerprint,
    max_entropy,
    perplexity,
    surprisal,
)
from colprofile.measures.estimators import ESTIMATORS, entropy_estimate
from colprofile.measures.fingerprints import Fingerprint, fingerprint
from colprofile.measures.huffman import huffman_mean_length, huffman_mean_length_from_fingerprint
from colprofile.measures.joins import (
    chain_lower_bound,
    chain_upper_bound,
    degree_norm,
    fewest_shared,
    join_lower_bound,
    join_size,
    join_upper_bound,
)
from colprofile.measures.ksg import mutual_information_ksg
from colprofile.measures.pairwise import (
    conditional_entropy,
    joint_entropy,
    mutual_information,
    normalized_mutual_information,
    planner_factor,
    uncertainty_coefficient,
    variation_of_information,
)
from colprofile.measures.sums import PairSums
from colprofile.measures.tables import exchanged, pair_sums

__all__ = [
    "ESTIMATORS",
    "CrossEntropyParts",
    "EvidenceParts",
    "Fingerprint",
    "GTest",
    "PairSums",
    "Strength",
    "VaeObjective",
    "barber_agakov",
    "bernoulli_log_likelihood",
    "categorical_log_likelihood",
    "chain_lower_bound",
    "chain_upper_bound",
    "conditional_entropy",
    "cross_entropy",
    "cross_entropy_parts",
    "degree_norm",
    "dependence",
    "efficiency",
    "entropy",
    "entropy_estimate",
    "entropy_from_fingerprint",
    "evidence_parts",
    "exchanged",
    "expected_mutual_information",
    "fewest_shared",
    "fingerprint",
    "g3",
    "g_test",
    "gaussian_kl",
    "huffman_mean_length",
    "huffman_mean_length_from_fingerprint",
    "info_nce",
    "join_lower_bound",
    "join_size",
    "join_upper_bound",
    "joint_entropy",
    "js_divergence",
    "kl_divergence",
    "kl_noise_floor",
    "max_entropy",
    "mu_plus",
    "mutual_information",
    "mutual_information_ksg",
    "mutual_information_variance",
    "normalized_mutual_information",
    "pair_sums",
    "pdep",
    "perplexity",
    "planner_factor",
    "psi",
    "rfi",
    "surprisal",
    "tau",
    "uncertainty_coefficient",
    "unseen_mass",
    "vae_objective",
    "vanished_mass",
    "variation_of_information",
    "violating_rows",
]


_COMPILED = {
    "Strength": "resolutions",
    "dependence": "resolutions",
    "expected_mutual_information": "chance",
    "mutual_information_variance": "permutation",
}
"""Name → its module, which needs numba: importing that takes longer than all the rest here."""


def __getattr__(name: str) -> Any:
    if name not in _COMPILED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_COMPILED[name]}"), name)
