"""Which side each port likes: what it costs to leave an item on a side, given its other ports."""

from __future__ import annotations

from collections.abc import Mapping

from tnalgebra.draw.model import EAST, NORTH, READING, SOUTH, WEST, Item, opposite

_SHARED = 0.7
_BENT = 0.35
_OFF_SIDE = 6.0
_INVERTED = 0.25


def port_cost(item: Item, port: int, side: int, used: Mapping[int, int], partner: Item) -> float:
    """How much a port minds leaving on `side`; `used` are the sides of the item's other ports."""
    if item.kind == "frame":
        return 0.0 if item.fixed[port][0] == side else 3.0
    if partner.kind == "end":
        return _end_cost(partner, side) + _turn_cost(item, port, side, used, partner) * 0.9
    return _turn_cost(item, port, side, used, partner)


def _end_cost(end: Item, side: int) -> float:
    """Free legs leave left (the first), right (the last), else up or down."""
    if end.prefers == SOUTH:
        return (0.7, 0.05, 0.7, 0.0)[side]
    return {
        EAST: (0.0, 0.6, 0.7, 0.6),
        WEST: (0.7, 0.6, 0.0, 0.6),
    }.get(end.prefers, (0.0, 0.6, 0.01, 0.6))[side]


def _turn_cost(item: Item, port: int, side: int, used: Mapping[int, int], partner: Item) -> float:
    shared = list(used.values()).count(side)
    if item.kind == "dot":
        return _SHARED * 2.5 * shared
    if item.kind == "end":
        return 0.0
    if item.kind == "triangle":
        return _triangle_cost(item, port, side, used)
    cost = _SHARED * shared
    if item.rank == 1:
        if partner.kind == "dot":
            return cost + (0.4, 0.1, 0.4, 0.0)[side]
        return cost + (0.0, 0.15, 0.05, 0.15)[side]
    if item.rank == 2:
        if side in (NORTH, SOUTH) or (side == WEST) != (port == 0):
            cost += 0.25
        return cost + sum(_BENT for other in used.values() if other != opposite(side))
    against, aside, middle = 0.2, 0.15, 0.15
    if item.ambiguous:
        # Ports of one space are told apart by their places alone, so these must say more.
        against, aside, middle = 0.7, 0.3, 0.6
        for other, taken in used.items():
            before, after = (taken, side) if other < port else (side, taken)
            cost += _INVERTED * (READING[before] > READING[after])
    if port == 0:
        return cost + (against, aside, 0.0, aside)[side]
    if port == item.rank - 1:
        return cost + (0.0, aside, against, aside)[side]
    return cost + (middle, 0.0, middle, 0.0)[side]


def _triangle_cost(item: Item, port: int, side: int, used: Mapping[int, int]) -> float:
    cost = 0.0
    at_base = port in item.base
    for other, taken in used.items():
        together = (other in item.base) == at_base
        if side != (taken if together else opposite(taken)):
            cost += _OFF_SIDE
        elif together and not at_base:
            cost += 0.4
    if side in (NORTH, SOUTH):
        return cost + 0.7
    written_right = EAST if (0 in item.base) != at_base else WEST
    return cost + (0.0 if side == written_right else 0.2)
