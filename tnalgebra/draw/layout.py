"""Places on an integer grid: a small beam search in which port sides and straight legs pull.

Deterministic: candidates are tried in a fixed order and ties keep the earlier one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tnalgebra.draw.model import EAST, NORTH, SOUTH, VECTORS, WEST, Item, Link, opposite
from tnalgebra.draw.ports import port_cost

Cell = tuple[int, int]
_WORK = 480
_WIDEST, _NARROWEST = 44, 2


@dataclass
class Grid:
    """Where each item of one connected part stands, and on which side each port leaves."""

    cells: dict[int, Cell]
    sides: dict[int, dict[int, int]]


@dataclass
class _State:
    cost: float = 0.0
    cells: dict[int, Cell] = field(default_factory=dict)
    taken: dict[Cell, int] = field(default_factory=dict)
    passed: dict[Cell, int] = field(default_factory=dict)
    sides: dict[int, dict[int, int]] = field(default_factory=dict)
    rays: tuple[tuple[Cell, int], ...] = ()

    def copy(self) -> _State:
        return _State(
            self.cost,
            dict(self.cells),
            dict(self.taken),
            dict(self.passed),
            {item: dict(ports) for item, ports in self.sides.items()},
            self.rays,
        )


_Choice = tuple[tuple[int, int, int], tuple[int, int, int], bool]


def arrange(items: Sequence[Item], links: Sequence[Link], members: Sequence[int]) -> Grid:
    """Put the connected items `members` on a grid."""
    touching: dict[int, list[Link]] = {m: [] for m in members}
    for link in links:
        (a, _), (b, _) = link.ends
        if a in touching:
            touching[a].append(link)
            if b != a:
                touching[b].append(link)
    order = _order(items, members, touching)
    width = max(_NARROWEST, min(_WIDEST, _WORK // len(order)))
    beam = [_State()]
    for item in order:
        found: list[tuple[float, int, int, Cell, list[_Choice], float]] = []
        for number, state in enumerate(beam):
            here = _links_to_placed(state, item, touching[item])
            for cell in _candidates(state, items, item, here):
                cost, choices = _price(state, items, item, cell, here)
                found.append((round(state.cost + cost, 6), number, len(found), cell, choices, cost))
        found.sort(key=lambda entry: entry[:3])
        beam = [_place(beam[entry[1]], items, item, entry) for entry in found[:width]]
    best = beam[0]
    return Grid(best.cells, best.sides)


def _order(
    items: Sequence[Item], members: Sequence[int], touching: Mapping[int, list[Link]]
) -> list[int]:
    """Every item after one that it touches, the best connected first; open ends with theirs."""
    ends = sorted((m for m in members if items[m].kind == "end"), key=lambda m: items[m].position)
    bodies = [m for m in members if items[m].kind != "end"]
    if not bodies:
        return ends
    first = bodies[0]
    if ends:
        (a, _), (b, _) = touching[ends[0]][0].ends
        first = b if a == ends[0] else a
    order: list[int] = []
    placed: set[int] = set()
    strength = dict.fromkeys(members, 0)

    def put(m: int) -> None:
        order.append(m)
        placed.add(m)
        own: list[int] = []
        for link in touching[m]:
            for n, _ in link.ends:
                if n != m and n not in placed:
                    strength[n] += 1
                    if items[n].kind == "end":
                        own.append(n)
        for end in sorted(own, key=lambda n: items[n].position):
            order.append(end)
            placed.add(end)

    put(first)
    waiting = [m for m in bodies if m != first]
    while waiting:
        best = max(waiting, key=lambda m: (strength[m], -m))
        waiting.remove(best)
        put(best)
    return order


def _links_to_placed(state: _State, item: int, links: Sequence[Link]) -> list[tuple[int, int, int]]:
    """(own port, other item, its port) of every link whose other end already stands."""
    here = []
    for link in links:
        (a, p), (b, q) = link.ends
        if a == b:
            here.append((p, item, q))
        elif a == item and b in state.cells:
            here.append((p, b, q))
        elif b == item and a in state.cells:
            here.append((q, a, p))
    return here


def _candidates(
    state: _State, items: Sequence[Item], item: int, here: Sequence[tuple[int, int, int]]
) -> list[Cell]:
    if not state.cells:
        return [(0, 0)]
    found: dict[Cell, None] = {}
    others = list(dict.fromkeys(other for _, other, _ in here if other != item))
    is_end = items[item].kind == "end"
    for other in others:
        c, r = state.cells[other]
        for dx, dy in VECTORS:
            free = 0
            for step in range(1, 40):
                cell = (c + dx * step, r + dy * step)
                if is_end and _bundles(state, items, cell, other):
                    found[cell] = None
                if cell not in state.taken:
                    found[cell] = None
                    free += 1
                    if free == (1 if is_end else 2):
                        break
        for dx, dy in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            for step in range(1, 12):
                cell = (c + dx * step, r + dy * step)
                if cell not in state.taken:
                    found[cell] = None
                    break
    for one in others:
        for two in others:
            if one != two:
                cell = (state.cells[one][0], state.cells[two][1])
                if cell not in state.taken:
                    found[cell] = None
    return list(found)


def _bundles(state: _State, items: Sequence[Item], cell: Cell, owner: int) -> bool:
    """Whether the cell holds open ends of `owner`, with which another may run in parallel."""
    occupant = state.taken.get(cell)
    if occupant is None or items[occupant].kind != "end":
        return False
    if items[owner].kind in ("dot", "end"):
        return False
    (c, r), (a, b) = cell, state.cells[owner]
    return (
        (c == a or r == b)
        and state.sides.get(occupant, {}).get(0) is not None
        and _owner_is(state, cell, owner)
    )


def _owner_is(state: _State, cell: Cell, owner: int) -> bool:
    (c, r), (a, b) = cell, state.cells[owner]
    dx, dy = (c > a) - (c < a), (r > b) - (r < b)
    step = (a + dx, b + dy)
    while step != cell:
        if step in state.taken:
            return False
        step = (step[0] + dx, step[1] + dy)
    side = VECTORS.index((dx, dy))
    return (cell, side) in state.rays


def _clear(state: _State, a: Cell, b: Cell) -> bool:
    """Whether nothing stands between two cells of one row or column."""
    dx, dy = (b[0] > a[0]) - (b[0] < a[0]), (b[1] > a[1]) - (b[1] < a[1])
    cell = (a[0] + dx, a[1] + dy)
    while cell != b:
        if cell in state.taken:
            return False
        cell = (cell[0] + dx, cell[1] + dy)
    return True


_Option = tuple[float, int, int, bool]
_LOOPS: tuple[_Option, ...] = (
    (1.5, WEST, EAST, False),
    (1.5, EAST, WEST, False),
    (1.7, NORTH, EAST, False),
    (1.7, WEST, NORTH, False),
    (1.7, SOUTH, EAST, False),
    (1.7, WEST, SOUTH, False),
    (1.7, EAST, NORTH, False),
    (1.7, NORTH, WEST, False),
    (1.7, EAST, SOUTH, False),
    (1.7, SOUTH, WEST, False),
    (1.8, NORTH, SOUTH, False),
    (1.8, SOUTH, NORTH, False),
    (2.2, EAST, EAST, False),
    (2.2, NORTH, NORTH, False),
    (2.2, SOUTH, SOUTH, False),
    (2.2, WEST, WEST, False),
)


@lru_cache(maxsize=4096)
def leg_options(dx: int, dy: int, clear: bool) -> tuple[_Option, ...]:
    """Ways to run a leg to a cell dx columns and dy rows away, the cheapest first.

    Each is (cost, side at the start, side at the end, straight).
    """
    far = abs(dx) + abs(dy)
    if not far:
        return _LOOPS
    east, south = (EAST if dx > 0 else WEST), (SOUTH if dy > 0 else NORTH)
    options: list[_Option] = []
    if dy == 0 or dx == 0:
        ahead = east if dy == 0 else south
        if clear:
            options.append((0.5 * (far - 1), ahead, opposite(ahead), True))
        sideways = (NORTH, SOUTH) if dy == 0 else (EAST, WEST)
        options += [(1.5 + 0.1 * far + 0.02 * k, s, s, False) for k, s in enumerate(sideways)]
        options.append((1.5 + 0.05 * far, opposite(ahead), ahead, False))
    else:
        bend = 1.1 + 0.25 * far
        options.append((bend, east, opposite(south), False))
        options.append((bend, south, opposite(east), False))
        options.append((bend + 0.5, east, opposite(east), False))
        options.append((bend + 0.5, south, opposite(south), False))
    listed = {option[1:3] for option in options}
    for one in range(4):
        for two in range(4):
            if (one, two) in listed:
                continue
            (ox, oy), (tx, ty) = VECTORS[one], VECTORS[two]
            away = ((ox * dx + oy * dy) < 0) + ((tx * dx + ty * dy) > 0)
            options.append((2.6 + 0.25 * far + 0.8 * away, one, two, False))
    return tuple(sorted(options, key=lambda option: option[0]))


def _price(
    state: _State,
    items: Sequence[Item],
    item: int,
    cell: Cell,
    here: list[tuple[int, int, int]],
) -> tuple[float, list[_Choice]]:
    """The cost of standing in a cell, and how each leg to what already stands would run."""
    cost = 0.02 * abs(cell[1]) + (0.005 if cell[1] < 0 else 0.0)
    if cell in state.passed:
        cost += 1.6 * state.passed[cell]
    if cell in state.taken:
        cost += 0.2
    for (c, r), side in state.rays:
        dx, dy = VECTORS[side]
        along = (cell[0] - c) * dx + (cell[1] - r) * dy
        if along > 0 and (cell[0] - c) * dy == (cell[1] - r) * dx:
            cost += 1.5

    def bent(entry: tuple[int, int, int]) -> tuple[bool, int]:
        other = state.cells.get(entry[1], cell)
        far = abs(other[0] - cell[0]) + abs(other[1] - cell[1])
        return (other[0] != cell[0] and other[1] != cell[1], far)

    orders = [sorted(here, key=bent)]
    if len({other for _, other, _ in here}) < len(here):
        backward = list(reversed(here))
        orders.append(sorted(backward, key=bent))
    best = min((_run_legs(state, items, item, cell, one) for one in orders), key=lambda f: f[0])
    return cost + best[0], best[1]


def _run_legs(
    state: _State,
    items: Sequence[Item],
    item: int,
    cell: Cell,
    here: Sequence[tuple[int, int, int]],
) -> tuple[float, list[_Choice]]:
    """Choose the cheapest way for each leg in turn."""
    me = items[item]
    cost = 0.0
    used: dict[int, dict[int, int]] = {item: {}}
    choices: list[_Choice] = []
    for port, other, their_port in here:
        place = state.cells.get(other, cell)
        partner = items[other]
        aligned = place[0] == cell[0] or place[1] == cell[1]
        clear = aligned and place != cell and _clear(state, place, cell)
        if other not in used:
            used[other] = dict(state.sides.get(other, {}))
        best: tuple[float, int, int, bool] | None = None
        way = leg_options(cell[0] - place[0], cell[1] - place[1], clear)
        for price, theirs, mine, straight in way:
            if best is not None and price >= best[0]:
                break
            if me.kind == "end":
                price += 0.0 if straight else 1.5
            elif straight and theirs in (NORTH, SOUTH) and "dot" not in (me.kind, partner.kind):
                price += 0.2
            if item == other:
                price += port_cost(me, their_port, theirs, used[item], partner)
                price += port_cost(me, port, mine, {**used[item], their_port: theirs}, partner)
            else:
                price += 1.02 * port_cost(partner, their_port, theirs, used[other], me)
                price += port_cost(me, port, mine, used[item], partner)
            if best is None or price < best[0] - 1e-9:
                best = (price, theirs, mine, straight)
        assert best is not None
        cost += best[0]
        used[other][their_port] = best[1]
        used[item][port] = best[2]
        choices.append(((other, their_port, best[1]), (item, port, best[2]), best[3]))
        if other < item and place[0] > cell[0] and me.kind != "end":
            cost += 0.05
        if me.kind == "end":
            cost += _ray_cost(state, cell, best[1])
    return cost, choices


def _ray_cost(state: _State, cell: Cell, side: int) -> float:
    """What stands outward of an open end, in its way."""
    dx, dy = VECTORS[side]
    blocked = 0
    for c, r in state.taken:
        along = (c - cell[0]) * dx + (r - cell[1]) * dy
        if along > 0 and (c - cell[0]) * dy == (r - cell[1]) * dx:
            blocked += 1
    return 1.5 * blocked


def _place(
    state: _State,
    items: Sequence[Item],
    item: int,
    entry: tuple[float, int, int, Cell, list[_Choice], float],
) -> _State:
    new = state.copy()
    cost, _, _, cell, choices, _ = entry
    new.cost = cost
    new.cells[item] = cell
    new.taken.setdefault(cell, item)
    new.sides.setdefault(item, {})
    for (other, their_port, theirs), (_, port, mine), straight in choices:
        new.sides.setdefault(other, {})[their_port] = theirs
        new.sides[item][port] = mine
        place = new.cells[other]
        if straight:
            dx, dy = VECTORS[theirs]
            step = (place[0] + dx, place[1] + dy)
            while step != cell:
                new.passed[step] = new.passed.get(step, 0) + 1
                step = (step[0] + dx, step[1] + dy)
        if items[item].kind == "end":
            new.rays = (*new.rays, (cell, theirs))
    return new
