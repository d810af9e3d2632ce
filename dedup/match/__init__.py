"""From signatures to clusters: buckets, candidate pairs, verified pairs, stars around keepers."""

from dedup.match.bands import Bands, band_buckets, choose_bands
from dedup.match.bits import signature_bits
from dedup.match.candidates import FULL, FULL_FOR_PAIRS, candidates
from dedup.match.cluster import cluster, components
from dedup.match.containment import anchor_buckets
from dedup.match.reach import CHANCES, unmet_keepers
from dedup.match.verify import verify

__all__ = [
    "CHANCES",
    "FULL",
    "FULL_FOR_PAIRS",
    "Bands",
    "anchor_buckets",
    "band_buckets",
    "candidates",
    "choose_bands",
    "cluster",
    "components",
    "signature_bits",
    "unmet_keepers",
    "verify",
]
