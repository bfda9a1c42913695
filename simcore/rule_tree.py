"""A small tree of rules: which conditions, one after the other, split draws best (CART).

References
----------
Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees; as scenario discovery
Lempert, Bryant & Bankes (2008), RAND WR-557-NSF.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcore.arrays import Array, Mask
from simcore.errors import RunError
from simcore.labels import say

DEPTH, SMALLEST_LEAF, LEAST_GAIN = 3, 0.05, 0.003  # of impurity, which is at most a half


@dataclass(frozen=True)
class Branch:
    """A node of the tree, those below it following: which rows are in it, and how many count.

    ``column`` of the input whose condition leads here, None at the root; ``below`` : whether its
    values are at most ``threshold``, else above it. ``share`` of all draws; ``probability`` that a
    draw in it is of interest; ``leaf`` : whether nothing is below it.
    """

    depth: int
    column: int | None
    below: bool
    threshold: float | None
    share: float
    probability: float
    leaf: bool
    rows: Mask


def grow(values: Array, wanted: Mask, weight: Array, judged: Array) -> list[Branch]:
    """Return the nodes of the tree of values (row, input), each before those below it.

    ``judged`` : other values, whose rows the nodes tell in ``rows``.
    Raises `RunError` without the library.
    """
    try:
        from sklearn.tree import DecisionTreeClassifier
    except ImportError as error:
        text = say("discover needs {library}: pip install 'simcore[discovery]'",
                   library="scikit-learn")  # fmt: skip
        raise RunError(text) from error
    model = DecisionTreeClassifier(
        max_depth=DEPTH, min_weight_fraction_leaf=SMALLEST_LEAF,
        min_impurity_decrease=LEAST_GAIN, random_state=0,
    )  # fmt: skip
    model.fit(values, wanted, sample_weight=weight)
    tree, found = model.tree_, list[Branch]()
    interest = int(np.flatnonzero(model.classes_)[0])
    whole = float(tree.weighted_n_node_samples[0])

    def visit(
        node: int, depth: int, rows: Mask, column: int | None, below: bool, at: float | None
    ) -> None:
        counts = tree.value[node, 0]
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        found.append(
            Branch(
                depth, column, below, at, float(tree.weighted_n_node_samples[node]) / whole,
                float(counts[interest] / counts.sum()), left < 0, rows,
            )
        )  # fmt: skip
        if left < 0:
            return
        inner, threshold = int(tree.feature[node]), float(tree.threshold[node])
        low = judged[:, inner].astype(np.float32) <= threshold
        visit(left, depth + 1, rows & low, inner, True, threshold)
        visit(right, depth + 1, rows & ~low, inner, False, threshold)

    visit(0, 0, np.ones(len(judged), dtype=bool), None, False, None)
    return found
