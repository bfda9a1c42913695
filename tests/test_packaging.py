"""What is installed: every subpackage, every data file, and a wheel that runs anywhere."""

import configparser
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from test_layers import MODULES, imported_names

from simcore.resources import folder

ROOT = Path(__file__).parent.parent
NOT_SOURCE = shutil.ignore_patterns(
    ".git", ".venv*", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", "*.h5"
)


def setup_section(name: str) -> dict[str, str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return dict(parser[name])


def requirements() -> list[Requirement]:
    """What an installation with every extra asks for."""
    extras = setup_section("options.extras_require").values()
    text = "\n".join([setup_section("options")["install_requires"], *extras])
    return [Requirement(line) for line in text.split("\n") if line]


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    split = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {name.lower(): version for name, version in split}


def package_folders() -> dict[str, Path]:
    """Each package of ``setup.cfg`` and its folder in the checkout."""
    lines = setup_section("options")["package_dir"].strip().split("\n")
    moved = dict(line.replace(" ", "").split("=") for line in lines)
    packages = setup_section("options")["packages"].split()
    return {name: ROOT / moved.get(name, name.replace(".", "/")) for name in packages}


def shipped_data() -> set[Path]:
    """Files that a pattern of ``package_data`` takes in."""
    patterns = setup_section("options.package_data")
    return {
        path
        for name, place in package_folders().items()
        for pattern in patterns.get(name, "").replace(",", " ").split()
        for path in place.glob(pattern)
    }


def source_files() -> set[Path]:
    """Every file in the folders of the packages, but for caches and hidden ones."""
    return {
        path
        for place in package_folders().values()
        for path in place.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name[0] != "."
    }


def test_every_subpackage_is_listed() -> None:
    found = {path.parent for path in (ROOT / "simcore").rglob("*.py")}
    missing = found - set(package_folders().values())
    assert not missing, f"list them under packages in setup.cfg: {sorted(map(str, missing))}"


@pytest.mark.parametrize("kind", ["scenarios", "calibration"])
def test_no_module_hides_a_data_folder(kind: str) -> None:
    module = ROOT / "simcore" / f"{kind}.py"
    assert not module.exists(), f"{module.name} would hide the package simcore.{kind}"


@pytest.mark.parametrize("kind", ["scenarios", "calibration"])
def test_data_folder_is_no_module(kind: str) -> None:
    assert not list((ROOT / kind).rglob("*.py")), f"{kind}/ holds data, not code"


def test_every_data_file_is_shipped() -> None:
    data = {path for path in source_files() if path.suffix != ".py"}
    missing = sorted(str(path.relative_to(ROOT)) for path in data - shipped_data())
    assert not missing, f"no pattern of package_data in setup.cfg matches {missing}"


@pytest.mark.parametrize("kind", ["scenarios", "calibration"])
def test_folder_of_shipped_data(kind: str) -> None:
    assert folder(kind).is_dir()
    assert any(folder(kind).glob("*.yaml"))


def test_missing_folder_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        folder("nowhere")


def test_oldest_versions_are_the_lower_bounds() -> None:
    oldest = pins("constraints-oldest.txt")
    for requirement in requirements():
        for bound in requirement.specifier:
            pinned = oldest[requirement.name.lower()]
            assert bound.operator == ">="
            assert Version(pinned) == Version(bound.version), requirement.name


def test_every_requirement_has_a_tested_version() -> None:
    tested = pins("constraints.txt")
    for requirement in requirements():
        assert requirement.specifier.contains(tested[requirement.name.lower()]), requirement.name


def test_what_is_imported_is_required_and_nothing_else() -> None:
    """Of other packages; what only an extra needs is imported where it is used."""
    extras = {"altair": ["altair"], "vl_convert": ["vl-convert-python"]}  # may not be installed
    projects = {**extras, **packages_distributions()}
    used = {
        projects[package][0].lower()
        for path in MODULES.values()
        for name in imported_names(path)
        if (package := name.partition(".")[0]) not in {*sys.stdlib_module_names, "simcore"}
    }
    base = {
        Requirement(line).name.lower()
        for line in setup_section("options")["install_requires"].split("\n")
        if line
    }
    extras = setup_section("options.extras_require")
    asked = {
        Requirement(line).name.lower()
        for extra in ("plot", "distributed", "report", "app", "export", "discovery")
        for line in extras[extra].split("\n")
        if line
    }
    assert used - base == asked
    assert base <= used


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made through an sdist from a copy, so that no old ``build/`` is shipped again."""
    pytest.importorskip("build", reason="the package 'build' is not installed")
    place = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, place / "a copy", ignore=NOT_SOURCE)
    run(sys.executable, "-m", "build", "--outdir", place / "dist", place / "a copy", cwd=place)
    (made,) = (place / "dist").glob("*.whl")
    return made


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command as outside the checkout; a failure shows all that it printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.mark.slow
def test_wheel_holds_every_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        "/".join([*name.split("."), path.name])
        for name, place in package_folders().items()
        for path in source_files()
        if path.parent == place
    }
    assert expected - names == set()
    assert {name for name in names - expected if ".dist-info/" not in name} == set()


@pytest.mark.slow
def test_wheel_runs_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own, beside what is installed here of other packages."""
    run(sys.executable, "-m", "venv", "--without-pip", "fresh", cwd=tmp_path)
    programs = tmp_path / "fresh" / "bin"
    pip = [sys.executable, "-m", "pip", "--python", programs / "python"]
    run(*pip, "install", "-q", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    ask = [programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    own = Path(run(*ask, cwd=tmp_path).strip())
    (own / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    place = [programs / "python", "-c", "import simcore; print(simcore.__file__)"]
    assert Path(run(*place, cwd=tmp_path).strip()).is_relative_to(own)
    run(programs / "simcore", "run", "growth-5", "-n", "200", "-o", "x.h5", cwd=tmp_path)
    assert (tmp_path / "x.h5").stat().st_size > 0
