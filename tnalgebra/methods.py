"""What values offer beyond core, each one lazy import and one call: the only file that looks up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from tnalgebra.bridges.einsum import EinsumCall
    from tnalgebra.core.values import Equation, Value
    from tnalgebra.numeric.cost import Cost
    from tnalgebra.rewrite.derivation import Derivation
    from tnalgebra.rewrite.match import Match
    from tnalgebra.rewrite.rules import Rule, RuleSet
    from tnalgebra.symbolic.write import Form


class ValueMethods:
    """Methods of Diagram and Sum that live in higher layers."""

    def __str__(self) -> str:
        from tnalgebra.notation.printer import to_text

        return to_text(cast("Value", self))[0]

    def __repr__(self) -> str:
        from tnalgebra.notation.printer import to_text

        text, where = to_text(cast("Value", self))
        return f"tn.parse({text!r}, where={where!r})" if where else f"tn.parse({text!r})"

    @property
    def where(self) -> str:
        """The declarations that go with `str` of this value."""
        from tnalgebra.notation.printer import to_text

        return to_text(cast("Value", self))[1]

    def evaluate(
        self,
        given: Mapping[Any, Any] | None = None,
        /,
        *,
        sizes: Mapping[str, int] | Any = None,
        symbolic: bool | Any = False,
        **arrays: Any,
    ) -> Any:
        """The value on numbers: one array a tensor, torch in, torch out, numpy in, numpy out.

        The axes follow `legs`. given: arrays of tensors and numbers of symbols, as keywords are, by
        name or by the tensor itself. sizes: by name, of spaces that no array tells (a tensor may be
        called so too: what is no mapping is its array). symbolic=True: an explicit sympy array,
        exact, of sympy arrays; a tensor left out has the entries A[0,1].

        Nothing is cast: integers are refused, and `array.astype(float)` says what is meant. Arrays
        are not checked to have the declared facts, but for their shapes and for being real; without
        them, a value and its simplified form may give different numbers. 1/0, log(0) and overflow
        give inf and nan as in torch, in numpy too without a warning; where np.errstate asks for an
        error, they raise it. inv and pinv of a matrix with inf or nan in it are nan.

        Inside torch.vmap no entry can be seen, so none is checked: sqrt and log of a negative real
        number are nan there, and complex arrays pass for tensors declared real.

        What the value does not hold is refused too; `tensors` tells what it holds, which may be
        less after `derivative` or `simplify`.

        Raises ArrayError for what is missing, given twice or does not fit, NotationError or
        SpaceError for a tensor that is not the value's, and LimitError for sympy arrays of more
        than 100 000 entries.

        >>> import numpy as np, tnalgebra as tn
        >>> tn.parse("A[i,j]*ones[k]").evaluate(A=np.eye(2), sizes={"k": 1}).shape
        (2, 2, 1)
        >>> A = tn.tensor("A'", "i j")
        >>> (A @ A).evaluate({A: np.ones((2, 2))}) == (A @ A).evaluate({"A'": np.ones((2, 2))})
        array([[ True,  True],
               [ True,  True]])
        >>> arrays = {"W": np.eye(2), "x": np.ones(2), "b": np.ones(2)}
        >>> by_x = tn.parse("b[i] + W[i,j]*x[j]").derivative("x")
        >>> held = {tensor.name for tensor in by_x.tensors}
        >>> by_x.evaluate({name: array for name, array in arrays.items() if name in held})
        array([[1., 0.],
               [0., 1.]])
        >>> tn.parse("1/x[i] -> i").evaluate(x=np.array([0.0, 2.0]))
        array([inf, 0.5])
        >>> tn.parse("tr(A @ A)", where="A: tensor(i,j); i,j: n=2").evaluate(symbolic=True)
        A[0, 0]**2 + 2*A[0, 1]*A[1, 0] + A[1, 1]**2
        """
        if sizes is not None and not isinstance(sizes, Mapping):
            arrays["sizes"], sizes = sizes, None
        if not isinstance(symbolic, bool):
            arrays["symbolic"], symbolic = symbolic, False
        from tnalgebra.core.called import by_name
        from tnalgebra.notation.locate import located

        value = cast("Value", self)
        with located(value):
            arrays = by_name(value, given, arrays)
            if symbolic:
                from tnalgebra.numeric.symbolic import evaluate_symbolic

                return evaluate_symbolic(value, arrays, sizes)
            from tnalgebra.numeric.evaluate import evaluate

            return evaluate(value, arrays, sizes)

    def cost(
        self,
        sizes: Mapping[str, int] | None = None,
        order: Sequence[Sequence[int]] | None = None,
    ) -> Cost:
        """The multiplications and the largest array of evaluating this value.

        sizes: by space name; formulas where they are not given. order: an opt_einsum path instead
        of the order that `evaluate` takes. Raises ArrayError for either that does not fit.

        >>> import tnalgebra as tn
        >>> tn.parse("A @ B").cost({"i": 2, "j": 3, "k": 4}).flops
        24
        """
        from tnalgebra.numeric.cost import cost

        return cost(cast("Value", self), sizes, order)

    def to_einsum(self) -> EinsumCall:
        """The einsum string of one product of tensors, and what its operands are called.

        Raises NotationError for what an einsum string cannot say.
        """
        from tnalgebra.bridges.einsum import to_einsum

        return to_einsum(cast("Value", self))

    def to_torch(self) -> str:
        """The text of a PyTorch function `diagram` that computes this value, runnable as it is.

        Raises NotationError or LimitError for what such a program cannot say.
        """
        from tnalgebra.bridges.torch_code import to_torch

        return to_torch(cast("Value", self))

    def expand(self) -> Value:
        """The value with sums and shared values distributed; functions stay closed."""
        from tnalgebra.rewrite.expand import expand

        return expand(cast("Value", self))

    def simplify(self, rules: RuleSet | None = None) -> Value:
        """The value after all simplifying rules, like terms collected; never distributes."""
        return self.derivation(rules).result

    def derivation(self, rules: RuleSet | None = None) -> Derivation:
        """The checked steps that lead from this value to its simplified form."""
        from tnalgebra.rewrite.engine import simplify

        return simplify(cast("Value", self), rules)

    def matches(self, rule: Rule) -> Iterator[Match]:
        """Where a rule applies, lazily and in a fixed order."""
        from tnalgebra.rewrite.engine import matches

        return matches(cast("Value", self), rule)

    def rewrite(self, rule: Rule, *, at: Match) -> Value:
        """The value after one checked use of a rule."""
        from tnalgebra.rewrite.engine import rewrite

        return rewrite(cast("Value", self), rule, at)

    def to_sympy(self, as_: Form | None = None) -> Any:
        """The sympy expression that says this value; as_: "matrix", "array" or "indexed".

        By default the first of these that can say it. Sizes are symbols of the names of spaces,
        `dim(i)` where a space has no name; declared facts are not carried over. Raises
        NotationError for what the form cannot say.

        >>> import tnalgebra as tn
        >>> d = tn.parse("A[i,j]*conj(A)[k,j]")
        >>> print(d.to_sympy(), d.to_sympy(as_="indexed"), sep="; ")
        A*Adjoint(A); Sum(conjugate(A[k, j])*A[i, j], (j, 0, dim(j) - 1))
        >>> tn.from_sympy(d.to_sympy())["i", "k"] == d
        True
        """
        from tnalgebra.symbolic.write import to_sympy

        return to_sympy(cast("Value", self), as_)

    def to_svg(self, **options: Any) -> str:
        """The picture of this value as SVG text."""
        from tnalgebra.draw.picture import to_svg

        return to_svg(cast("Value", self), **options)

    def to_json(self) -> str:
        """This value as JSON text that `tn.from_json` reads; the same in every process."""
        from tnalgebra.bridges.json_writer import to_json

        return to_json(cast("Value", self))

    def to_quimb(self, arrays: Mapping[Any, Any], sizes: Mapping[str, int] | None = None) -> Any:
        """This diagram as a quimb.tensor.TensorNetwork, for which quimb must be installed.

        Tags are the names of tensors, the outer indices those of the free legs. arrays, sizes: as
        in `evaluate`. Raises NotationError for a sum, and ArrayError.
        """
        from tnalgebra.bridges.quimb import to_quimb
        from tnalgebra.core.called import by_name

        value = cast("Value", self)
        return to_quimb(value, by_name(value, arrays, {}), sizes)

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def latex(self) -> str:
        r"""The LaTeX of this value in index notation, for use between dollar signs.

        >>> import tnalgebra as tn
        >>> print(tn.parse("softmax(S[q,k], k)*conj(W_V)[d,k]").latex())
        \sum_{k} \operatorname{softmax}_{k}\!\left(S_{q k}\right) \overline{W_{V}}_{d k}
        """
        from tnalgebra.symbolic.latex import to_latex

        return to_latex(cast("Value", self))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


class EquationMethods:
    """Methods of Equation that live in higher layers."""

    def __str__(self) -> str:
        from tnalgebra.notation.printer import to_text

        return to_text(cast("Equation", self))[0]

    def __repr__(self) -> str:
        from tnalgebra.notation.printer import to_text

        text, where = to_text(cast("Equation", self))
        return f"tn.parse({text!r}, where={where!r})" if where else f"tn.parse({text!r})"

    @property
    def where(self) -> str:
        """The declarations that go with `str` of this equation."""
        from tnalgebra.notation.printer import to_text

        return to_text(cast("Equation", self))[1]

    def to_sympy(self, as_: Form | None = None) -> Any:
        """The sympy.Eq that says this equation; see `Diagram.to_sympy`."""
        from tnalgebra.symbolic.write import to_sympy

        return to_sympy(cast("Equation", self), as_)

    def to_svg(self, **options: Any) -> str:
        """The picture of this equation as SVG text."""
        from tnalgebra.draw.picture import to_svg

        return to_svg(cast("Equation", self), **options)

    def to_json(self) -> str:
        """This equation as JSON text that `tn.from_json` reads; the same in every process."""
        from tnalgebra.bridges.json_writer import to_json

        return to_json(cast("Equation", self))

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def latex(self) -> str:
        """The LaTeX of this equation in index notation, for use between dollar signs."""
        from tnalgebra.symbolic.latex import to_latex

        return to_latex(cast("Equation", self))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"
