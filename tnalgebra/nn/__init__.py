"""Neural networks as diagrams: whole transformers, their weights, and their path expansions."""

from tnalgebra.nn.load import Model, load
from tnalgebra.nn.transformer import Transformer

__all__ = ["Model", "Transformer", "load"]
