"""The report of reading a file as tables for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from layout.core.columns import COLUMNS, label
from layout.core.texts import text

if TYPE_CHECKING:
    from layout.core.texts import Lang


def print_report(report: dict[str, Any], lang: Lang, *, out: Path, rejects: Path) -> None:
    """Print what was read, how, what was wrong, and where it was written."""
    console = Console()
    given = report["input"]
    facts = [given["format"], given["encoding"], _shown_delimiter(given["delimiter"]), given["crs"]]
    console.print(escape(f"{given['file']}: {', '.join(str(f) for f in facts if f)}"))
    _print_columns(console, report, lang)
    if report["datum"]:
        _print_datum(console, report["datum"], lang)
    if report["faults"]:
        _print_faults(console, report["faults"], lang)
    if report["join"]:
        _print_join(console, report["join"], lang)
    for note in report["notes"]:
        console.print(escape(f"• {note[lang]}"), highlight=False)
    counts = {name: f"{count:,}" for name, count in report["counts"].items()}
    console.print(text("ingest.counts", lang, **counts), highlight=False)
    console.print(escape(text("ingest.written", lang, out=out, rejects=rejects)), highlight=False)


def _shown_delimiter(delimiter: str | None) -> str | None:
    return {"\t": "tab"}.get(delimiter, f"“{delimiter}”") if delimiter else None


def _table(lang: Lang, title: str, *columns: str) -> Table:
    table = Table(title=text(f"ingest.{title}", lang))
    for place, name in enumerate(columns):
        table.add_column(text(f"ingest.{name}", lang), justify="right" if place else "left")
    return table


def _print_columns(console: Console, report: dict[str, Any], lang: Lang) -> None:
    table = Table(title=text(f"ingest.columns.{report['kind']}", lang))
    for name in ("column", "label", "header", "note"):
        table.add_column(text(f"ingest.{name}", lang))
    for column, header in report["columns"].items():
        yuan = report["yuan_per_unit"].get(column)
        unit = text("ingest.unit", lang, yuan=f"{yuan:,}") if yuan else ""
        table.add_row(column, label(column, lang), escape(header), unit)
    for one in report["unrecognised"]:
        near = ", ".join(one["candidates"])
        told = text("ingest.kept_near" if near else "ingest.kept", lang, near=near)
        table.add_row("–", "", escape(one["header"]), told)
    console.print(table)


def _print_datum(console: Console, datum: dict[str, Any], lang: Lang) -> None:
    table = _table(lang, "datum", "datum.name", "datum.inside", "datum.share", "datum.changes")
    changes = {one["other"]: one for one in datum["comparisons"]}
    for name, inside in datum["inside"].items():
        share = datum["inside_share"][name]
        other = changes.get(name)
        told = (
            text(
                "ingest.datum.favour",
                lang,
                changed=f"{other['changed']:,}",
                favour=f"{other['favour_other']:,}",
            )
            if other
            else text("ingest.datum.declared", lang, declared=datum["declared"])
        )
        table.add_row(name, f"{inside:,}", "–" if share is None else f"{share:.2%}", told)
    console.print(table)
    if datum["deliveries"]:
        _print_deliveries(console, datum["deliveries"], lang)


def _print_deliveries(console: Console, deliveries: list[dict[str, Any]], lang: Lang) -> None:
    names = list(deliveries[0]["agree"])
    table = _table(lang, "deliveries", "delivery", "rows", "delivery.telling")
    for name in names:
        table.add_column(name, justify="right")
    table.add_column(text("ingest.delivery.fits", lang))
    for one in deliveries[:30]:
        rows = one["telling"]
        shares = [f"{one['agree'][name] / rows:.1%}" if rows else "–" for name in names]
        name = text("ingest.whole_file", lang) if one["name"] is None else one["name"]
        table.add_row(
            escape(name),
            f"{one['rows']:,}",
            f"{rows:,}",
            *shares,
            "/".join(one["fits"]) or one["datum"],
        )
    console.print(table)


def _print_faults(console: Console, faults: dict[str, dict[str, int]], lang: Lang) -> None:
    table = _table(lang, "faults", "fault", "rejected", "flagged")
    for code, counts in faults.items():
        numbers = (f"{counts[name]:,}" for name in ("rejected", "flagged"))
        table.add_row(f"{text(f'fault.{code}', lang)} ({code})", *numbers)
    console.print(table)


def _print_join(console: Console, join: dict[str, Any], lang: Lang) -> None:
    table = _table(lang, "join", "place", "rows", "datum.share")
    for name, count in join["matched"].items():
        share = join["share"][name]
        place = label(name, lang) if name in COLUMNS else text(f"ingest.place.{name}", lang)
        table.add_row(place, f"{count:,}", "–" if share is None else f"{share:.2%}")
    console.print(table)
    for note in join["notes"]:
        console.print(escape(f"• {note[lang]}"), highlight=False)
