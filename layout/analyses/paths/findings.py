"""A written finding for each district, put together by rules from the tables alone.

Every sentence names the figures it uses and where each stands (table, row, column), so that a
reader can trace it; a sentence whose figures are unknown is not written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import pandas as pd

from layout.analyses.paths.settings import MIXED, PATHS, PathsParams, indicator_table
from layout.core import facts
from layout.core.result import Bilingual
from layout.core.texts import LANGS, Lang, text

_STRONG = 0.5
"""Scaled value from which on an indicator is called a ground of the path."""

_MOST = 3
"""Sectors named in a sentence."""

_HELD = 0.5
"""Share of draws from which on a sector's place is told."""


@dataclass(frozen=True)
class Sentence:
    """One sentence in both languages.

    Attributes
    ----------
    rule
        Key of the rule that wrote it.
    words
        The sentence.
    trace
        Where each figure stands: ``table[row].column = value``.
    """

    rule: str
    words: Bilingual
    trace: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Tables:
    """The tables that findings are written from."""

    scores: pd.DataFrame
    indicators: pd.DataFrame
    plane: pd.DataFrame
    pilots: dict[str, tuple[str, ...]]


def path_name(path: object, lang: Lang) -> str:
    """A path in words."""
    return text(f"path.{path}", lang)


def sector_words(codes: Iterable[str], lang: Lang) -> str:
    """Short names of sectors, joined as the language does."""
    names = _sector_names()
    return ("、" if lang == "zh" else ", ").join(names[code](lang) for code in codes)


@lru_cache(maxsize=1)
def _sector_names() -> dict[str, Bilingual]:
    table = facts.reference("sectors")
    return {
        code: Bilingual(zh.removesuffix("产业"), en)
        for code, zh, en in zip(table["code"], table["name_zh"], table["short_en"], strict=True)
    }


@lru_cache(maxsize=1)
def indicator_names() -> dict[str, Bilingual]:
    """Names of the indicators by id."""
    table = indicator_table()
    return {
        str(i): Bilingual(zh, en)
        for i, zh, en in zip(table.index, table["name_zh"], table["name_en"], strict=True)
    }


def write_findings(
    tables: Tables, names: dict[str, Bilingual], params: PathsParams
) -> dict[str, tuple[Sentence, ...]]:
    """Sentences by district, in the order in which they are read.

    Parameters
    ----------
    tables
        Tables of the analysis.
    names
        Name of each district.
    params
        The settings, for thresholds that sentences name.
    """
    return {
        district: tuple(
            sentence
            for rule in (_path, _override, _grounds, _deepen, _build, _leave, _pilots, _cautions)
            if (sentence := rule(tables, district, names[district], params)) is not None
        )
        for district in tables.scores.index
    }


def _path(tables: Tables, district: str, name: Bilingual, params: PathsParams) -> Sentence | None:
    row = tables.scores.loc[district]
    if row["reason"] == "unknown":
        return _sentence("finding.unknown", {}, (), {"district": name})
    values = {
        "score": f"{row[row['first_path']]:.2f}", "other": f"{row[row['second_path']]:.2f}",
        "margin": f"{row['margin']:.2f}", "least": f"{params.margin:.2f}",
        "stability": f"{row['stability']:.0%}", "weights": f"{row['stability_weights']:.0%}",
        "firms": f"{row['stability_firms']:.0%}", "draws": f"{params.draws:,}",
    }  # fmt: skip
    trace = tuple(
        _at("scores", district, column, row[column])
        for column in (
            str(row["first_path"]), str(row["second_path"]), "margin", "stability",
            "stability_weights", "stability_firms",
        )
    )  # fmt: skip
    rule = "finding.mixed" if row["scored"] == MIXED else "finding.path"
    words = {"path": _path_words(row["first_path"]), "next": _path_words(row["second_path"])}
    return _sentence(rule, values, trace, {"district": name, **words})


def _override(
    tables: Tables, district: str, name: Bilingual, params: PathsParams
) -> Sentence | None:
    row = tables.scores.loc[district]
    if not isinstance(row["override"], str):
        return None
    trace = (_at("scores", district, "override", row["override"]),)
    return _sentence(
        "finding.override", {}, trace,
        {"path": _path_words(row["override"]), "scored": _path_words(row["scored"])},
    )  # fmt: skip


def _grounds(
    tables: Tables, district: str, name: Bilingual, params: PathsParams
) -> Sentence | None:
    """The indicators of the path that lift the district most."""
    path = tables.scores.at[district, "path"]
    if path not in PATHS:
        path = tables.scores.at[district, "first_path"]
    own = _own(tables.indicators, district)
    own = own[(own["path"] == path) & own["known"]].copy()
    own["part"] = own["scaled"] * own["weight"]
    own = own[own["scaled"] >= _STRONG].sort_values(by="part", ascending=False, kind="stable")
    if own.empty:
        return None
    what = indicator_names()
    of = len(tables.scores)
    parts = Bilingual(
        *(
            text("finding.and", lang).join(
                text(
                    "finding.ground", lang, what=what[str(i)](lang),
                    value=indicator_words(str(i), row["value"]), rank=int(row["rank"]), of=of,
                )
                for i, row in own.iterrows()
            )
            for lang in LANGS
        )
    )  # fmt: skip
    trace = tuple(
        _at("indicators", f"{district}, {i}", "value", own.at[i, "value"]) for i in own.index
    )
    return _sentence("finding.grounds", {}, trace, {"path": _path_words(path), "parts": parts})


def indicator_words(indicator: str, value: float) -> str:
    """A value of an indicator as it is read: shares in per cent, counts whole."""
    if value != value:
        return "–"
    if indicator in ("FR3", "EM2"):
        return f"{value:.1%}"
    if indicator in ("FR2",):
        return f"{value:.1f}"
    if indicator == "EM3":
        return f"{value:.0f}"
    if indicator == "FU3":  # the logarithm of one more than the platforms
        return f"{math.expm1(value):.0f}"
    return f"{value:.2f}"


def _own(table: pd.DataFrame, district: str) -> pd.DataFrame:
    """The rows of a district."""
    return table.loc[[district]].droplevel(0)


def _sectors(tables: Tables, district: str, action: str) -> pd.DataFrame:
    own = _own(tables.plane, district)
    own = own[(own["action"] == action) & (own["action_share"] >= _HELD)]
    if action == "deepen":
        own = own[~own["small"]]
    order = "quotient" if action in ("deepen", "leave") else "gain"
    return own.sort_values(by=order, ascending=action == "leave", kind="stable")


def _deepen(tables: Tables, district: str, name: Bilingual, params: PathsParams) -> Sentence | None:
    own = _sectors(tables, district, "deepen").head(_MOST)
    if own.empty:
        return None
    return _listed(
        "finding.deepen", district, own, "quotient", "{:.2f}", {"least": f"{params.special_from:g}"}
    )


def _build(tables: Tables, district: str, name: Bilingual, params: PathsParams) -> Sentence | None:
    own = _sectors(tables, district, "build").head(_MOST)
    if own.empty:
        return _sentence("finding.no_build", {}, ())
    return _listed("finding.build", district, own, "relative_ease", "{:+.2f}", {})


def _leave(tables: Tables, district: str, name: Bilingual, params: PathsParams) -> Sentence | None:
    own = _sectors(tables, district, "leave").head(_MOST)
    return None if own.empty else _listed("finding.leave", district, own, "quotient", "{:.2f}", {})


def _listed(
    rule: str, district: str, own: pd.DataFrame, column: str, form: str, values: dict[str, str]
) -> Sentence:
    """A sentence that lists sectors, each with a figure and how often its place held."""
    parts = Bilingual(
        *(
            text("finding.and", lang).join(
                text(
                    "finding.sector", lang, sector=sector_words([str(code)], lang),
                    value=form.format(row[column]), share=f"{row['action_share']:.0%}",
                )
                for code, row in own.iterrows()
            )
            for lang in LANGS
        )
    )  # fmt: skip
    trace = tuple(
        _at("plane", f"{district}, {code}", name, row[name])
        for code, row in own.iterrows()
        for name in (column, "action_share")
    )
    return _sentence(rule, values, trace, {"parts": parts})


def _pilots(tables: Tables, district: str, name: Bilingual, params: PathsParams) -> Sentence | None:
    own = tables.pilots.get(district, ())
    if not own:
        return None
    words = Bilingual("、".join(own), "; ".join(own))
    return _sentence("finding.pilots", {}, ("sectors.csv, parks.csv",), {"pilots": words})


def _cautions(
    tables: Tables, district: str, name: Bilingual, params: PathsParams
) -> Sentence | None:
    """Few firms, and indicators that no source fills."""
    tagged = int(tables.scores["tagged"][district])
    own = _own(tables.indicators, district)
    missing = list(own.index[~own["known"]])
    parts = []
    if tagged < 20 * params.min_firms:
        parts.append(Bilingual.of("finding.few", tagged=f"{tagged:,}"))
    if missing:
        what = [indicator_names()[str(i)] for i in missing]
        zh = "、".join(f"“{w.zh}”" for w in what)
        en = ", ".join(f"“{w.en}”" for w in what)
        parts.append(
            Bilingual(
                text("finding.missing", "zh", what=zh), text("finding.missing", "en", what=en)
            )
        )
    if not parts:
        return None
    words_of = Bilingual("".join(p.zh for p in parts), " ".join(p.en for p in parts))
    trace = (_at("scores", district, "tagged", tagged),)
    return Sentence("finding.caution", words_of, trace)


def _path_words(path: object) -> Bilingual:
    return Bilingual.of(f"path.{path}")


def _at(table: str, row: str, column: str, value: object) -> str:
    shown = f"{value:.4g}" if isinstance(value, float) else str(value)
    return f"{table}[{row}].{column} = {shown}"


def _sentence(
    rule: str, values: dict[str, str], trace: tuple[str, ...],
    worded: dict[str, Bilingual] | None = None,
) -> Sentence:  # fmt: skip
    zh, en = (
        text(rule, lang, **values, **{k: v(lang) for k, v in (worded or {}).items()})
        if values or worded
        else text(rule, lang)
        for lang in LANGS
    )
    return Sentence(rule, Bilingual(zh, en), trace)


def finding_table(findings: dict[str, tuple[Sentence, ...]]) -> pd.DataFrame:
    """One row a sentence: district, order, rule, words in both languages, trace."""
    return pd.DataFrame(
        [
            {
                "district_id": district, "order": place, "rule": one.rule,
                "zh": one.words.zh, "en": one.words.en, "trace": "; ".join(one.trace),
            }
            for district, sentences in findings.items()
            for place, one in enumerate(sentences, start=1)
        ],
        columns=["district_id", "order", "rule", "zh", "en", "trace"],
    ).set_index(["district_id", "order"])  # fmt: skip
