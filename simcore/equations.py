"""The model's equations, one pure function each. All arrays end with the draw axis."""

from __future__ import annotations

import numpy as np

from simcore.arrays import Array


def decay(elapsed: float, half_life: float) -> float:
    """Return the share of a lead or differential that is left after some years.

    ``2^(−elapsed / half_life)``; above one before the reference year.

    >>> decay(5, half_life=5)
    0.5
    """
    return float(2.0 ** (-elapsed / half_life))


def gap_path(elapsed: int, size: Array, rebound: Array) -> Array:
    """Return the transitory level gap some years after a crisis [log points].

    ``−J`` in the crisis year, ``−(1−κ) J`` a year later, ``−(1−κ)/2 J`` from the second year
    on: the share κ closes in the first year, half of what is left in the second, the rest stays.

    Parameters
    ----------
    elapsed : int [years since the crisis; negative before it]
    size, rebound : (draw) float [log points; share]

    References
    ----------
    Friedman (1993), Economic Inquiry 31:171; Nakamura, Steinsson, Barro & Ursúa (2013),
    American Economic Journal: Macroeconomics 5:35, doi:10.1257/mac.5.3.35.

    >>> [round(float(gap_path(t, np.array(0.08), np.array(0.7))), 3) for t in (-1, 0, 1, 2, 9)]
    [0.0, -0.08, -0.024, -0.012, -0.012]
    """
    if elapsed < 0:
        return np.zeros_like(size)
    if elapsed == 0:
        return -size
    return -size * (1 - rebound) / (1 if elapsed == 1 else 2)


def firm_effect(count: Array, beside: Array, elasticity: Array) -> Array:
    """Return the factor on R&D over GDP of more or fewer firms than there would be.

    ``(N / N_b)^ε``: one where the counts are equal. A count of none is taken as one firm.

    Parameters
    ----------
    count, beside : (year, draw) float [firms], with and without levers
    elasticity : (draw) float [percent of R&D over GDP a percent of firms]

    >>> firm_effect(np.array([200.0, 7]), np.array([100.0, 7]), np.array(0.5)).round(3).tolist()
    [1.414, 1.0]
    """
    ratio = np.maximum(count, 1.0) / np.maximum(beside, 1.0)
    return np.asarray(ratio**elasticity)


def capital(stock: Array, depreciation: Array, formation: Array, rate: Array, gdp: Array) -> Array:
    """Perpetual inventory of capital.

    ``K_t = (1 − δ) K_t−1 + φ s_t GDP_t−1``

    Parameters
    ----------
    stock, gdp : (zone, draw) float [1e8 CNY, constant prices], of the year before
    depreciation, formation : (draw) float [share]
    rate : (zone, draw) float [fixed-asset investment over GDP]

    References
    ----------
    Goldsmith (1951), Studies in Income and Wealth 14; OECD (2009), Measuring Capital,
    doi:10.1787/9789264068476-en.

    >>> one = np.ones((1, 1))
    >>> float(capital(200 * one, np.array([0.1]), np.array([0.75]), 0.4 * one, 100 * one)[0, 0])
    210.0
    """
    return (1.0 - depreciation) * stock + formation * rate * gdp


def project_capital(
    wanted: Array, stock: Array, depreciation: Array, commissioned: Array, usual: Array
) -> tuple[Array, Array]:
    """Capital that a change of projects adds to an activity, or keeps from it.

    ``Ẽ_t = (1 − δ) Ẽ_t−1 + φ X_t−1`` is what follows from the projects alone. Capital is not taken
    down, so the activity's new capital N + φ X is at least nothing:
    ``E_t = max(Ẽ_t, (1 − δ) E_t−1 − N_t)``; what could not be taken from a year's new capital is
    taken from that of later years. Returns Ẽ and E.

    Parameters
    ----------
    wanted, stock : (activity, draw) float [1e8 CNY, constant prices], Ẽ and E of the year before
    depreciation : (draw) float [share]
    commissioned : (activity, draw) float [1e8 CNY], φ X: commissioned more the year before
    usual : (activity, draw) float [1e8 CNY], N: new capital without the change

    >>> nothing, one = np.zeros(1), np.ones(1)
    >>> wanted, stock = project_capital(nothing, nothing, nothing, -5 * one, 3 * one)
    >>> [float(value[0]) for value in (wanted, stock)]
    [-5.0, -3.0]
    >>> float(project_capital(wanted, stock, nothing, 0 * one, 3 * one)[1][0])
    -5.0
    """
    kept = 1.0 - depreciation
    wanted = kept * wanted + commissioned
    return wanted, np.maximum(wanted, kept * stock - usual)


def steady_capital(
    gdp: Array, formation: Array, rate: Array, growth: Array, depreciation: Array, error: Array
) -> Array:
    """Capital of the base year near its steady state.

    ``K = GDP φ s / (max(μ, 0) + δ) exp(ε)``; a zone that shrinks is not credited with the
    capital that a shrinking steady state would have.

    >>> one = np.ones(1)
    >>> stock = steady_capital(100 * one, 0.75 * one, 0.4 * one, one / 20, one / 10, 0 * one)
    >>> round(float(stock[0]))
    200
    """
    return gdp * formation * rate / (np.maximum(growth, 0.0) + depreciation) * np.exp(error)


def rnd_stock(stock: Array, depreciation: Array, spending: Array) -> Array:
    """Perpetual inventory of knowledge.

    ``S_t = (1 − δ_R) S_t−1 + RD_t−1 / P_t−1``

    Parameters
    ----------
    stock, spending : (zone, draw) float [1e8 CNY, constant prices], of the year before
    depreciation : (draw) float [share]

    References
    ----------
    Griliches (1979), Bell Journal of Economics 10:92, doi:10.2307/3003321.
    """
    return (1.0 - depreciation) * stock + spending


def steady_rnd_stock(spending: Array, growth: Array, depreciation: Array) -> Array:
    """R&D stock of the base year after steady growth of spending.

    ``S = RD (1 + g) / (g + δ_R)``

    >>> one = np.ones(1)
    >>> float(steady_rnd_stock(10 * one, 0.1 * one, 0.15 * one)[0])
    44.0
    """
    return spending * (1.0 + growth) / (growth + depreciation)


def knowledge_effect(gap: Array, elasticity: Array, spillover: Array, weights: Array) -> Array:
    """Effect of the R&D stock on log productivity, own and spilled over.

    ``η (ln S_z − ln S*_z) + θ η Σ_z' w_zz' (ln S_z' − ln S*_z')``

    Parameters
    ----------
    gap : (zone, draw) float [log points], ln S − ln S*
    elasticity, spillover : (draw) float
    weights : (zone, zone) float, rows summing to one over the other zones

    References
    ----------
    Griliches (1979), doi:10.2307/3003321; Bottazzi & Peri (2003), European Economic Review
    47:687, doi:10.1016/S0014-2921(02)00307-0.

    >>> gap = np.array([[0.1], [0.0]])
    >>> swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> knowledge_effect(gap, np.array([0.1]), np.array([0.5]), swap).ravel().round(4).tolist()
    [0.01, 0.005]
    """
    return elasticity * (gap + spillover * (weights @ gap))
