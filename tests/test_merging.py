"""Parts of a run made apart and joined: one run's bits, and nothing foreign or unlike in them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import pytest
from command_line import invoke, refused

from simcore.baseline import Baseline
from simcore.dims import VARIABLES
from simcore.errors import InputError, RunError
from simcore.merging import Source, merge
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce, produce_part
from simcore.scenario import load_scenario
from simcore.shards import Parts
from simcore.tasks import Block
from simcore.workers import perform

DRAWS = 2500  # two whole blocks and a part of one


@pytest.fixture(scope="module")
def plan(posterior: Posterior, baseline: Baseline) -> Plan:
    return Plan((load_scenario("growth-5", baseline),), DRAWS, 4, posterior, {"a.b": ["5%"]})


@pytest.fixture(scope="module")
def whole(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "x.h5"
    produce(plan, path, workers=1)
    return path


@pytest.fixture(scope="module")
def made(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The three parts, each as another machine leaves it."""
    paths = [tmp_path_factory.mktemp(name) / f"{name}.h5" for name in "abc"]
    for number, path in enumerate(paths, 1):
        assert produce_part(plan, path, (number, 3), workers=1) == (range(number - 1, number), 0)
        assert not path.exists()
    return [Parts(path).folder for path in paths]


@pytest.fixture
def parts(made: list[Path], tmp_path: Path) -> list[Path]:
    return [Path(shutil.copytree(folder, tmp_path / folder.name)) for folder in made]


def same(left: Path, right: Path) -> None:
    with h5py.File(left) as one, h5py.File(right) as other:
        names: list[str] = []
        other.visit(names.append)
        assert {"members/value", "points/a.b", *VARIABLES} <= set(names)
        for name in names:
            if isinstance(other[name], h5py.Dataset):
                assert one[name].dtype == other[name].dtype
                assert (
                    (one[name].asstr()[...] == other[name].asstr()[...]).all()
                    if (one[name].dtype == object)
                    else one[name][...].tobytes() == other[name][...].tobytes()
                ), name
        for name in ("unusual", "unusual_by_block", "digests"):
            assert one["provenance"].attrs[name] == other["provenance"].attrs[name]
        assert one.attrs["fingerprint"] == other.attrs["fingerprint"]


def test_three_parts_are_one_run(
    plan: Plan, whole: Path, parts: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "all.h5"
    found = merge(out, [parts[2], parts[0], parts[1]], plan.posterior)
    assert (found.blocks, found.damaged) == (3, ())
    assert not any(found.versions.values())
    same(out, whole)
    assert not Parts(out).folder.exists()
    assert [Parts(Path(str(p).removesuffix(".parts"))).blocks() for p in parts] == [[0], [1], [2]]
    with pytest.raises(InputError, match=r"all\.h5: exists"):
        merge(out, parts, plan.posterior)


def test_they_become_summaries_too(
    plan: Plan, whole: Path, parts: list[Path], tmp_path: Path
) -> None:
    merge(tmp_path / "all.h5", parts, plan.posterior, keep="summary")
    with h5py.File(tmp_path / "all.h5") as one, h5py.File(whole) as other:
        for name in VARIABLES:
            for stored in (f"summary/{name}", f"summary/{name}_mean"):
                assert one[stored][...].tobytes() == other[stored][...].tobytes(), stored


def test_missing_blocks_are_named_and_a_later_merge_or_run_completes(
    plan: Plan, whole: Path, parts: list[Path], tmp_path: Path
) -> None:
    for name, go_on in (
        ("m.h5", lambda out: merge(out, parts[1:2], plan.posterior)),
        ("r.h5", lambda out: produce(plan, out, workers=1, resume=True)),
    ):
        out = tmp_path / name
        with pytest.raises(RunError, match=f"{name}: 1 of 3 blocks are missing: 1; .*--resume -o"):
            merge(out, [parts[0], parts[2]], plan.posterior)
        assert Parts(out).blocks() == [0, 2]
        go_on(out)
        same(out, whole)


def test_the_same_block_twice_is_taken_once(
    plan: Plan, whole: Path, parts: list[Path], tmp_path: Path
) -> None:
    merge(tmp_path / "all.h5", [*parts, parts[1], whole], plan.posterior)
    same(tmp_path / "all.h5", whole)
    other = replace(plan, draws=2048)
    first = tmp_path / "first.h5"
    produce(other, first, workers=1)
    merge(tmp_path / "both.h5", [parts[2], first], plan.posterior)
    same(tmp_path / "both.h5", whole)


def test_blocks_of_another_size_are_not_mixed(
    plan: Plan, parts: list[Path], tmp_path: Path
) -> None:
    small = tmp_path / "small.h5"
    produce_part(plan, small, (1, 4), workers=1, block_draws=256)
    with pytest.raises(InputError, match="small.h5.parts: its blocks have 256 draws, those of .*"):
        merge(tmp_path / "all.h5", [parts[1], Parts(small).folder], plan.posterior)
    assert not Parts(small).done(plan, plan.blocks)[0]


def test_a_result_in_small_blocks_is_a_source(plan: Plan, tmp_path: Path) -> None:
    made = tmp_path / "made.h5"
    produce(replace(plan, draws=512), made, workers=1, block_draws=256)
    merge(tmp_path / "again.h5", [made], plan.posterior)
    same(tmp_path / "again.h5", made)


def test_the_same_block_with_other_bits_is_refused(
    plan: Plan, parts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Parts(tmp_path / "other.h5")
    with other.locked(), monkeypatch.context() as patch:
        mine = other.begin(plan)
        patch.setattr(Plan, "fingerprint", plan.fingerprint)
        perform(replace(plan, seed=5), [None], mine, Block(1))
    with pytest.raises(InputError, match=r"other\.h5\.parts/block-000001\.h5: its block 1 has oth"):
        merge(tmp_path / "all.h5", [*parts, other.folder], plan.posterior)
    assert not (tmp_path / "all.h5").exists()


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("seed", 5, "another seed than .*a.h5.parts is of"),
        ("code", "other", "another code than .*a.h5.parts is of"),
        ("calibration", "other", "another calibration than .*a.h5.parts is of"),
        ("definition", {}, "another scenarios than .*a.h5.parts is of"),
        ("draws", 9000, "part of 9000 draws, .*a.h5.parts of 2500"),
    ],
)
def test_what_is_foreign_is_refused(
    plan: Plan, parts: list[Path], tmp_path: Path, field: str, value: object, what: str
) -> None:
    path = parts[1] / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest |= {field: value} | ({} if field == "draws" else {"fingerprint": "0" * 64})
    path.write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=f"b.h5.parts: is (of )?{what}"):
        merge(tmp_path / "all.h5", parts, plan.posterior)
    assert not Parts(tmp_path / "all.h5").folder.exists()


def test_another_calibration_than_is_here_is_refused(
    plan: Plan, parts: list[Path], tmp_path: Path
) -> None:
    here = replace(plan.posterior, fingerprint="0" * 64)
    with pytest.raises(InputError, match=r"a\.h5\.parts: is of another calibration than is here"):
        merge(tmp_path / "all.h5", parts, here)


def test_a_damaged_block_is_named_and_another_source_has_it(
    plan: Plan, whole: Path, parts: list[Path], tmp_path: Path
) -> None:
    spare = Path(shutil.copytree(parts[1], tmp_path / "spare.h5.parts"))
    harmed = parts[1] / "block-000001.h5"
    harmed.write_bytes(harmed.read_bytes()[:-5])
    with pytest.raises(RunError, match="1 of 3 blocks are missing: 1;"):
        merge(tmp_path / "all.h5", parts, plan.posterior)
    found = merge(tmp_path / "all.h5", [*parts, spare], plan.posterior)
    assert found.damaged == (str(harmed),)
    same(tmp_path / "all.h5", whole)


def test_a_folder_that_is_written_or_holds_nothing_is_refused(
    plan: Plan, parts: list[Path], tmp_path: Path
) -> None:
    mine = Parts(Path(str(parts[0]).removesuffix(".parts")))
    with mine.locked(), pytest.raises(InputError, match="a run is writing it"):
        Source.of(parts[0])
    with pytest.raises(InputError, match="nowhere: holds no blocks of a run and is no result"):
        Source.of(tmp_path / "nowhere")
    assert Source.of(mine.output).path == parts[0]  # by the name of the output too


@pytest.mark.parametrize("part", [(4, 4), (1, 5)])
def test_a_part_without_blocks_is_refused(
    plan: Plan, tmp_path: Path, part: tuple[int, int]
) -> None:
    few = replace(plan, draws=1500) if part == (4, 4) else plan
    if part == (4, 4):
        assert produce_part(few, tmp_path / "x.h5", part, workers=1)[0] == range(1, 2)
        return
    with pytest.raises(InputError, match="part 1/5 is empty: the run has 3 blocks"):
        produce_part(few, tmp_path / "x.h5", part, workers=1)
    with pytest.raises(InputError, match="give --keep summary to simcore merge"):
        produce_part(replace(few, keep="summary"), tmp_path / "x.h5", (1, 3), workers=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("own_folder", "read_once")
def test_the_commands(tmp_path: Path) -> None:
    run = ("run", "baseline", "-n", 1100, "--seed", 4, "--workers", 1)
    said = [invoke(*run, "--part", f"{k}/2", "-o", f"{k}.h5").output for k in (1, 2)]
    assert "part 2 of 2: blocks 1 to 1 are in 2.h5.parts; simcore merge joins" in said[1]
    said.append(invoke("merge", "all.h5", "1.h5.parts", "2.h5").output)
    assert "2 blocks, 1,100 draws × 1 scenarios" in said[2]
    assert "every bit of" in invoke("verify", "all.h5").output
    assert "a part is K/N, such as 1/3" in refused(*run, "--part", "3/2")[-1]
    invoke("merge", "half.h5", "1.h5.parts", code=1)
    manifest = Path("2.h5.parts/manifest.json")
    about = json.loads(manifest.read_text())
    about["versions"] = json.dumps(json.loads(about["versions"]) | {"numpy": "0.1"})
    manifest.write_text(json.dumps(about))
    noted = invoke("merge", "more.h5", "1.h5.parts", "2.h5.parts").stderr
    assert "note: 2.h5.parts was made with numpy 0.1, here" in noted
