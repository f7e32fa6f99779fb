"""quimb both ways: networks contract to what diagrams evaluate to, and come back as they were."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import SIZES, UNNAMED, arrays_for, dense, diagrams

import tnalgebra as tn
from tnalgebra.core.nesting import contents
from tnalgebra.core.values import terms_of
from tnalgebra.errors import ArrayError, NotationError, TnalgebraError

qtn = pytest.importorskip("quimb.tensor")


def _random(*shape: int, seed: int = 0, real: bool = False) -> np.ndarray:
    rng = np.random.default_rng(seed + sum(shape))
    array = rng.standard_normal(shape)
    return array if real else array + 1j * rng.standard_normal(shape)


def _contracted(network, inds) -> np.ndarray:
    result = network.contract(output_inds=list(inds), optimize="greedy")
    if not isinstance(result, qtn.Tensor):
        return np.asarray(result)
    return np.asarray(result.transpose(*inds).data)


def _used(value) -> tuple[set[str], set[str]]:
    """The symbols and the unsized spaces of a value, those of its boxes too."""
    terms = [term for one in [*contents(value), value] for term in terms_of(one)]
    symbols = {symbol.name for term in terms for symbol in term.coefficient.free_symbols}
    every = {s for term in terms for s in [*term.spaces, *(x.space for x in term.legs)]}
    spaces = {space.name for space in every if space.size is None}
    return symbols, spaces | (symbols & {"p", "q"})


@settings(max_examples=60)
@given(diagrams(UNNAMED, depth=1, functions=("exp", "tanh"), groups=False))
def test_a_random_diagram_contracts_alike_both_ways(diagram):
    numbers = {"alpha": 0.5 - 0.25j, "beta": 1.5}
    arrays = {n: a / 4 for n, a in arrays_for(diagram, np.random.default_rng(2)).items()}
    symbols, spaces = _used(diagram)
    expected = dense(diagram, arrays, SIZES, numbers)
    legs = [leg.name for leg in diagram.legs]
    network = diagram.to_quimb(
        {**arrays, **{name: number for name, number in numbers.items() if name in symbols}},
        {name: SIZES[name] for name in spaces},
    )
    assert sorted(network.outer_inds()) == sorted(legs)
    np.testing.assert_allclose(_contracted(network, legs), expected, rtol=1e-8, atol=1e-8)
    back, found = tn.from_quimb(network, legs)
    assert [leg.name for leg in back.legs] == legs
    again = dense(back, found, _sizes_of(back, network))
    np.testing.assert_allclose(again, expected, rtol=1e-8, atol=1e-8)


def _sizes_of(back, network) -> dict[str, int]:
    return {s.name: network.ind_size(s.name) for s in back.spaces if s.size is None}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("A[i,j]*B[j,k]", ""),
        ("A[i,j]*A[j,k]*conj(A)[l,k]", ""),
        ("A[i,b]*v[b]*B[b,j] -> i,j", ""),
        ("A[i,b]*v[b]*B[b,j] -> b,i,j", ""),
        ("A[i,i]*v[k]*v[l]", ""),
        ("delta[i,j,k]*v[k]", ""),
        ("A[i,j]*ones[j]", ""),
        ("A[i,j]*c[]", ""),
    ],
)
def test_a_diagram_comes_back_equal(text, where):
    diagram = tn.parse(text, where=where)
    shapes = {"A": (3, 3), "B": (3, 3), "v": (3,), "c": ()}
    arrays = {t.name: _random(*shapes[t.name]) for t in diagram.tensors}
    network = diagram.to_quimb(arrays)
    back, found = tn.from_quimb(network, [leg.name for leg in diagram.legs])
    assert back == diagram
    assert found.keys() == arrays.keys()
    assert all(np.array_equal(found[name], array) for name, array in arrays.items())


def test_a_network_of_quimb_comes_back():
    for made in (
        qtn.MPS_rand_state(6, 4, seed=1),
        qtn.PEPS.rand(2, 3, 2, seed=2).reindex(
            {f"k{i},{j}": f"k{i}_{j}" for i in range(2) for j in range(3)}
        ),
        qtn.MPO_rand(4, 3, seed=3),
        qtn.HTN2D_classical_ising_partition_function(3, 3, beta=0.3),
    ):
        outer = made.outer_inds()
        diagram, arrays = tn.from_quimb(made)
        assert [leg.name for leg in diagram.legs] == list(outer)
        expected = _contracted(made, outer)
        np.testing.assert_allclose(diagram.evaluate(**arrays), expected, rtol=1e-10)
        twin = diagram.to_quimb(arrays)
        assert set(twin.outer_inds()) == set(outer)
        np.testing.assert_allclose(_contracted(twin, outer), expected, rtol=1e-10)


def test_a_norm_has_each_tensor_once_and_its_conjugate():
    state = qtn.MPS_rand_state(5, 3, dtype=complex, seed=4)
    diagram, arrays = tn.from_quimb(state.H & state)
    assert sorted(arrays) == [f"I{k}" for k in range(5)]
    assert sum(tensor.is_conj for tensor in diagram.tensors) == 5
    np.testing.assert_allclose(diagram.evaluate(**arrays), state.H @ state)


def test_tensors_of_one_tag_and_other_arrays_get_numbers():
    a, b = _random(2, 3), _random(3, 2, seed=1)
    network = qtn.Tensor(a, ["i", "j"], ["X"]) & qtn.Tensor(b, ["j", "k"], ["X"])
    diagram, arrays = tn.from_quimb(network)
    assert str(diagram) == "X[i,j]*X1[j,k]"
    np.testing.assert_allclose(diagram.evaluate(**arrays), a @ b)


def test_names_that_are_none_and_reserved_words():
    network = qtn.Tensor(_random(2, 2), ["i", "0,1"], ["exp", "0"]) & qtn.Tensor(
        _random(2, 2, seed=5), ["0,1", "j"], ["delta"]
    )
    diagram, arrays = tn.from_quimb(network)
    assert sorted(arrays) == ["T", "T1"]
    np.testing.assert_allclose(
        diagram.evaluate(**arrays), _contracted(network, ["i", "j"]), rtol=1e-12
    )
    with pytest.raises(NotationError, match="cannot name a free leg"):
        tn.from_quimb(qtn.Tensor(_random(2), ["0,1"]))
    with pytest.raises(NotationError, match="no index of the network"):
        tn.from_quimb(network, ["z"])


def test_exponents_scalars_and_a_single_tensor():
    network = qtn.Tensor(_random(2, 2, real=True), ["i", "j"], ["A"]).as_network()
    network.exponent = 2.0
    diagram, arrays = tn.from_quimb(network)
    assert diagram.coefficient == 100
    assert tn.parse("7").to_quimb({}).contract() == 7
    alone, _ = tn.from_quimb(qtn.Tensor(arrays["A"], ["i", "j"], ["A"]))
    assert alone == tn.parse("A[i,j]")


def test_copy_tensors_alone_know_their_size():
    diagram, arrays = tn.from_quimb(tn.parse("delta[i,j,k]").to_quimb({}, {"i": 4}))
    assert not arrays
    assert [leg.space.size for leg in diagram.legs] == [4, 4, 4]


def test_groups_and_boxes():
    a = _random(2, 3, real=True)
    grouped = tn.parse("group(A[i,j], ij=(i,j))*w[ij]")
    network = grouped.to_quimb({"A": a, "w": np.arange(6.0)})
    np.testing.assert_allclose(network.contract(output_inds=[]), a.ravel() @ np.arange(6.0))
    boxed = tn.parse("softmax(A[i,j], j)*v[j]").to_quimb({"A": a, "v": np.ones(3)})
    np.testing.assert_allclose(boxed.contract(output_inds=["i"]).data, np.ones(2))
    assert "box" in boxed.tag_map


def test_arrays_of_torch_stay_so():
    torch = pytest.importorskip("torch")
    a = torch.ones(2, 3, dtype=torch.float64)
    network = tn.parse("2*A[i,j]*ones[j]").to_quimb({"A": a})
    assert all(isinstance(tensor.data, torch.Tensor) for tensor in network.tensors)
    assert network.contract(output_inds=["i"]).data.tolist() == [6.0, 6.0]
    diagram, arrays = tn.from_quimb(network)
    assert diagram.evaluate(**arrays).tolist() == [6.0, 6.0]


def test_the_arrays_of_the_user_are_not_shared():
    a = _random(2, 2)
    network = tn.parse("A[i,j]").to_quimb({"A": a})
    assert not np.shares_memory(network["A"].data, a)


def test_what_is_no_network_is_refused():
    with pytest.raises(NotationError, match="a sum is no tensor network"):
        tn.parse("A[i,j] + B[i,j]").to_quimb({})
    with pytest.raises(ArrayError, match="no array is given"):
        tn.parse("A[i,j]").to_quimb({})
    with pytest.raises(TnalgebraError, match="expected a quimb TensorNetwork"):
        tn.from_quimb(np.eye(2))


def test_importing_the_package_does_not_import_quimb():
    code = "import sys, tnalgebra as tn; tn.from_quimb; print('quimb' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def test_arrays_are_given_by_name():
    for wrong in (3, [np.ones(2)]):
        with pytest.raises(ArrayError, match="arrays are given by name"):
            tn.parse("v[i]").to_quimb(wrong)
