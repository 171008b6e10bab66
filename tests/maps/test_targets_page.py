"""The page of targets: every view in both languages, figures refused with the reason."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from layout.analyses.evaluation import EvaluationParams
from layout.analyses.evaluation import run as evaluate
from layout.analyses.targets import TargetsParams, run
from layout.core.headings import worded
from layout.core.study import Study
from layout.core.texts import Lang
from layout.pipeline.export_result import worded_table
from maps.views.target_words import target_rows

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
VIEWS = ("attainment", "monitoring", "firms", "carriers", "evaluation")


def script() -> None:
    from maps.pages import address, targets

    address.restore()
    address.allow("lang", ("zh", "en"))
    targets.render()
    address.keep()


@pytest.fixture
def opened(study: Study, monkeypatch: pytest.MonkeyPatch) -> Study:
    for place in ("targets", "analysis", "state"):
        monkeypatch.setattr(f"maps.pages.{place}.current_study", lambda: study)
    monkeypatch.setattr("maps.pages.state._study", lambda folder, stamp: study)
    return study


@pytest.mark.parametrize(
    ("view", "lang"), [*((view, "zh") for view in VIEWS), ("attainment", "en"), ("firms", "en")]
)
def test_every_view_is_drawn(opened: Study, view: str, lang: str) -> None:
    app = AppTest.from_function(script, default_timeout=120)
    app.query_params["lang"], app.query_params["targets_view"] = lang, view
    app.session_state["evaluation_draws"] = 100
    app.run()
    assert not app.exception
    # revenue of two years without the base year: growth is undefined, and no error
    assert not app.error


def test_a_figure_of_another_definition_is_refused_and_kept(opened: Study) -> None:
    typed = {"target": "T-01", "year": 2021, "value": 1700.0, "price": "unstated", "source": "公报"}
    app = AppTest.from_function(script, default_timeout=120)
    app.session_state["target_typed"] = ({**typed, "basis": "stat_section_i"},)
    app.run()
    assert ["市统计局·门类I营业收入" in error.value for error in app.error] == [True]
    assert not app.exception
    assert app.session_state["target_typed"][0]["value"] == 1700
    good = AppTest.from_function(script, default_timeout=120)
    good.session_state["target_typed"] = ({**typed, "basis": "stat_industry"},)
    good.run()
    assert not good.error


def test_weights_that_do_not_sum_are_told_on_the_page(opened: Study) -> None:
    app = AppTest.from_function(script, default_timeout=120)
    app.query_params["targets_view"] = "evaluation"
    app.query_params["evaluation_weighting"] = "set"
    app.session_state["evaluation_draws"] = 0
    app.run()
    app.number_input(key="weight-scale").set_value(90).run()
    assert ["1.74" in error.value for error in app.error] == [True]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_are_in_words_on_the_page_and_in_files(study: Study, lang: Lang) -> None:
    result = run(study, TargetsParams())
    rows = target_rows(result.tables["targets"], lang)
    assert len(rows) == 16
    assert rows.notna().all(axis=None)
    for other in (result, evaluate(study, EvaluationParams(draws=2))):
        for name, table in other.tables.items():
            for column in worded_table(table, lang, other.labels).columns:
                assert column
            for column in table.reset_index(drop=table.index.name is None).columns:
                assert worded(str(column)), (name, column)
