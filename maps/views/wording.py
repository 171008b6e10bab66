"""What a map says in words: title, settings, sources, quality of the data, warnings."""

from __future__ import annotations

from typing import Final

from layout.analyses.mix import MixParams
from layout.core import facts
from layout.core.study import NO_COORDINATES, OUTSIDE, Study
from layout.core.texts import Lang, catalogue, text
from layout.prepare.dimensions import ALL_YEARS, tiers
from maps.views.classes import figure

_MONEY: Final[dict[Lang, tuple[tuple[int, str], ...]]] = {
    "zh": ((10**8, "map.money.yi"), (10**4, "map.money.wan"), (1, "map.money.yuan")),
    "en": ((10**9, "map.money.billion"), (10**6, "map.money.million"), (1, "map.money.yuan")),
}
"""Size of each unit of money, largest first."""


def city_name(study: Study, lang: Lang) -> str:
    """Name of the city of a study."""
    return str(facts.city_settings(study.manifest.city)[f"name_{lang}"])


def sector_names(lang: Lang) -> dict[str, str]:
    """Short name of each sector by id: ``{"S02": "人工智能"}`` or ``{"S02": "AI"}``."""
    table = facts.reference("sectors")
    if lang == "zh":
        names = [name.removesuffix("产业") for name in table["name_zh"]]
    else:
        names = list(table["short_en"])
    return dict(zip(table["code"], names, strict=True))


def subject(params: MixParams, lang: Lang) -> str:
    """What is counted: one sector by name, several by their names or number, or all."""
    names = sector_names(lang)
    chosen = [names[s] for s in params.sectors]
    if not chosen or len(chosen) == len(names):
        return text("map.subject.all", lang)
    if len(chosen) <= 3:
        return ("、" if lang == "zh" else ", ").join(chosen)
    return text("map.subject.several", lang, first=chosen[0], number=len(chosen))


def title(study: Study, params: MixParams, lang: Lang) -> str:
    """What the map shows: “深圳市各区人工智能企业数”."""
    key = params.measure if params.draw == "amount" else params.draw
    return text(
        f"map.title.{key}",
        lang,
        city=city_name(study, lang),
        zones=text(f"map.zones.{params.zones}", lang),
        subject=subject(params, lang),
        measure=text(f"map.measure.{params.measure}", lang),
    )


def heading(params: MixParams, lang: Lang) -> str:
    """The figure alone, for legends and tooltips: “人工智能企业数”."""
    key = params.measure if params.draw == "amount" else params.draw
    measure = text(f"map.measure.{params.measure}", lang)
    words = text(f"map.heading.{key}", lang, subject=subject(params, lang), measure=measure)
    return words[:1].upper() + words[1:]


def settings(study: Study, params: MixParams, lang: Lang) -> str:
    """Year, way of counting and filters, in one line."""
    year = params.year or study.manifest.years[-1]
    parts = [
        text("map.year_of" if params.year == ALL_YEARS else "map.year_by", lang, year=year),
        text(f"map.counting.{params.counting}", lang),
    ]
    if params.scope != "all":
        parts.append(text("map.scope", lang, scope=text(f"scope.{params.scope}", lang)))
    if params.tiers:
        table = tiers().set_index("id")[f"label_{lang}"]
        parts.append(", ".join(table[tier] for tier in params.tiers))
    if params.statuses:
        parts.append(", ".join(text(f"status.{status}", lang) for status in params.statuses))
    if params.districts:
        names = zone_names(study, "district", lang)
        parts.append(", ".join(names[district] for district in params.districts))
    line = ("；" if lang == "zh" else "; ").join(parts)
    return line[:1].upper() + line[1:]


def zone_names(study: Study, kind: str, lang: Lang) -> dict[str, str]:
    """Name of every zone of a kind by id; the Chinese name where there is no English one."""
    frame = study.zones[kind]
    return {
        str(i): str(en or zh) if lang == "en" else str(zh)
        for i, zh, en in zip(
            frame["id"], frame["name_zh"], frame["name_en"].fillna(""), strict=True
        )
    }


def fault(code: str, lang: Lang) -> str:
    """A quality flag of a firm in words; the code where the catalogue has no words for it."""
    key = f"fault.{code}"
    return text(key, lang) if key in catalogue() else code


def money(yuan: int | None, lang: Lang) -> str:
    """An amount of yuan in the units of the language; 'no data' where it is null."""
    if yuan is None:
        return text("map.unknown", lang)
    units = _MONEY[lang]
    size, key = next((u for u in units if abs(yuan) >= u[0]), units[-1])
    return text(key, lang, value=figure(yuan / size))


def sources(study: Study, params: MixParams, lang: Lang) -> str:
    """Where firms and boundaries come from, and when the study was made."""
    files = [str(entry["file"]) for entry in study.manifest.inputs if entry.get("role") == "firms"]
    known = facts.source_titles(lang)
    kinds = dict.fromkeys(("district", params.zones, "park"))
    ids = [str(i) for kind in kinds for i in study.zones[kind]["source"].dropna().unique() if i]
    origin = [known.get(i, i) for i in dict.fromkeys(ids)]
    parts = []
    if files:
        parts.append(text("map.source.firms", lang, files="、".join(files)))
    if origin:
        parts.append(
            text("map.source.zones", lang, sources=("；" if lang == "zh" else "; ").join(origin))
        )
    date, version = study.manifest.created[:10], study.manifest.version
    parts.append(text("map.source.made", lang, date=date, version=version))
    return ("。" if lang == "zh" else ". ").join(parts) + ("。" if lang == "zh" else ".")


def no_data(params: MixParams, lang: Lang) -> str:
    """What the hatching means: unknown, or for quotients that too few firms stand behind them."""
    if params.draw == "lq":
        return text("map.too_few", lang, firms=params.min_firms)
    return text("map.no_data", lang)


def quality(study: Study, params: MixParams, lang: Lang) -> str:
    """How many firms stand behind the map, and how many could not be placed."""
    cube = study.cubes["district"]
    rows = cube[cube["year"] == params.year]
    by_zone = rows.groupby("zone_id")["firms"].sum()
    counts = study.manifest.counts
    line = text(
        "map.quality",
        lang,
        accepted=f"{int(rows['firms'].sum()):,}",
        no_coordinates=f"{int(by_zone.get(NO_COORDINATES, 0)):,}",
        outside=f"{int(by_zone.get(OUTSIDE, 0)):,}",
    )
    if counts.get("rejected") is None:
        return line
    rejected = text("map.quality.rejected", lang, rejected=f"{counts['rejected']:,}")
    return f"{line}{'' if lang == 'zh' else ' '}{rejected}"


def cautions(study: Study, params: MixParams, lang: Lang) -> tuple[str, ...]:
    """What a reader must know of the shapes: which are rough, which are invented."""
    found = []
    for kind in ("district", "subdistrict", "park"):
        if kind not in (params.zones, "district", "park"):
            continue
        frame = study.zones[kind]
        if len(frame) and frame["synthetic"].astype(bool).any():
            found.append(text(f"map.caution.synthetic_{kind}", lang))
        elif len(frame) and frame["approximate"].astype(bool).any():
            found.append(text(f"map.caution.approximate_{kind}", lang))
    return tuple(found)


def synthetic(study: Study, lang: Lang) -> str | None:
    """The warning that every firm is invented; None for a study of real firms."""
    return text("map.synthetic", lang) if study.manifest.synthetic else None
