"""The floors of the package: who may import whom, and what from outside."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "simcore"
MAXIMUM_LINES = 400

FLOORS = {
    0: [
        "arrays",
        "gaussian",
        "threads",
        "aside",
        "errors",
        "causes",
        "dims",
        "labels",
        "units",
        "number_text",
        "resources",
        "document",
        "quantity",
        "strict",
        "printed",
        "printed_units",
        "writing",
        "weighting",
        "study",
        "study_settings",
    ],
    1: [
        "scenario",
        "levers",
        "layering",
        "scenario_check",
        "design",
        "entries",
        "figure_references",
        "baseline",
        "priors",
        "prior_check",
        "sampling",
        "samplers",
        "correlations",
        "calculations",
        "implied",
        "inconsistencies",
        "plan_tables",
        "satellite_priors",
        "pipeline_priors",
        "ladder_priors",
        "counting",
        "appraisal",
    ],
    2: [
        "figure_check",
        "figure_identities",
        "relations",
        "equations",
        "closure",
        "impossible",
        "unknowns",
        "history",
        "observe",
        "parameters",
        "selection",
        "quantiles",
        "vintage",
        "accounting",
        "measures",
        "goals",
        "instruments",
        "setting_labels",
        "lever_labels",
        "lever_shapes",
        "aims",
    ],
    3: [
        "kernel",
        "reference",
        "split",
        "identities",
        "correction",
        "laplace",
        "posterior",
        "members",
        "shocks",
        "assembly",
        "satellite_figures",
        "satellites",
        "inventory",
        "pipeline_readings",
        "pipeline_parameters",
        "pipeline_draws",
        "pipeline_queues",
        "pipeline_flows",
        "pipeline",
        "pipeline_fast",
        "ladder",
        "ladder_events",
        "ladder_problem",
        "ladder_members",
        "additions",
        "project_effects",
    ],
    4: [
        "reconcile",
        "fit",
        "disk",
        "netcdf",
        "headline",
        "dimensions",
        "plan",
        "faults",
        "sweep",
        "attributes",
        "sinks",
        "summaries",
        "store",
        "no_result",
        "beside",
        "results",
        "chunks",
        "block_digest",
        "checksum",
        "shards",
        "block_file",
        "tasks",
        "pipeline_moments",
        "pipeline_problem",
        "pipeline_fit",
        "ladder_fit",
        "pipeline_cache",
        "paired_projects",
        "ladder_coupling",
    ],
    5: [
        "accessor",
        "dataset",
        "comparison",
        "what_if",
        "contributions",
        "lever_effects",
        "rankings",
        "injection",
        "indices",
        "drivers",
        "lever_ranges",
        "history_series",
        "influence",
        "spread",
        "scores",
        "benchmarks",
        "outlook",
        "scorecard",
        "hindcast",
        "workers",
        "cluster",
        "crew",
        "precision",
        "digestion",
        "joining",
        "merging",
        "production",
        "resumption",
        "verify",
        "funnel",
        "stored_groups",
        "ladder_table",
        "ladder_goals",
        "scenario_paths",
        "progress",
        "assessment",
        "member_paths",
        "goal_seek",
        "lever_frontier",
        "lever_costs",
        "quantile_search",
        "conditioning",
        "discovery_inputs",
        "boxes",
        "rule_tree",
        "discovery",
        "documented_points",
        "grid",
        "key_labels",
        "tornado",
        "extract",
        "shown_figures",
        "setting",
        "live",
    ],
    6: [
        "api",
        "chinese_fonts",
        "pictures",
        "plot",
        "industries_plot",
        "sweep_question",
        "sweep_words",
        "grid_plot",
        "sweep_frontier",
        "tornado_plot",
        "stored_plot",
        "waterfall",
        "drivers_plot",
        "discovery_plot",
        "history_plot",
        "hindcast_plot",
        "frontier_plot",
        "pipeline_plot",
        "ladder_plot",
        "data_page",
        "report_words",
        "report_series",
        "report_answers",
        "report_basis",
        "report_bridges",
        "report_contents",
        "report_gathering",
        "report_charts",
        "report_answer_charts",
        "report_exhibits",
        "report_answer_exhibits",
        "report_tables",
        "report_page",
        "exporting",
        "study_new",
        "tidy",
        "iamc",
        "workbook",
        "workbook_sheet",
        "workbook_front",
        "workbook_tables",
    ],
    7: [
        "cli",
        "__main__",
        "__init__",
        "live_parts",
        "live_figure",
        "live_tables",
        "live_controls",
        "live_downloads",
        "live_alert",
        "live_view",
        "live_page",
        "server",
    ],
}
THIRD_PARTY = {
    0: {"yaml", "pydantic", "numpy", "scipy", "threadpoolctl"},
    1: {"yaml", "pydantic", "numpy", "scipy"},
    2: {"numpy"},
    3: {"numpy", "simpy"},
    4: {"numpy", "scipy", "h5py", "h5netcdf", "xxhash"},
    5: {
        "numpy",
        "scipy",
        "h5py",
        "h5netcdf",
        "xarray",
        "distributed",
        "pandas",
        "ema_workbench",
        "sklearn",
    },
    6: {
        "numpy",
        "scipy",
        "h5py",
        "h5netcdf",
        "xarray",
        "matplotlib",
        "jinja2",
        "altair",
        "vl_convert",
        "pyarrow",
        "xlsxwriter",
    },
    7: {"numpy", "xarray", "click", "rich", "panel", "bokeh", "param"},
}
SLOW_TO_IMPORT = {
    "distributed",
    "matplotlib",
    "xarray",
    "scipy",
    "h5py",
    "pydantic",
    "jinja2",
    "simpy",
    "pandas",
    "ema_workbench",
    "sklearn",
    "altair",
    "vl_convert",
    "pyarrow",
    "xlsxwriter",
    "panel",
    "bokeh",
}

FLOOR = {module: floor for floor, modules in FLOORS.items() for module in modules}


def module_name(path: Path) -> str:
    """Name of a module inside the package: ``kernel``, ``cli``, ``cli.run``, ``__init__``."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def floor_of(module: str) -> int:
    return FLOOR.get(module.partition(".")[0], max(FLOORS))


def imported_names(path: Path) -> set[str]:
    """Everything a file imports, at its top, in functions or for types only."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def own_module(name: str) -> str | None:
    """Module of the package that an imported name belongs to; None for other packages."""
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        return None
    for end in range(len(parts), 1, -1):
        if (module := ".".join(parts[1:end])) in MODULES:
            return module
    return "__init__"


def own_imports(module: str) -> set[str]:
    return {own for name in imported_names(MODULES[module]) if (own := own_module(name))} - {module}


def test_every_module_has_a_floor() -> None:
    without = sorted(module for module in MODULES if module.partition(".")[0] not in FLOOR)
    assert not without, f"give them a floor in FLOORS: {without}"


@pytest.mark.parametrize("module", MODULES)
def test_imports_only_from_below(module: str) -> None:
    above = {other for other in own_imports(module) if floor_of(other) > floor_of(module)}
    assert not above, f"{module} (floor {floor_of(module)}) imports from above: {sorted(above)}"


def test_no_circular_imports() -> None:
    try:
        graphlib.TopologicalSorter({module: own_imports(module) for module in MODULES}).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"modules import each other in a circle: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("module", MODULES)
def test_imports_only_its_floors_packages(module: str) -> None:
    packages = {name.partition(".")[0] for name in imported_names(MODULES[module])}
    outside = packages - sys.stdlib_module_names - {PACKAGE.name}
    extra = outside - THIRD_PARTY[floor_of(module)]
    assert not extra, f"{module} (floor {floor_of(module)}) may not import {sorted(extra)}"


def test_command_line_imports_nothing_slow() -> None:
    code = f"import sys, simcore.cli; print(*sorted({SLOW_TO_IMPORT} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert not result.stdout.split(), f"import simcore.cli loads {result.stdout.split()}"


def test_modules_are_short() -> None:
    lines = {module: len(path.read_text("utf-8").splitlines()) for module, path in MODULES.items()}
    long = {module: count for module, count in lines.items() if count > MAXIMUM_LINES}
    assert not long, f"over {MAXIMUM_LINES} lines (the house aims for 250), split them: {long}"
