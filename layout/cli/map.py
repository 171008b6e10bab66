"""``layout map --study DIR``: a map for a browser without a network, and a picture for print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from layout.core.result import Result
    from layout.core.study import Study
    from layout.core.texts import Lang

MEASURES: Final = ("firms", "revenue", "employees")
COLUMNS: Final = (*MEASURES, "share", "lq")
DEFAULT_OUT: Final = Path("map.html")


@click.command(help="Write one HTML map of a study that opens without a network.")
@click.option("--study", "folder", required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="HTML file.  [default: map.html, unless --png]"
)
@click.option(
    "--png", "picture", type=click.Path(path_type=Path), help="Also a print map: .png, .pdf or .svg"
)
@click.option(
    "--column",
    type=click.Choice(COLUMNS),
    default="firms",
    show_default=True,
    help="share: of the sectors in all firms; lq: their location quotient.",
)
@click.option(
    "--measure",
    type=click.Choice(MEASURES),
    default="firms",
    show_default=True,
    help="What share and lq are computed from.",
)
@click.option(
    "--sector",
    "sectors",
    multiple=True,
    metavar="ID",
    help="S01 to S12, or frontier; repeatable.  [default: all sectors]",
)
@click.option(
    "--counting",
    type=click.Choice(["primary", "fractional", "full"]),
    default="primary",
    show_default=True,
)
@click.option(
    "--zones",
    type=click.Choice(["district", "subdistrict", "park"]),
    default="district",
    show_default=True,
)
@click.option(
    "--scope",
    type=click.Choice(["all", "core", "fusion", "outside"]),
    default="all",
    show_default=True,
)
@click.option("--year", type=int, default=0, help="Firms and figures of a year.  [default: latest]")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option(
    "--max-points",
    type=click.IntRange(0, 200_000),
    default=20_000,
    show_default=True,
    help="More firms than this are drawn as hexagons.",
)
def command(
    folder: Path, out: Path | None, picture: Path | None, lang: Lang, max_points: int, **asked: Any
) -> None:
    """Write the maps."""
    from layout.analyses import mix
    from layout.readers.study import read_study
    from maps.assets import ensure_assets

    if picture is not None:
        _require_format(picture)
    if out is None and picture is None:
        out = DEFAULT_OUT
    study = read_study(folder)
    result = mix.counted(study, map_params(**asked))
    ensure_assets(echo=lambda line: click.echo(line, err=True))
    if out is not None:
        _write_html(study, result, out, lang=lang, max_points=max_points)
    if picture is not None:
        _write_picture(study, result, picture, lang)


def map_params(
    *,
    column: str,
    measure: str = "firms",
    sectors: tuple[str, ...] = (),
    counting: str = "primary",
    zones: str = "district",
    scope: str = "all",
    year: int = 0,
) -> Any:
    """Settings of the sector mix that draw what the options ask for.

    Raises
    ------
    ParameterError
        A share or a quotient is asked for without a sector: that of all is that of none.
    """
    from layout.analyses.mix import MixParams
    from layout.core import facts
    from layout.core.config import parse_params
    from layout.core.errors import ParameterError

    table = facts.reference("sectors")
    frontier = tuple(table.loc[table["frontier"] == "1", "code"])
    chosen = [s for name in sectors for s in (frontier if name == "frontier" else (name.upper(),))]
    if column == "lq" and not chosen:
        raise ParameterError("error.map_needs_sector", column=column)
    return parse_params(
        MixParams,
        {
            "measure": column if column in MEASURES else measure,
            "draw": "amount" if column in MEASURES else column,
            "sectors": tuple(dict.fromkeys(chosen)),
            "counting": counting,
            "zones": zones,
            "scope": scope,
            "year": year,
        },
    )


def _require_format(picture: Path) -> None:
    from layout.core.errors import ParameterError
    from maps.print.template import FORMATS

    if picture.suffix.lower() not in FORMATS:
        raise ParameterError("error.map_format", found=picture.name, known=", ".join(FORMATS))


def _write_html(study: Study, result: Result, out: Path, *, lang: Lang, max_points: int) -> None:
    from layout.core.files import replacing
    from layout.core.texts import text
    from layout.prepare.tagging import Tagger
    from layout.readers.study import read_landmarks
    from maps.render.map import city_map
    from maps.render.offline import standalone_html

    drawn = city_map(
        study,
        result,
        lang,
        explain=Tagger.load().explain,
        max_points=max_points,
        landmarks=read_landmarks(study),
    )
    page = standalone_html(drawn, lang=lang)
    with replacing(out) as target:
        target.write_text(page, encoding="utf-8")
    click.echo(text("map.written", "en", path=out, megabytes=f"{out.stat().st_size / 1e6:.1f}"))


def _write_picture(study: Study, result: Result, picture: Path, lang: Lang) -> None:
    from layout.core.texts import text
    from maps.print.template import print_map, write_map

    write_map(print_map(study, result, lang), picture)
    size = f"{picture.stat().st_size / 1e6:.1f}"
    click.echo(text("map.written", "en", path=picture, megabytes=size))
