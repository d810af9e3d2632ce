"""Which blocks are body and which are boilerplate."""

from dedup.classify import captures
from dedup.classify.classify import classify
from dedup.classify.model import Model
from dedup.classify.model_file import load_model, write_model

__all__ = ["Model", "captures", "classify", "load_model", "write_model"]
