"""Einsum equations by hand and at random, with arrays for them: what every einsum is tested on."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

SIZES = {"i": 2, "j": 3, "k": 4, "l": 2, "m": 3, "n": 1, "a": 3, "b": 2, "c": 2, "d": 4, "A": 2}

BY_HAND = [
    # scalars
    "->",
    ",->",
    ",,->",
    ",i->i",
    "i,->i",
    ",ij,->ji",
    # one operand: as it is, turned, summed out
    "i->i",
    "i->",
    "ij->ij",
    "ij->ji",
    "ij->i",
    "ij->j",
    "ij->",
    "ijk->kij",
    "ijk->j",
    "ijkl->ikjl",
    "ijkl->ilkj",
    "n->n",
    "n->",
    "inj->jni",
    # implicit output: letters that occur once, sorted, capitals first
    "ba",
    "ij,jk",
    "ki,ij",
    "ii",
    "bA",
    "ijk,jl",
    "i,i",
    "i,j",
    # diagonals inside one operand
    "ii->i",
    "ii->",
    "iij->j",
    "iij->i",
    "iij->ij",
    "iji->j",
    "iji->ij",
    "iii->i",
    "iii->",
    "iijj->ij",
    "iijj->",
    "ijij->ij",
    "ijji->ji",
    "aab,bc,c->abc",
    "ii,i->i",
    "ii,ii->i",
    "iij,jjk->ik",
    "nn,i->in",
    # traces of products, traces that repeat
    "ij,ji->",
    "ij,jk,ki->",
    "ij,jk,kl,li->",
    "ii,jj->",
    "ii,jj,kk->",
    "ij,ij->",
    "iij,kkj->",
    # products of vectors and matrices
    "i,j->ij",
    "i,j->ji",
    "i,i->",
    "ij,j->i",
    "i,ij->j",
    "ij,jk->ik",
    "ij,jk->ki",
    "ij,kj->ik",
    "ji,jk->ik",
    "ij,jk,kl->il",
    "ij,kl->ijkl",
    "ij,kl->ilkj",
    "i,j,k->kji",
    # elementwise, batched
    "i,i->i",
    "i,i,i->i",
    "ij,ij->ij",
    "ij,ji->ij",
    "ij,i->ij",
    "ij,j,i->ij",
    "aij,ajk->aik",
    "aij,ajk->aki",
    "aij,jk->aik",
    "ijk,ijk->k",
    # an index that only one operand has, summed before it meets the others
    "ij,jk->j",
    "ij,jk->k",
    "ij,jk->",
    "ij,kl->il",
    "ij,kl->",
    "ijk,jl->i",
    "i,jk,k->i",
    # hyper-indices
    "ij,ik,il->jkl",
    "ij,ik,il->",
    "ij,ik,il->ijkl",
    "iab,b,baj->ij",
    "ijk,ijk,ij->k",
    "ij,jk,jl,jm->iklm",
    "i,i,i,i->",
    "s,is,js,ks->ijk",
    "abc,ia,jb,kc->ijk",
    # sizes of one
    "in,nj->ij",
    "n,n->",
    "n,i->ni",
    "nin,n->i",
    # the ladder of the post
    "ij,ir,jkl,rks,lmn,smt,nop,tou,pq,uq->",
    # ones that once gave trouble elsewhere: spaces, a wide index used thrice and kept
    " ij , jk -> ik ",
    "lmi,i,ijk->jlm",
    "dad,da->ad",
    "abab,ab,ba->a",
]


def rows_of(equation: str) -> list[str]:
    """The indices of each operand."""
    return [row.replace(" ", "") for row in equation.split("->")[0].split(",")]


def arrays_for(equation: str, seed: int = 0) -> list[np.ndarray]:
    """Normal random arrays of small unequal sizes."""
    rng = np.random.default_rng(seed)
    return [
        np.asarray(rng.standard_normal([SIZES.get(index, 2) for index in row]))
        for row in rows_of(equation)
    ]


def random_equations(count: int, seed: int) -> list[str]:
    """Equations of one to four operands over up to five indices, each output index once."""
    generator = random.Random(seed)
    found = []
    for _ in range(count):
        letters = generator.sample("ijklnab", generator.randint(1, 5))
        rows = [
            "".join(generator.choices(letters, k=generator.randint(0, 4)))
            for _ in range(generator.randint(1, 4))
        ]
        used = sorted(set("".join(rows)))
        kept = generator.sample(used, generator.randint(0, len(used)))
        arrow = "" if generator.random() < 0.1 else "->" + "".join(kept)
        found.append(",".join(rows) + arrow)
    return found


def plain_einsum(equation: str, operands: Sequence[object]) -> dict[tuple[int, ...], object]:
    """Sums of products written out in Python loops, on anything that adds and multiplies."""
    left, _, right = equation.replace(" ", "").partition("->")
    rows = left.split(",")
    letters = sorted(set("".join(rows)))
    found: dict[tuple[int, ...], object] = {}
    for place in np.ndindex(*[SIZES.get(index, 2) for index in letters]):
        at = dict(zip(letters, place, strict=True))
        product: object = 1
        for row, operand in zip(rows, operands, strict=True):
            product = product * operand[tuple(at[index] for index in row)]
        key = tuple(at[index] for index in right)
        found[key] = found.get(key, 0) + product
    return found
