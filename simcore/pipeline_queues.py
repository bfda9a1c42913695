"""Queues of projects for a start, first come, first served: containers and slots.

First come, first served makes a queue a recursion over requests in the order in which they come. A
container filled yearly has in year y the stock B_y = min(B_y−1 − served + supply, most) and serves
the longest row of waiting requests that it covers. Capacity of c slots is the queue of c servers
(Kiefer & Wolfowitz 1955, Transactions of the American Mathematical Society 78:1,
doi:10.2307/1992945): a request begins when it may and one of the slots is free.
"""

from __future__ import annotations

import numpy as np

from simcore.arrays import Array


def granted(
    asked: Array, wanted: Array, supplied: Array, most: Array, years: tuple[int, ...]
) -> Array:
    """When a container filled yearly serves requests, in their order; infinite if it never does.

    ``asked`` rises. A request that the stock does not cover holds up those behind it.
    """
    found = np.full(len(asked), np.inf)
    total = np.concatenate([[0.0], np.cumsum(wanted)])
    by = np.searchsorted(asked, np.array(years) + 1.0).tolist()
    served, stock = 0, 0.0
    for year, last, amount, limit in zip(years, by, supplied.tolist(), most.tolist(), strict=True):
        stock = min(stock, limit)
        stock += max(min(amount, limit - stock), 0.0)
        covered = int(total.searchsorted(total[served] + stock, side="right")) - 1
        upto = max(min(last, covered), served)
        found[served:upto] = np.maximum(asked[served:upto], year)
        stock -= float(total[upto] - total[served])
        served = upto
    return found


def begun(asked: Array, hold: Array, capacity: Array, years: tuple[int, ...]) -> Array:
    """When requests get one of the slots, each held for a time; infinite if not in these years.

    ``asked`` rises, ``hold`` is above zero, ``capacity`` is that of each year. A request takes the
    slot that is free first, and these moments rise. So request i begins at

        t_i = max(asked_i, the k_i-th of all moments at which a slot is or becomes free)

    in their order: the years in which slots are added and the ends t_j + hold_j. k_i counts the
    requests before i and the slots out of use by then, each of which went in its turn of the queue;
    the ends of later requests do not count, for they are later. One t alone satisfies this. From
    t = asked it is reached from below: n rounds settle all that begins before n of the shortest
    holds have passed, and in practice a handful settles everything.
    """
    change = np.diff(capacity, prepend=0.0).astype(int)
    added = np.repeat(np.array(years, dtype=float), np.maximum(change, 0))
    removed = np.repeat(np.array(years, dtype=float), np.maximum(-change, 0))
    turn = np.arange(len(asked)) + np.searchsorted(removed, asked, side="right")
    found, before = asked, None
    while before is None or not np.array_equal(found, before):
        free = np.sort(np.concatenate([added, found + hold]))
        before, found = found, np.maximum(asked, free[turn])
        found[found >= years[-1] + 1] = np.inf
    return found
