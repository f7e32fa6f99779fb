"""The layer of other symbolic forms: sympy expressions both ways, and LaTeX."""
