"""Path expansions: a forward pass as a sum of terms, each a diagram, counted and evaluated."""

from tnalgebra.nn.paths.evaluation import Evaluation
from tnalgebra.nn.paths.expansion import PathExpansion, Term
from tnalgebra.nn.paths.induction import CompositionTable, composition_table

__all__ = ["CompositionTable", "Evaluation", "PathExpansion", "Term", "composition_table"]
