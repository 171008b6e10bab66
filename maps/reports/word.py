"""Results as a section of a Word report: finding, maps, tables, method and sources."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from layout.core.files import replacing
from layout.core.result import Result
from layout.core.study import Study
from layout.core.texts import Lang, catalogue, text
from layout.exports.provenance import as_lines
from layout.pipeline.export_result import table_title, worded_table
from maps.print.result_map import print_layers
from maps.views.spec_classes import shown_cell

MOST_ROWS: Final = 40
MOST_COLUMNS: Final = 12
_FONT: Final = {"zh": "宋体", "en": "Calibri"}
_HEAD: Final = {"zh": "黑体", "en": "Calibri"}
_DPI: Final = 150


def write_section(
    study: Study,
    results: Sequence[Result],
    path: Path,
    lang: Lang,
    *,
    title: str = "",
    paragraphs: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """A Word document with one section a result.

    Parameters
    ----------
    study, results
        What is told.
    path
        The ``.docx`` file.
    lang
        Language.
    title
        Heading of the document; otherwise the name of the page that shows the result, or the title
        of the first layer.
    paragraphs
        Findings in words by the name of the result, put before its figures.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    content = section_bytes(study, results, lang, title=title, paragraphs=paragraphs)
    with replacing(path) as partial:
        partial.write_bytes(content)


def section_bytes(
    study: Study,
    results: Sequence[Result],
    lang: Lang,
    *,
    title: str = "",
    paragraphs: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """The document of :func:`write_section` as bytes."""
    page = _Section(study, lang)
    for result in results:
        page.add(result, title=title, paragraphs=(paragraphs or {}).get(result.name, ()))
    memory = io.BytesIO()
    page.document.save(memory)
    return memory.getvalue()


def _heading(result: Result, lang: Lang) -> str:
    page = catalogue().get(f"page.{result.name}")
    if page is not None:
        return page[lang]
    return result.layers[0].title(lang) if result.layers else result.name


class _Section:
    """A document being written."""

    def __init__(self, study: Study, lang: Lang) -> None:
        self.study, self.lang = study, lang
        self.document: Any = Document()
        self.figures = self.tables = 0
        for section in self.document.sections:
            section.page_width, section.page_height = Cm(21.0), Cm(29.7)
            section.left_margin = section.right_margin = Cm(2.2)
            section.top_margin = section.bottom_margin = Cm(2.2)
        self._style("Normal", _FONT[lang], Pt(10.5))
        for level in (1, 2):
            self._style(f"Heading {level}", _HEAD[lang], Pt(16 if level == 1 else 13))

    def add(self, result: Result, *, title: str, paragraphs: Sequence[str]) -> None:
        """One result."""
        lang = self.lang
        self.document.add_heading(title or _heading(result, lang), level=1)
        if result.provenance.synthetic:
            warned = self.document.add_paragraph().add_run(text("map.synthetic", lang))
            warned.bold, warned.font.color.rgb = True, RGBColor(0x8A, 0x1C, 0x1C)
        for words in paragraphs:
            self.document.add_paragraph(words)
        for spec in result.layers[:3]:
            self._figure(result, spec.name, spec.title(lang))
        for name, table in result.tables.items():
            self._table(table_title(name, lang, result.name), table, result)
        if result.notes:
            self.document.add_heading(text("word.notes", lang), level=2)
            for note in result.notes:
                self.document.add_paragraph(note(lang), style="List Bullet")
        self.document.add_heading(text("word.sources", lang), level=2)
        for head, value in as_lines(result.provenance, lang):
            line = self.document.add_paragraph()
            line.add_run(f"{head}　" if lang == "zh" else f"{head}: ").bold = True
            line.add_run(value)

    def _figure(self, result: Result, name: str, title: str) -> None:
        sheet = print_layers(self.study, result, self.lang, names=(name,))
        from maps.print.fonts import print_settings

        memory = io.BytesIO()
        with print_settings():
            sheet.savefig(memory, format="png", dpi=_DPI)
        memory.seek(0)
        self.document.add_picture(memory, width=Cm(16.6))
        self.figures += 1
        self._caption(text("word.figure", self.lang, number=self.figures, title=title))

    def _table(self, title: str, table: pd.DataFrame, result: Result) -> None:
        shown = worded_table(table, self.lang, result.labels, keep_ids=False)
        cut = shown.iloc[:MOST_ROWS, :MOST_COLUMNS]
        if cut.empty:
            return
        self.tables += 1
        self._caption(text("word.table", self.lang, number=self.tables, title=title))
        made = self.document.add_table(rows=1, cols=cut.shape[1])
        made.style = "Light Grid Accent 1"
        for cell, word in zip(made.rows[0].cells, cut.columns, strict=True):
            self._cell(cell, str(word), bold=True)
        for row in cut.itertuples(index=False):
            for cell, value in zip(made.add_row().cells, row, strict=True):
                self._cell(cell, shown_cell(value, "", self.lang))
        if len(shown) > MOST_ROWS:
            told = text("word.cut", self.lang, rows=MOST_ROWS, total=f"{len(shown):,}")
            self.document.add_paragraph(told)
        self.document.add_paragraph()

    def _cell(self, cell: Any, words: str, *, bold: bool = False) -> None:
        run = cell.paragraphs[0].add_run(words)
        run.font.size, run.bold = Pt(8), bold

    def _caption(self, words: str) -> None:
        line = self.document.add_paragraph(words)
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.runs[0].font.size = Pt(9)

    def _style(self, name: str, font: str, size: Any) -> None:
        style = self.document.styles[name]
        style.font.name, style.font.size = font, size
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        if name != "Normal":
            style.font.color.rgb = RGBColor(0x1C, 0x27, 0x33)
