"""Faults of scenario files: the text, and where and how each is reported."""

from __future__ import annotations

from simcore.baseline import load_baseline

HEAD = "simcore: 1\nname: test\nlabel: {en: test, zh: 测试}\n"  # faults start in line 4
INDUSTRIES = ", ".join(
    f"{name}: {{growth: 5%}}" for name in load_baseline().zones["donghu"].industries
)

# name: (text after the head, line, column, message)
FAULTS = {
    "unknown key": ("levres: {}\n", 4, 1, r"^unknown key 'levres'; did you mean 'levers'\?$"),
    "unknown key, none near": ("weather: fair\n", 4, 1, r"^unknown key 'weather'; known here: .*"),
    "unknown lever": (
        "levers:\n  donghu:\n    gdp_grwth: 5%\n", 6, 5,
        r"^unknown key 'gdp_grwth'; did you mean 'gdp_growth'\?$",
    ),
    "unknown industry lever": (
        "levers:\n  donghu:\n    industries: {life_health: {grwth: 5%}}\n", 6, 32,
        r"^unknown key 'grwth'; did you mean 'growth'\?$",
    ),
    "duplicate key": (
        "horizon: 2030\nlevers: {}\nhorizon: 2031\n", 6, 1,
        r"^'horizon' stands twice, first in line 4$",
    ),
    "duplicate year": (
        "levers:\n  donghu:\n    tfp: {path: {2025: 1 pp, 2025: 2 pp}}\n", 6, 30,
        r"^'2025' stands twice, first in line 6$",
    ),
    "same year in quotes": (
        "levers:\n  donghu:\n    gdp_growth:\n      path:\n        2025: 5%\n        '2025': 9%\n",
        9, 9, r"stands twice",
    ),
    "number for percentage": (
        "levers:\n  donghu:\n    gdp_growth: 5\n", 6, 5,
        r"^a percentage is written with its sign: 5% instead of 5$",
    ),
    "fraction for percentage": (
        "levers:\n  donghu:\n    rnd_intensity: {path: {2025: 0.05}}\n", 6, 28,
        r"^a percentage is written with its sign: 5% or 0\.05% instead of 0\.05$",
    ),
    "percentage for points": (
        "levers:\n  donghu:\n    tfp: 0.3%\n", 6, 5,
        r"^'0\.3%' is not a difference in percentage points such as \+0\.3 pp$",
    ),
    "points for percentage": (
        "levers:\n  donghu:\n    gdp_growth: 5 pp\n", 6, 5,
        r"^'5 pp' is a difference in percentage points; a rate ends in %$",
    ),
    "growth beyond belief": (
        "levers:\n  donghu:\n    gdp_growth: 500%\n", 6, 5, r"^500% lies outside -50% to 100%$",
    ),
    "points beyond belief": (
        "levers:\n  donghu:\n    tfp: {value: 60 pp}\n", 6, 11, r"^60 pp is beyond 50 pp$",
    ),
    "share of nothing": (
        "levers:\n  jingkai:\n    investment_rate: 0%\n", 6, 5, r"^0% lies outside 0% to 100%$",
    ),
    "year before the first projected": (
        "levers:\n  donghu:\n    gdp_growth:\n      path: {2023: 5%, 2026: 6%}\n", 7, 14,
        r"^2023 is before the first projected year, 2024$",
    ),
    "year after the horizon": (
        "horizon: 2030\nlevers:\n  donghu:\n    gdp_growth: {path: {2031: 5%}}\n", 7, 25,
        r"^2031 is after the horizon, 2030$",
    ),
    "until after the horizon": (
        "levers:\n  jingkai:\n    rnd_growth: {value: 12%, until: 2036}\n", 6, 30,
        r"^2036 is after the horizon, 2035$",
    ),
    "until before the path": (
        "levers:\n  donghu:\n    gdp_growth: {path: {2027: 5%}, until: 2025}\n", 6, 5,
        r"2025 ends the path before its first year",
    ),
    "assumed year too early": (
        "assumptions:\n  inflation: {path: {2020: 2%}}\n", 5, 22,
        r"^2020 is before the first projected year, 2024$",
    ),
    "event too early": (
        "events:\n  - {name: e, year: 2022, size: -3%}\n", 5, 15,
        r"^2022 is before the first projected year, 2024$",
    ),
    "horizon too early": ("horizon: 2023\n", 4, 1, r"^the horizon 2023 lies outside 2024 to 2100$"),
    "horizon too late": ("horizon: 2101\n", 4, 1, r"^the horizon 2101 lies outside 2024 to 2100$"),
    "horizon in words": ("horizon: soon\n", 4, 1, r"valid integer.*'soon'"),
    "year in words": (
        "levers:\n  donghu:\n    gdp_growth:\n      path: {soon: 5%}\n", 7, 14,
        r"valid integer.*'soon'",
    ),
    "growth and intensity of R&D": (
        "levers:\n  donghu:\n    rnd_growth: {value: 12%, until: 2028}\n    rnd_intensity: 9%\n",
        7, 5, r"^rnd_growth and rnd_intensity both fix the R&D of donghu$",
    ),
    "growth of all and intensity of one": (
        "levers:\n  '*':\n    rnd_growth: {value: 12%, until: 2028}\n"
        "  jingkai:\n    rnd_intensity: 4%\n",
        8, 5, r"^rnd_growth and rnd_intensity both fix the R&D of jingkai$",
    ),
    "everything pinned": (
        f"levers:\n  donghu:\n    gdp_growth: 5%\n    industries: {{{INDUSTRIES}}}\n", 6, 5,
        r"^gdp_growth and the growth of every industry both fix the GDP of donghu$",
    ),
    "unknown zone": (
        "levers:\n  dongu: {gdp_growth: 5%}\n", 5, 3,
        r"^unknown zone 'dongu'; did you mean 'donghu'\?$",
    ),
    "unknown zone, none near": (
        "levers:\n  shanghai: {}\n", 5, 3, r"^unknown zone 'shanghai'; known: \*, donghu, jingkai$",
    ),
    "unknown zone of an event": (
        "events:\n  - {name: e, zone: jinkai, year: 2025, size: 1%}\n", 5, 15,
        r"^unknown zone 'jinkai'; did you mean 'jingkai'\?$",
    ),
    "unknown industry": (
        "levers:\n  donghu:\n    industries:\n      optoelectronic: {growth: 5%}\n", 7, 7,
        r"^unknown industry 'optoelectronic'; did you mean 'optoelectronics'\?$",
    ),
    "industry of the other zone": (
        "levers:\n  donghu:\n    industries:\n      automotive: {growth: 5%}\n", 7, 7,
        r"^unknown industry 'automotive'",
    ),
    "unknown industry of an event": (
        "events:\n  - name: e\n    industry: automotiv\n    year: 2025\n    size: 1%\n", 6, 5,
        r"^unknown industry 'automotiv'; did you mean 'automotive'\?$",
    ),
    "not a number": (
        "levers:\n  donghu:\n    gdp_growth: .nan\n", 6, 17, r"^\.nan is not a finite number$",
    ),
    "infinite": ("horizon: .inf\n", 4, 10, r"^\.inf is not a finite number$"),
    "beyond the machine": ("sampling: {draws: 1e400}\n", 4, 19, r"beyond what a computer holds"),
    "no": ("levers:\n  donghu: no\n", 5, 11, r"^no can be read in two ways; write true, false"),
    "octal": ("horizon: 02030\n", 4, 10, r"^02030 can be read in two ways; write .* or '02030'$"),
    "sexagesimal": ("horizon: 20:30\n", 4, 10, r"^20:30 can be read in two ways"),
    "python tag": ("question: !!python/name:os.system\n", 4, 11, r"^the tag .* is not read here$"),
    "python tag on a list": (
        "levers: !!python/object/apply:os.system ['true']\n", 4, 9, r"tag .* is not read here",
    ),
    "own tag on a mapping": ("levers: !mine {}\n", 4, 9, r"tag !mine is not read here"),
    "tabs": ("levers:\n\tdonghu: {}\n", 5, 1, r"^not valid YAML: .*"),
    "unclosed": ("levers: {donghu: {}\n", 5, 1, r"^not valid YAML: did not find expected ',' or"),
    "undefined alias": ("levers: *gone\n", 4, 9, r"^not valid YAML: found undefined alias$"),
    "two documents": ("---\na: 1\n", 4, 1, r"^not valid YAML: but found another document$"),
    "alias within itself": ("levers: &a {donghu: *a}\n", 4, 9, r"^an alias that contains itself$"),
    "merge key": (
        "levers:\n  donghu: &a {tfp: 1 pp}\n  jingkai: {<<: *a}\n", 6, 13,
        r"^<< can be read in two ways",
    ),
    "empty path": (
        "levers:\n  donghu:\n    gdp_growth: {path: {}}\n", 6, 5, r"^the path is empty$",
    ),
    "value and path": (
        "levers:\n  donghu:\n    gdp_growth: {value: 5%, path: {2025: 6%}}\n", 6, 5,
        r"^give either a value for every year or a path of years$",
    ),
    "neither value nor path": (
        "levers:\n  donghu:\n    gdp_growth: {mode: set}\n", 6, 5, r"^give either a value for",
    ),
    "unknown mode": (
        "levers:\n  donghu:\n    gdp_growth: {mode: center, value: 5%}\n", 6, 18,
        r"^'center' is not one of 'set' or 'centre'$",
    ),
    "mode of another lever": (
        "levers:\n  donghu:\n    rnd_growth: {mode: centre, value: 5%, until: 2026}\n", 6, 18,
        r"^unknown key 'mode'",
    ),
    "unknown behaviour": (
        "behaviour:\n  depreciaton: {dist: constant, value: 0.1}\n", 5, 3,
        r"^unknown parameter 'depreciaton'; did you mean 'depreciation'\?$",
    ),
    "incomplete distribution": (
        "behaviour:\n  depreciation: {dist: normal, mean: 0.1}\n", 5, 3,
        r"^a normal distribution also needs deviation$",
    ),
    "unknown distribution": (
        "behaviour:\n  depreciation: {dist: nrmal, mean: 0.1}\n", 5, 18,
        r"^'nrmal' is not one of 'normal', ",
    ),
    "word in a distribution": (
        "behaviour:\n  depreciation: {dist: constant, value: much}\n", 5, 34,
        r"^'much' is not a number such as 0\.09, 5% or 0\.3 pp$",
    ),
    "depreciation below zero": (
        "behaviour:\n  depreciation: {dist: constant, value: -1}\n", 5, 3, r"depreciation",
    ),
    "explosive persistence": (
        "behaviour:\n  shock_persistence: {dist: constant, value: 1.5}\n", 5, 3, r"persistence",
    ),
    "event twice": (
        "events:\n  - {name: e, year: 2025, size: 1%}\n  - {name: e, year: 2026, size: 1%}\n",
        6, 6, r"^the event 'e' stands twice$",
    ),
    "event at no time": (
        "events:\n  - name: e\n    size: -5%\n", 5, 5,
        r"^an event without a year needs a probability below 100%$",
    ),
    "event without size": (
        "events:\n  - {name: e, year: 2025}\n", 5, 5, r"^the key 'size' is missing$",
    ),
    "more than certain": (
        "events:\n  - {name: e, year: 2025, size: 1%, probability: 130%}\n", 5, 37,
        r"^130% lies outside 0% to 100%$",
    ),
    "persistence above one": (
        "events:\n  - {name: e, year: 2025, size: 1%, persistence: 2}\n", 5, 37,
        r"less than or equal to 1, not 2$",
    ),
    "no draws": ("sampling: {draws: 0}\n", 4, 12, r"greater than or equal to 1, not 0$"),
    "too many draws": ("sampling: {draws: 20000000}\n", 4, 12, r"less than or equal to 10000000"),
    "draws as truth value": ("sampling: {draws: true}\n", 4, 12, r"integer|number|draws"),
    "seed below zero": ("sampling: {seed: -1}\n", 4, 12, r"greater than or equal to 0, not -1$"),
    "a list for a mapping": ("levers: [donghu]\n", 4, 1, r"valid dictionary"),
    "nothing for a mapping": ("levers:\n", 4, 1, r"valid dictionary"),
    "missing parent": (
        "extends: baselin\n", 4, 1,
        r"^there is no scenario 'baselin' to extend; did you mean 'baseline'\?$",
    ),
    "missing parent file": (
        "extends: ./gone.yaml\n", 4, 1, r"^there is no scenario '\./gone\.yaml' to extend",
    ),
    "parents": ("extends: [baseline, growth-5]\n", 4, 1, r"^names one scenario$"),
    "extends itself": ("extends: ./broken.yaml\n", 4, 1, r"extends this one in turn$"),
    "every industry of a zone": (
        "levers:\n  donghu:\n    industries:\n      '*': {tfp: 1 pp}\n", 7, 7, r"industry '\*'",
    ),
}  # fmt: skip

# name: (whole text, line, column, message)
WHOLE = {
    "empty": ("", 1, 1, r"^is empty$"),
    "only a comment": ("# nothing yet\n", 1, 1, r"^is empty$"),
    "a list": ("- simcore: 1\n", 1, 1, r"^a scenario is a mapping of keys$"),
    "a word": ("baseline\n", 1, 1, r"^a scenario is a mapping of keys$"),
    "not UTF-8": (HEAD.encode("gb18030"), 1, 1, r"^not a text in UTF-8$"),
    "bytes": (b"simcore: 1\n\xff\xfe\n", 1, 1, r"^not a text in UTF-8$"),
    "another version": (
        "simcore: 2\nname: test\nlabel: {en: a, zh: b}\n", 1, 1, r"^'2' is not one of 1$",
    ),
    "version as truth value": (
        "simcore: true\nname: test\nlabel: {en: a, zh: b}\n", 1, 1, r"true is no number",
    ),
    "no version": ("name: test\nlabel: {en: a, zh: b}\n", 1, 1, r"^the key 'simcore' is missing$"),
    "no name": ("simcore: 1\nlabel: {en: a, zh: b}\n", 1, 1, r"^the key 'name' is missing$"),
    "name with a path": (
        "simcore: 1\nname: ../x\nlabel: {en: a, zh: b}\n", 2, 1, r"match pattern",
    ),
    "name is a number": ("simcore: 1\nname: 5\nlabel: {en: a, zh: b}\n", 2, 1, r"valid string"),
    "label in one language": (
        "simcore: 1\nname: test\nlabel: {en: a}\n", 3, 1, r"'zh'.*missing|missing.*'zh'",
    ),
    "label of another language": (
        "simcore: 1\nname: test\nlabel: {en: a, zh: b, fr: c}\n", 3, 23, r"'?fr'?",
    ),
    "sweep": ("simcore: 1\nname: test\nbase: baseline\naxes: {}\n", 4, 1, r"^this is a sweep, not"),
    "alias bomb": (
        HEAD + "a: &a0 [x, x]\n"
        + "".join(f"b{n}: &a{n} [{', '.join(9 * [f'*a{n - 1}'])}]\n" for n in range(1, 10)),
        5, 5, r"^aliases that multiply without bound$",
    ),
    "deep": (HEAD + "levers: " + 600 * "[" + 600 * "]" + "\n", 4, None, r"nested|not valid YAML"),
}  # fmt: skip
