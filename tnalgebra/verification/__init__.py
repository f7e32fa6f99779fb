"""Equations decided: a proof, a counterexample, a certificate, or an honest unknown."""
