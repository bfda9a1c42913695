"""Pictures: the fan chart, with history, documented figures and projection kept apart."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from simcore.accessor import over_draws
from simcore.attributes import number_of_draws
from simcore.baseline import Baseline, load_baseline
from simcore.dataset import open_results
from simcore.dims import BY_INDUSTRY, STATUS, VARIABLES
from simcore.disk import working_on
from simcore.documented_points import documented_points
from simcore.entries import Figure
from simcore.errors import InputError, unknown
from simcore.key_labels import joined
from simcore.labels import say
from simcore.pictures import (
    BANDS,
    INK,
    PALE,
    Source,
    footer,
    frame_years,
    in_house_style,
    refuse_format,
    save,
    scenario_colours,
    scenario_names,
    shared_legend,
    titles_of,
)
from simcore.tidy import plain as plain_text
from simcore.units import with_unit
from simcore.writing import refuse_existing, write_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

MAXIMUM_FANS = 3  # more scenarios than this are drawn as medians alone


@in_house_style
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
            if path.exists() and file.exists() and path.samefile(file):
                raise InputError(say("{path}: is the result itself", path=path))
    baseline = load_baseline()
    with working_on(file), open_results(file) as dataset:
        values = select(dataset, indicator, industry, zones, scenarios)
        fans, last_known = quantiles(values, dataset.get("weight")), base_year(dataset)
        status = dataset["status"].load()
        source = Source.of_result(file, number_of_draws(file), dataset.attrs)
        fans = fans.assign_coords(scenario_name=("scenario", names_in(dataset, fans)))
    picture = _draw(fans, status, last_known, baseline, indicator, industry)
    _sources(picture, fans, baseline, "" if industry else indicator, source)
    save(picture, output)
    written = [output]
    if data is not None:
        _write_data(fans, data, indicator)
        written.append(data)
    return written


def select(
    dataset: xr.Dataset,
    indicator: str,
    industry: str | None,
    zones: Sequence[str],
    scenarios: Sequence[str],
) -> xr.DataArray:
    """Return the wanted part of a variable: (scenario, zone, year, draw or quantile).

    Raises `InputError` for unknown names, and for what has no values.
    """
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
                raise InputError(say(
                    "the sum of {indicator} over industries needs the draws: --industry names "
                    "one, or run again with --keep full",
                    indicator=indicator,
                ))  # fmt: skip
            return values.sum("industry", min_count=1)
        _known(industry, [str(value) for value in dataset["industry"].values], "industry")
        values = values.sel(industry=industry)
    elif industry is not None:
        raise InputError(
            say("{indicator} has no industries; value_added and output have", indicator=indicator)
        )
    values = values.load()
    cells = values.transpose("zone", "scenario", "year", ...).values  # last: quantiles or draws
    known = np.isfinite(cells).any(axis=-1)
    if not known.any():
        raise InputError(
            say(
                "{industry} has no values in these zones and scenarios",
                industry=industry or indicator,
            )
        )
    return values.isel(zone=np.flatnonzero(known.any(axis=(1, 2))))


def _known(name: str, known: Sequence[str], what: str) -> None:
    if name not in known:
        raise InputError(unknown(what, name, known))


def names_in(dataset: xr.Dataset, fans: xr.DataArray) -> list[str]:
    """Return what the scenarios of a fan are called in a picture."""
    names = scenario_names(dataset.attrs)
    return [names.get(str(name), str(name)) for name in fans["scenario"].values]


def base_year(dataset: xr.Dataset) -> int:
    """Return the last year that is no projection."""
    past = (dataset["status"] != STATUS.index("projection")).all("zone")
    return int(dataset["year"].values[past.values].max())


def quantiles(values: xr.DataArray, weight: xr.DataArray | None) -> xr.DataArray:
    """Return quantiles over draws, weighted as these are: (quantile, scenario, zone, year)."""
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    dims = ("quantile", "scenario", "zone", "year")
    if "quantile" in values.dims:
        found = values.sel(quantile=list(levels)).transpose(*dims).values
    else:
        found = over_draws(values.transpose(*dims[1:], "draw"), weight, levels)
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
    from matplotlib.figure import Figure as Picture

    count = fans.sizes["zone"]
    picture = Picture(figsize=(1.6 + 4.6 * count, 4.6), layout="constrained")
    axes = picture.subplots(1, count, squeeze=False)[0]
    for panel, zone in zip(axes, [str(name) for name in fans["zone"].values], strict=True):
        draw_fan(panel, fans.sel(zone=zone), status.sel(zone=zone), base_year)
        if industry is None:
            _documented(panel, documented_points(baseline, zone, indicator))
        known = baseline.zones.get(zone)  # the result may be of another calibration
        panel.set_title(str(known.label) if known else zone, loc="left", fontsize=11)
    variable = VARIABLES[indicator]
    label = str(baseline.industry_label(industry)) if industry else ""
    name = joined(str(variable.label), label)
    axes[0].set_ylabel(with_unit(name, variable.units))
    shared_legend(picture, axes)
    return picture


def _sources(
    picture: Picture, fans: xr.DataArray, baseline: Baseline, indicator: str, source: Source
) -> None:
    """Say what bands and points are, and where they are from."""
    note = say("Bands: 50 % and 90 % of the draws; line: median. Points: documented figures.")
    zones = [str(zone) for zone in fans["zone"].values if str(zone) in baseline.zones]
    shown = [figure for zone in zones for figure in documented_points(baseline, zone, indicator)]
    places = titles_of(baseline, [figure.source.document for figure in shown])
    points = say("Documented figures: {documents}", documents=places) if shown else ""
    footer(picture, note, points, str(source))


def draw_fan(
    panel: Axes, fan: xr.DataArray, status: xr.DataArray, base_year: int, *, small: bool = False
) -> None:
    """Draw the past of a zone once in grey, then every scenario's fan from the base year on.

    ``fan`` : (quantile, scenario, year); ``small`` : for one of many panels, with less around it.
    """
    years = fan["year"].values
    past, future = years <= base_year, years >= base_year
    first = fan.isel(scenario=0).sel(year=years[past])
    _band(panel, first, INK, say("history and nowcast"), BANDS)
    names = [str(name) for name in fan["scenario"].values]
    bands = BANDS if len(names) <= MAXIMUM_FANS else ()
    shown = map(str, fan["scenario_name"].values)
    for scenario, name, colour in zip(names, shown, scenario_colours(len(names)), strict=True):
        part = fan.sel(scenario=scenario, year=years[future])
        _band(panel, part, colour, name, bands)
    nowcast = years[status.values == STATUS.index("nowcast")]
    if len(nowcast):
        panel.axvspan(nowcast[0] - 0.5, nowcast[-1] + 0.5, color=PALE, alpha=0.10, lw=0)
        if not small:
            panel.text(
                nowcast[0] - 0.4, 0.99, say("nowcast"), transform=panel.get_xaxis_transform(),
                ha="left", va="top", fontsize=8, color=PALE,
            )  # fmt: skip
    panel.axvline(base_year, color=PALE, lw=0.8, ls=":")
    known = years[np.isfinite(fan.sel(quantile=0.5).values).any(axis=0)]
    panel.set_xlim(known[0] - 0.5, known[-1] + 0.3)
    frame_years(panel, ticks=4 if small else None)


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
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    quantiles = [f"q{round(100 * q):02d}" for q in fans["quantile"].values]
    lines.writerow(["scenario", "zone", "year", *quantiles])
    for scenario in fans["scenario"].values:
        for zone in fans["zone"].values:
            for year in fans["year"].values:
                row = fans.sel(scenario=scenario, zone=zone, year=year).values
                if np.isfinite(row).all():
                    numbers = [f"{value:.6g}" for value in row]
                    lines.writerow([plain_text(str(scenario)), str(zone), str(year), *numbers])
    write_text(path, f"# {indicator}\n{text.getvalue()}")
