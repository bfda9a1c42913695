"""Pictures: the fan chart, with history, documented figures and projection kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from simcore.baseline import Baseline, Figure, load_baseline
from simcore.dataset import open_results
from simcore.dims import BY_INDUSTRY, STATUS, VARIABLES
from simcore.disk import reading
from simcore.documented_points import documented_points
from simcore.errors import InputError, did_you_mean
from simcore.labels import say
from simcore.pictures import COLOURS, INK, PALE, refuse_format, save, use_style
from simcore.store import refuse_existing, sorted_quantiles
from simcore.writing import write_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

BANDS = ((0.05, 0.95, 0.14), (0.25, 0.75, 0.24))
MAXIMUM_FANS = 3  # more scenarios than this are drawn as medians alone


def fan_chart(
    file: Path,
    output: Path,
    *,
    indicator: str = "gdp",
    industry: str | None = None,
    zones: Sequence[str] = (),
    scenarios: Sequence[str] = (),
    data: Path | None = None,
    force: bool = False,
) -> list[Path]:
    """Draw the fan of an indicator, a panel a zone, and return the files written.

    Bands hold half and nine tenths of the draws around the median. Documented figures stand as
    points; years of the past are grey, nowcast years shaded. ``data`` also writes the numbers.
    Raises `InputError` for unknown names and formats, `RunError` without matplotlib.
    """
    refuse_format(output)
    for path in (output, data):
        if path is not None:
            refuse_existing(path, force=force)
            if path.exists() and path.samefile(file):
                raise InputError(f"{path}: is the result itself")
    baseline = load_baseline()
    with reading(file), open_results(file) as dataset:
        fans = _quantiles(_select(dataset, indicator, industry, zones, scenarios))
        base_year = _base_year(dataset)
        status = dataset["status"].load()
    picture = _draw(fans, status, base_year, baseline, indicator, industry)
    save(picture, output)
    written = [output]
    if data is not None:
        _write_data(fans, data, indicator)
        written.append(data)
    return written


def _select(
    dataset: xr.Dataset,
    indicator: str,
    industry: str | None,
    zones: Sequence[str],
    scenarios: Sequence[str],
) -> xr.DataArray:
    """Return the wanted part of a variable: (scenario, zone, year, draw or quantile)."""
    _known(indicator, [name for name in VARIABLES if name in dataset], "indicator")
    values = dataset[indicator]
    picked = {"zone": list(zones), "scenario": list(scenarios)}
    for name, wanted in picked.items():
        known = [str(value) for value in dataset[name].values]
        for value in wanted:
            _known(value, known, name)
        if wanted:
            values = values.sel({name: wanted})
    if VARIABLES[indicator].dims == BY_INDUSTRY:
        if industry is None:
            if "quantile" in values.dims:
                raise InputError(
                    f"the sum of {indicator} over industries needs the draws: --industry names "
                    "one, or run again with --keep full"
                )
            return values.sum("industry", min_count=1)
        _known(industry, [str(value) for value in dataset["industry"].values], "industry")
        values = values.sel(industry=industry)
    elif industry is not None:
        raise InputError(f"{indicator} has no industries; value_added and output have")
    values = values.load()
    cells = values.transpose("zone", "scenario", "year", ...).values  # last: quantiles or draws
    known = np.isfinite(cells).any(axis=-1)
    if not known.any():
        raise InputError(f"{industry or indicator} has no values in these zones and scenarios")
    return values.isel(zone=np.flatnonzero(known.any(axis=(1, 2))))


def _known(name: str, known: Sequence[str], what: str) -> None:
    if name not in known:
        near = did_you_mean(name, known) or f"; known: {', '.join(known)}"
        raise InputError(f"unknown {what} '{name}'{near}")


def _base_year(dataset: xr.Dataset) -> int:
    """Return the last year that is no projection."""
    past = (dataset["status"] != STATUS.index("projection")).all("zone")
    return int(dataset["year"].values[past.values].max())


def _quantiles(values: xr.DataArray) -> xr.DataArray:
    """Return quantiles over draws: (quantile, scenario, zone, year)."""
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    dims = ("quantile", "scenario", "zone", "year")
    if "quantile" in values.dims:
        found = values.sel(quantile=list(levels)).transpose(*dims).values
    else:
        found = sorted_quantiles(values.transpose(*dims[1:], "draw").values, levels)
    coords = {name: values[name].values for name in dims[1:]}
    return xr.DataArray(found, coords={"quantile": list(levels), **coords}, dims=dims)


def _draw(
    fans: xr.DataArray,
    status: xr.DataArray,
    base_year: int,
    baseline: Baseline,
    indicator: str,
    industry: str | None,
) -> Picture:
    use_style()
    from matplotlib.figure import Figure as Picture

    count = fans.sizes["zone"]
    picture = Picture(figsize=(1.6 + 4.6 * count, 4.6), layout="constrained")
    axes = picture.subplots(1, count, squeeze=False)[0]
    for panel, zone in zip(axes, [str(name) for name in fans["zone"].values], strict=True):
        _panel(panel, fans.sel(zone=zone), status.sel(zone=zone), base_year)
        if industry is None:
            _documented(panel, documented_points(baseline, zone, indicator))
        known = baseline.zones.get(zone)  # the result may be of another calibration
        panel.set_title(str(known.label) if known else zone, loc="left", fontsize=11)
    variable = VARIABLES[indicator]
    name = f"{variable.label}: {baseline.industry_label(industry)}" if industry else variable.label
    axes[0].set_ylabel(f"{name} [{say(variable.units)}]")
    named = [panel.get_legend_handles_labels() for panel in axes]
    legend = {label: handle for handles, labels in named
              for handle, label in zip(handles, labels, strict=True)}  # fmt: skip
    labels, handles = list(legend), list(legend.values())
    picture.legend(
        handles, labels, loc="outside upper left", ncols=min(5, len(labels)), frameon=False
    )
    note = say("Bands: 50 % and 90 % of the draws; line: median. Points: documented figures.")
    picture.supxlabel(note, fontsize=8, color=PALE)
    return picture


def _panel(panel: Axes, fan: xr.DataArray, status: xr.DataArray, base_year: int) -> None:
    """One zone: its past once in grey, then every scenario's fan from the base year on."""
    from matplotlib.ticker import MaxNLocator

    years = fan["year"].values
    past, future = years <= base_year, years >= base_year
    first = fan.isel(scenario=0).sel(year=years[past])
    _band(panel, first, INK, say("history and nowcast"), BANDS)
    names = [str(name) for name in fan["scenario"].values]
    bands = BANDS if len(names) <= MAXIMUM_FANS else ()
    for scenario, colour in zip(names, _colours(len(names)), strict=True):
        part = fan.sel(scenario=scenario, year=years[future])
        _band(panel, part, colour, scenario, bands)
    nowcast = years[status.values == STATUS.index("nowcast")]
    if len(nowcast):
        panel.axvspan(nowcast[0] - 0.5, nowcast[-1] + 0.5, color=PALE, alpha=0.10, lw=0)
        panel.text(
            nowcast[0] - 0.4, 0.99, say("nowcast"), transform=panel.get_xaxis_transform(),
            ha="left", va="top", fontsize=8, color=PALE,
        )  # fmt: skip
    panel.axvline(base_year, color=PALE, lw=0.8, ls=":")
    known = years[np.isfinite(fan.sel(quantile=0.5).values).any(axis=0)]
    panel.set_xlim(known[0] - 0.5, known[-1] + 0.3)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.grid(axis="y", color="#e6e6e6", lw=0.7)
    panel.set_axisbelow(True)


def _colours(count: int) -> list[Any]:
    """Return a colour a scenario: distinct ones, or a sequence where there are too many."""
    if count <= len(COLOURS):
        return list(COLOURS[:count])
    from matplotlib import colormaps

    return list(colormaps["viridis"](np.linspace(0.0, 0.92, count)))


def _band(
    panel: Axes, fan: xr.DataArray, colour: Any, label: str, bands: Sequence[Sequence[float]]
) -> None:
    years = fan["year"].values
    for low, high, alpha in bands:
        panel.fill_between(
            years, fan.sel(quantile=low), fan.sel(quantile=high), color=colour, alpha=alpha, lw=0
        )
    panel.plot(years, fan.sel(quantile=0.5), color=colour, lw=1.8, label=label)


def _documented(panel: Axes, points: Sequence[Figure]) -> None:
    """Documented actual figures of an indicator; one-sided ones as a triangle that points up."""
    for marker, label, above in (
        ("o", say("documented"), False),
        ("^", say("documented, “over”"), True),
    ):
        these = [figure for figure in points if (figure.qualifier == "over") == above]
        if not these:
            continue
        years = [figure.year or 0 for figure in these]
        panel.plot(
            years, [figure.value or 0.0 for figure in these], marker,
            color=INK, mfc="white", mew=1.4, ms=6.5, ls="", label=label, zorder=5,
        )  # fmt: skip


def _write_data(fans: xr.DataArray, path: Path, indicator: str) -> None:
    """Write the numbers of a picture as CSV, a row a scenario, zone and year."""
    names = ["scenario", "zone", "year"]
    lines = [",".join([*names, *(f"q{round(100 * q):02d}" for q in fans["quantile"].values)])]
    for scenario in fans["scenario"].values:
        for zone in fans["zone"].values:
            for year in fans["year"].values:
                row = fans.sel(scenario=scenario, zone=zone, year=year).values
                if np.isfinite(row).all():
                    name = f'"{scenario}"' if "," in str(scenario) else str(scenario)
                    lines.append(",".join([name, str(zone), str(year), *(f"{v:.6g}" for v in row)]))
    write_text(path, "\n".join([f"# {indicator}", *lines]) + "\n")
