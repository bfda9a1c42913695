"""A new study folder: the files that `simcore init` writes."""

from __future__ import annotations

import json
from pathlib import Path

from simcore.design import Sweep
from simcore.errors import InputError
from simcore.labels import Label, language, say
from simcore.levers import Scenario
from simcore.strict import Strict, json_schema
from simcore.study import MARKER
from simcore.study_settings import Settings
from simcore.writing import refuse_existing, write_text

SCHEMAS: dict[str, type[Strict]] = {"scenario": Scenario, "sweep": Sweep, "study": Settings}
FIRST, FIRST_SWEEP = "my-first", "my-first-sweep"

SETTINGS = Label(
    """\
# yaml-language-server: $schema=schemas/study.schema.json
# The settings of this study. simcore finds it from here and from every folder below.
study: 1
language: en                   # en or zh; --lang wins
# draws: 2000                  # of run and sweep; -n wins
# seed: 20211222               # of run and sweep; --seed wins
scenarios: [scenarios, sweeps] # folders of scenarios and sweeps
calibration: [calibration]     # folders laid on the shipped calibration, in this order
outputs: outputs               # where results go unless -o names a file
""",
    """\
# yaml-language-server: $schema=schemas/study.schema.json
# 本研究的设置。在此文件夹及其任何子文件夹中运行simcore时自动采用。
study: 1
language: zh                   # en或zh；--lang优先
# draws: 2000                  # run和sweep的抽样次数；-n优先
# seed: 20211222               # run和sweep的随机种子；--seed优先
scenarios: [scenarios, sweeps] # 存放情景和扫描文件的文件夹
calibration: [calibration]     # 叠加在自带校准数据之上的文件夹，按此顺序
outputs: outputs               # 未用 -o 指定文件时结果存放的位置
""",
)
_HEAD = """\
simcore: 1
name: my-first
label: {en: GDP grows 6 % a year, zh: 地区生产总值年均增长6%}
question: {en: "What does growth of 6 % a year take?", zh: 年均增长6%需要什么条件？}
extends: baseline
levers:
"""
_MORE = """\
#  donghu:
#    rnd_growth: {path: {2024: 14%}, until: 2030}
#    investment_rate: 42%
#    industries: {optoelectronics: {growth: 8%}}
#events:
#  - {name: downturn, zone: jingkai, industry: automotive, year: 2027, size: -10%}
"""
SCENARIO = Label(
    """\
# yaml-language-server: $schema=../schemas/scenario.schema.json
# Which question does this scenario ask, and where does it come from?
"""
    + _HEAD
    + """\
  "*":                         # every zone; an entry under donghu or jingkai wins
    gdp_growth: 6%             # fixed in every draw; mode: centre fixes the mean over draws
"""
    + _MORE,
    """\
# yaml-language-server: $schema=../schemas/scenario.schema.json
# 这个情景回答什么问题？依据是什么？
"""
    + _HEAD
    + """\
  "*":                         # 所有开发区；donghu或jingkai下的设置优先
    gdp_growth: 6%             # 每次抽样均固定；mode: centre只固定各次抽样的均值
"""
    + _MORE,
)
_SWEEP = """\
simcore: 1
name: my-first-sweep
label: {en: growth from 4 to 8 %, zh: 增速从4%到8%}
base: baseline
axes:
  levers.*.gdp_growth: {from: 4%, to: 8%, steps: 3}
"""
SWEEP = Label(
    """\
# yaml-language-server: $schema=../schemas/sweep.schema.json
# Every point of the axes is a scenario of the result.
"""
    + _SWEEP,
    """\
# yaml-language-server: $schema=../schemas/sweep.schema.json
# 各轴取值的每一种组合都是结果中的一个情景。
"""
    + _SWEEP,
)
CALIBRATION = Label(
    """\
# Calibration of one's own

A YAML file here is laid on the shipped one of the same name: `priors.yaml` changes priors,
`zones.yaml` adds a zone. Mappings are merged key by key; entries with an `id`, `name` or `year`
replace their like.

- A figure of one's own: register its document in `documents.yaml` here, and put its figures into a
  file with the document's name beside it. The figures of the shipped documents are what they print:
  they are not changed.
- `simcore baselines check` and `simcore calibrate` show what your files do.
- Every result names these files with their SHA-256.
""",
    """\
# 自有校准数据

此处的YAML文件叠加在自带的同名文件之上：`priors.yaml`修改先验分布，`zones.yaml`增加开发区。映射按键合并；
带有`id`、`name`或`year`的条目替换原有的同名条目。

- 自有数据：先在此处的`documents.yaml`登记文件，再把其数据写入同名文件。
  自带文件的数据照录原文，不可更改。
- `simcore baselines check`和`simcore calibrate`显示这些文件的作用。
- 每个结果都记录这些文件及其SHA-256。
""",
)
README = Label(
    """\
# A study with simcore

```
simcore list                                    # what there is: your own scenarios come first
simcore run baseline my-first -n 2000 -o outputs/first.h5
simcore export outputs/first.h5 --to xlsx       # a workbook to look at and to send on
```

- `scenarios/` and `sweeps/`: one file a question. Their names work as those of the shipped ones do.
- `calibration/`: documents, figures, zones and priors of your own.
- `outputs/`: results. They can be made again, so git ignores them.
- `simcore.yaml`: the settings. `simcore new my-plan` writes another scenario, `simcore validate
  my-plan` checks it. `schemas/` lets an editor check and complete the files.
""",
    """\
# 一项simcore研究

```
simcore list                                    # 现有情景：自有的在前，自带的在后
simcore run baseline my-first -n 2000 -o outputs/first.h5
simcore export outputs/first.h5 --to xlsx       # 可查看、可转发的工作簿
```

- `scenarios/`和`sweeps/`：一个问题一个文件，用法与自带情景相同。
- `calibration/`：自有文件、数据、开发区和先验分布。
- `outputs/`：结果，可以重新生成，因此不纳入git。
- `simcore.yaml`：设置。`simcore new my-plan`新建情景，`simcore validate my-plan`加以检查。
  `schemas/`供编辑器检查和补全。
""",
)
IGNORED = "outputs/*\n!outputs/.gitignore\n"


def new_study(folder: Path, *, force: bool = False) -> tuple[list[Path], list[Path]]:
    """Write the files of a study; returns those written, and those that were there and are kept.

    Raises `InputError` for a folder that is not empty, unless ``force``, and for what is no folder.
    """
    refuse_existing(folder / MARKER, force=True)  # a file in the way, a name that cannot be
    if folder.is_file():
        raise InputError(say("{path}: is a file, not a folder", path=folder))
    if folder.is_dir() and any(folder.iterdir()) and not force:
        text = say("{path}: is not empty; --force adds what is missing and changes no file",
                   path=folder)  # fmt: skip
        raise InputError(text)
    written, kept = [], []
    for name, text in _content().items():
        path = folder / name
        if path.exists():
            kept.append(path)
        else:
            write_text(path, text)
            written.append(path)
    return written, kept


def _content() -> dict[str, str]:
    """Return the texts of a study by file, in the language in use; the marker comes last."""
    texts = {
        "README.md": README, f"scenarios/{FIRST}.yaml": SCENARIO,
        f"sweeps/{FIRST_SWEEP}.yaml": SWEEP, "calibration/README.md": CALIBRATION,
    }  # fmt: skip
    schemas = {
        f"schemas/{name}.schema.json": json.dumps(json_schema(model), ensure_ascii=False, indent=2)
        for name, model in SCHEMAS.items()
    }
    return {
        **{name: _own(text) for name, text in texts.items()},
        **{name: f"{text}\n" for name, text in schemas.items()},
        ".gitignore": IGNORED, "outputs/.gitignore": "*\n!.gitignore\n", MARKER: _own(SETTINGS),
    }  # fmt: skip


def _own(text: Label) -> str:
    return text.zh if language() == "zh" else text.en
