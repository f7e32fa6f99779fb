"""Values and arrays to numbers: contraction, samples of declared facts, exact residues."""
