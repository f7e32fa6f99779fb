"""Train the two-layer attention-only transformer whose weights tnalgebra ships as a test subject.

Each sequence repeats a block of random tokens. The block's length varies, so attending at a fixed
distance cannot predict the repeats; matching content can: a previous-token head in layer 0 writes
the preceding token into each position, and three heads of layer 1 match the current token to it.

    python examples/train_induction.py -o tnalgebra/nn/weights/induction.npz
"""

import argparse
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

VOCAB, HIDDEN, HEADS, HEAD_SIZE, CONTEXT, LAYERS = 64, 48, 4, 12, 32, 2
SHORTEST, LONGEST = 5, 16
BATCH, RATE, WARMUP, DECAY = 16, 1.5e-2, 100, 0.4
# Without a softmax nothing bounds the scores. Kept small, the same weights stay within 1e5 when
# attention is linear, and float64 still adds terms of that size up to 1e-10.
SCORE_PENALTY = 1e-2

Weights = dict[str, Tensor]


def init_weights(rng: torch.Generator) -> Weights:
    def normal(*shape: int, std: float) -> Tensor:
        return (torch.randn(*shape, generator=rng) * std).requires_grad_()

    std = HIDDEN**-0.5
    weights = {
        "W_E": normal(VOCAB, HIDDEN, std=std),
        # Positions start larger than tokens, so that layer 0 settles on one previous-token head;
        # at equal size, some seeds spread that work over two.
        "W_pos": normal(CONTEXT, HIDDEN, std=4 * std),
        "W_U": normal(HIDDEN, VOCAB, std=std),
    }
    for layer in range(LAYERS):
        for name in ("W_Q", "W_K", "W_V"):
            weights[f"{name}{layer}"] = normal(HEADS, HIDDEN, HEAD_SIZE, std=std)
        weights[f"W_O{layer}"] = normal(HEADS, HEAD_SIZE, HIDDEN, std=(HEADS * HEAD_SIZE) ** -0.5)
    return weights


def forward(weights: Weights, tokens: Tensor) -> tuple[Tensor, list[Tensor], Tensor]:
    """Return logits [batch, pos, vocab], attention [batch, head, q, k] by layer, mean scores^2."""
    length = tokens.shape[1]
    future = torch.ones(length, length, dtype=torch.bool).triu(1)
    stream = weights["W_E"][tokens] + weights["W_pos"][:length]
    patterns, penalty = [], torch.zeros(())
    for layer in range(LAYERS):
        query, key, value = (
            torch.einsum("bpd,nde->bnpe", stream, weights[f"{name}{layer}"])
            for name in ("W_Q", "W_K", "W_V")
        )
        scores = query @ key.transpose(-1, -2) / math.sqrt(HEAD_SIZE)
        penalty = penalty + scores.tril().square().mean()
        pattern = scores.masked_fill(future, -math.inf).softmax(-1)
        stream = stream + torch.einsum("bnpe,ned->bpd", pattern @ value, weights[f"W_O{layer}"])
        patterns.append(pattern)
    return stream @ weights["W_U"], patterns, penalty


def draw(rng: torch.Generator, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return sequences [count, CONTEXT + 1], block lengths, and which targets are repeats."""
    # Blocks may repeat a token. Were their tokens distinct, matching the first copy would always
    # do, and late positions would have no use for a previous-token head.
    blocks = torch.randint(VOCAB, (count, LONGEST), generator=rng)
    periods = torch.randint(SHORTEST, LONGEST + 1, (count, 1), generator=rng)
    tokens = blocks.gather(1, torch.arange(CONTEXT + 1) % periods)
    return tokens, periods, torch.arange(CONTEXT) >= periods


def loss_and_accuracy(logits: Tensor, tokens: Tensor, repeats: Tensor) -> tuple[Tensor, float]:
    """Score the predictions of the repeated part only; the first block is unpredictable noise."""
    guesses, targets = logits[repeats], tokens[:, 1:][repeats]
    return functional.cross_entropy(guesses, targets), (
        guesses.argmax(-1) == targets
    ).float().mean().item()


def head_scores(patterns: list[Tensor], periods: Tensor, repeats: Tensor) -> tuple[Tensor, Tensor]:
    """Return, per head, layer 0's weight one back and layer 1's weight after earlier copies."""
    previous = patterns[0].diagonal(-1, 2, 3).mean((0, 2))
    position = torch.arange(CONTEXT)
    back = position[:, None] + 1 - position
    stripe = (back % periods[:, :, None] == 0) & (back > 0) & repeats[:, :, None]
    return previous, (patterns[1] * stripe[:, None]).sum((0, 2, 3)) / repeats.sum()


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a small induction transformer.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("-o", "--output", type=Path, default=Path("induction.npz"))
    options = parser.parse_args()

    # The order of floating-point sums depends on the number of threads.
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    rng = torch.Generator().manual_seed(options.seed)
    weights = init_weights(rng)
    optimizer = torch.optim.AdamW(weights.values(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    start = time.perf_counter()
    for step in range(options.steps):
        left = (options.steps - step) / options.steps
        optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / WARMUP, left / DECAY)
        tokens, _, repeats = draw(rng, BATCH)
        logits, _, penalty = forward(weights, tokens[:, :-1])
        loss, accuracy = loss_and_accuracy(logits, tokens, repeats)
        optimizer.zero_grad()
        torch.autograd.backward(loss + SCORE_PENALTY * penalty)
        optimizer.step()
        if step % 100 == 0:
            print(f"step {step:5d}  loss {loss.item():.4f}  accuracy {accuracy:.3f}", flush=True)

    with torch.no_grad():
        tokens, periods, repeats = draw(torch.Generator().manual_seed(options.seed + 1), 1024)
        logits, patterns, _ = forward(weights, tokens[:, :-1])
        loss, accuracy = loss_and_accuracy(logits, tokens, repeats)
        previous, induction = head_scores(patterns, periods, repeats)
    print(f"trained in {time.perf_counter() - start:.0f} s; on the repeats of new sequences:")
    print(f"loss {loss.item():.4f}  accuracy {accuracy:.4f}")
    print("layer 0 previous-token score:", *(f"{score:.3f}" for score in previous.tolist()))
    print("layer 1 induction score:     ", *(f"{score:.3f}" for score in induction.tolist()))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {name: weight.detach().numpy() for name, weight in weights.items()}
    np.savez(options.output, **arrays)


if __name__ == "__main__":
    main()
