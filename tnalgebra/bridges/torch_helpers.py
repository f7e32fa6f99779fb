"""The functions that a PyTorch program brings along, as text."""

from __future__ import annotations

import builtins

_METHODS = {
    "exp": "The exponential",
    "sin": "The sine",
    "cos": "The cosine",
    "tan": "The tangent",
    "sinh": "The hyperbolic sine",
    "cosh": "The hyperbolic cosine",
    "tanh": "The hyperbolic tangent",
    "abs": "The magnitude",
    "reciprocal": "The reciprocal",
    "sigmoid": "1/(1 + exp(-x))",
}
_METHOD = '''def {0}(x):
    """{1} of each entry."""
    return x.{0}()'''

_ROOTS = {"log": "The principal logarithm", "sqrt": "The principal square root"}
_ROOT = '''def {0}(x):
    """{1} of each entry; real entries must not be negative."""
    if not x.is_complex() and holds((x < 0).any()):
        raise ValueError("{0} of a negative number is complex: give complex arrays")
    return x.{0}()'''

HELPERS = {
    "holds": '''def holds(condition):
    """Whether a condition on entries holds; False inside vmap, which lets none be seen."""
    try:
        return bool(condition)
    except RuntimeError as error:
        if "vmap" not in str(error):
            raise
        return False''',
    "checked": '''def checked(name, x, rank, like):
    """Refuse an array of another rank, precision or device than `like`, or without entries."""
    if not isinstance(x, torch.Tensor):
        raise TypeError(f"{name} is given as {type(x).__name__}, not as a torch tensor")
    kinds = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    if x.dtype not in (*kinds, torch.complex64, torch.complex128):
        raise TypeError(f"{name} has entries of type {x.dtype}: cast it, as in {name}.double()")
    if x.dtype.to_real() != like.dtype.to_real():
        raise TypeError(f"{name} has the type {x.dtype} and others {like.dtype}: cast one")
    if x.device != like.device:
        raise ValueError(f"{name} is on the device {x.device} and others on {like.device}")
    if x.ndim != rank:
        raise ValueError(f"{name} has {x.ndim} axes, not {rank}")
    if 0 in x.shape:
        raise ValueError(f"{name} has the shape {tuple(x.shape)}, and sizes start at 1")''',
    "real": '''def real(name, x):
    """Refuse entries with an imaginary part."""
    if x.is_complex() and holds((x.imag != 0).any()):
        raise ValueError(f"{name} is real, and its array has entries that are not")''',
    "whole": '''def whole(name, size):
    """Refuse what is no size."""
    if isinstance(size, bool) or not hasattr(size, "__index__") or size < 1:
        raise ValueError(f"the size {name} is given as {size!r}; sizes count from 1")''',
    "same": '''def same(name, first, second):
    """Refuse two sizes of one space; einsum would broadcast 1 against 4."""
    if first != second:
        raise ValueError(f"the space {name} has the sizes {first} and {second}")''',
    "placed": '''def placed(name, size, position):
    """Refuse a unit vector that is 1 beyond the end of its space."""
    if position >= size:
        raise ValueError(f"there is no position {position} of the space {name} of size {size}")''',
    "agreed": '''def agreed(first, *others):
    """The range of the one place that all name; of none where they disagree, which sums to 0."""
    return slice(first, first + all(other == first for other in others))''',
    "complex_type": '''def complex_type(one):
    """The type of complex numbers of the precision of `one`."""
    if one.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"{one.dtype} has no complex numbers, and a coefficient or entry is one")
    return one.dtype.to_complex()''',
    "scalar": '''def scalar(name, x, is_real, one):
    """A number for a symbol: plain, or a tensor of no axes, which keeps its gradient."""
    if not isinstance(x, torch.Tensor):
        if isinstance(x, (bool, str)) or getattr(x, "shape", ()):
            raise TypeError(f"{name} needs a number, not {x!r}")
        if is_real and complex(x).imag:
            raise ValueError(f"{name} is real, and {x} is not")
        return x
    if x.ndim or x.dtype == torch.bool:
        raise TypeError(f"{name} needs a number, not a tensor of {x.ndim} axes and type {x.dtype}")
    if is_real and x.is_complex() and holds(x.imag != 0):
        raise ValueError(f"{name} is real, and {x} is not")
    return x.to(one.device, complex_type(one) if x.is_complex() else one.dtype)''',
    "function": '''def function(name, x):
    """A function of a plain number, or of a tensor of no axes, which keeps its gradient."""
    if name == "conjugate":
        return x.conj_physical() if isinstance(x, torch.Tensor) else complex(x).conjugate()
    if not isinstance(x, torch.Tensor):
        return math.gamma(x) if name == "gamma" else getattr(cmath, name)(x)
    if name == "gamma":
        return torch.where(x < 0, 1 - 2 * (x.floor() % 2), 1) * x.lgamma().exp()
    if name == "log" and not x.is_complex() and holds(x < 0):
        raise ValueError("log of a negative number is complex: give a complex tensor")
    return getattr(x, name)()''',
    "power": '''def power(x, exponent):
    """A power of a plain number, or of a tensor of no axes, which keeps its gradient."""
    if isinstance(x, torch.Tensor) and not x.is_complex() and holds(x < 0):
        raise ValueError("a power of a negative number is complex: give a complex tensor")
    return x**exponent''',
    "number": '''def number(x, one):
    """A tensor as it is; a plain number, real where its imaginary part is 0."""
    if isinstance(x, torch.Tensor):
        return x
    x = complex(x)
    if not x.imag:
        return x.real
    complex_type(one)  # refuses a precision that has none
    return x''',
    "constant": '''def constant(numbers, one):
    """Nested lists of numbers as an array of the precision of `one`."""
    x = torch.tensor(numbers, dtype=torch.complex128, device=one.device)
    return x.to(complex_type(one)) if x.imag.any() else x.real.to(one.dtype)''',
    "stacked": '''def stacked(numbers, one):
    """Nested lists of numbers and tensors of no axes as one array, which keeps their gradients."""
    if not isinstance(numbers, list):
        x = number(numbers, one)
        return x if isinstance(x, torch.Tensor) else constant(x, one)
    parts = [stacked(part, one) for part in numbers]
    kind = functools.reduce(torch.promote_types, [x.dtype for x in parts])
    return torch.stack([x.to(kind) for x in parts])''',
    "einsum": '''def einsum(equation, *arrays):
    """torch.einsum of real and complex arrays alike."""
    kind = functools.reduce(torch.promote_types, [x.dtype for x in arrays])
    return torch.einsum(equation, *[x.to(kind) for x in arrays])''',
    "copied": '''def copied(x, legs, sizes):
    """x with legs that share an index, zero off its diagonal, or that x does not have.

    legs[k] is the axis of x that leg k carries; numbers beyond its axes are new indices.
    """
    first = [legs.index(leg) for leg in legs]
    shape = [sizes[k] if first[k] == k and legs[k] < x.ndim else 1 for k in range(len(legs))]
    x = x.reshape(shape).expand(sizes)
    for k, place in enumerate(first):
        if place != k:
            shape = [sizes[k] if axis in (k, place) else 1 for axis in range(len(legs))]
            same_place = torch.eye(sizes[k], dtype=torch.bool, device=x.device).reshape(shape)
            x = torch.where(same_place, x, 0)
    return x''',
    "softmax": '''def softmax(x, axis):
    """Softmax along an axis, of complex numbers too."""
    if not x.is_complex():
        return x.softmax(axis)
    x = (x - x.detach().real.amax(axis, keepdim=True)).exp()
    return x / x.sum(axis, keepdim=True)''',
    "causal_softmax": '''def causal_softmax(x, query, key):
    """Softmax along the axis `key` of what the axis `query` may see: index key <= index query."""
    allowed = torch.ones(x.shape[query], x.shape[key], dtype=torch.bool, device=x.device).tril()
    shape = [size if axis in (query, key) else 1 for axis, size in enumerate(x.shape)]
    allowed = (allowed if query < key else allowed.T).reshape(shape)
    return softmax(x.masked_fill(~allowed, -math.inf), key)''',
    "relu": '''def relu(x):
    """The larger of 0 and x, which is real."""
    return torch.relu(x)''',
    "gelu": '''def gelu(x):
    """The tanh form of Hendrycks and Gimpel (arXiv 1606.08415) that GPT-2 uses; x is real."""
    return torch.nn.functional.gelu(x, approximate="tanh")''',
    "step": '''def step(x):
    """1 above zero and 0 at it; x is real."""
    return (x > 0).to(x.dtype)''',
    "inverted": '''def inverted(name, x):
    """torch.linalg.inv or torch.linalg.pinv; nan where an entry is inf or nan."""
    if holds(~x.isfinite().all()):
        return x.T * math.nan
    return getattr(torch.linalg, name)(x)''',
    "inv": '''def inv(x):
    """The inverse of a matrix, transposed."""
    return inverted("inv", x).T''',
    "pinv": '''def pinv(x):
    """The pseudo-inverse of a matrix, transposed."""
    return inverted("pinv", x).T''',
    **{name: _METHOD.format(name, what) for name, what in _METHODS.items()},
    **{name: _ROOT.format(name, what) for name, what in _ROOTS.items()},
    "silu": '''def silu(x):
    """x/(1 + exp(-x)) of each entry."""
    return x * x.sigmoid()''',
}
"""Each by its name; one that calls another comes after it."""

NEEDS = {
    "causal_softmax": ("softmax",),
    "real": ("holds",),
    "inverted": ("holds",),
    "inv": ("holds", "inverted"),
    "pinv": ("holds", "inverted"),
    "log": ("holds",),
    "sqrt": ("holds",),
    "scalar": ("holds", "complex_type"),
    "function": ("holds",),
    "power": ("holds",),
    "number": ("complex_type",),
    "constant": ("complex_type",),
    "stacked": ("constant", "complex_type", "number"),
}
"""Which helpers a helper calls, itself or through another."""

TAKEN = {
    *("torch", "math", "cmath", "functools", "diagram", "one", "dtype", "device"),
    *HELPERS,
    *dir(builtins),
}
"""What no argument or variable of a program may be called."""
