"""The page of actions in two sessions at once: what either types is kept or told, never lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from layout.core.study import Study
from layout.registers.store import Register, open_register

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
WAIT = 60


def script() -> None:
    from maps.pages import actions, address

    address.restore()
    address.allow("lang", ("zh", "en"))
    actions.render()
    address.keep()


@pytest.fixture
def register(study: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Register:
    """The register of a study that the page opens, fresh for every test."""
    own = Study(
        tmp_path / "study", study.manifest, study.zones, study.cubes, study.quality, study.layers
    )
    own.root.mkdir()
    (own.root / "study.yaml").write_text(yaml.safe_dump({}), "utf-8")
    monkeypatch.setattr("maps.pages.actions.current_study", lambda: own)
    return open_register(own)


def session(entry: str = "", who: str = "", lang: str = "zh") -> AppTest:
    app = AppTest.from_function(script, default_timeout=WAIT)
    app.query_params["lang"] = lang
    app.run()
    if entry:
        app.selectbox(key="register_entry").select(entry).run()
    if who:
        app.text_input(key="register_who").input(who).run()
    assert not app.exception
    return app


def field(app: AppTest, name: str) -> Any:
    (found,) = [
        widget
        for kind in (app.text_input, app.text_area, app.selectbox, app.date_input)
        for widget in kind
        if str(widget.key).endswith(f"-{name}")
    ]
    return found


def save(app: AppTest) -> AppTest:
    (button,) = [b for b in app.button if str(b.key).endswith("-save")]
    return button.click().run()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_matrix_register_board_and_funding(register: Register, lang: str) -> None:
    app = session(lang=lang)
    assert [tab.label for tab in app.tabs] == (
        ["责任矩阵", "行动台账", "进度板", "资金"]
        if lang == "zh"
        else ["Responsibilities", "Register", "Progress", "Funding"]
    )
    assert any(str(len(register.entries())) in caption.value for caption in app.caption)


def test_my_department_filters_the_register(register: Register) -> None:
    app = session()
    app.selectbox(key="actions_department").select("DEP04").run()
    mine = register.entries()["department_id"].eq("DEP04").sum()
    assert any(f"共 {mine} 条" in caption.value for caption in app.caption)


def test_two_sessions_lose_nothing(register: Register) -> None:
    one, other = session("G1-02", "甲"), session("G1-02", "乙")
    field(one, "evidence").input("甲：会议纪要")
    field(other, "measure").input("乙：分解到各区")
    assert [s.value for s in save(one).success] == ["已保存。"]
    assert ["合并" in s.value for s in save(other).success] == [True]
    row = register.entries().loc["G1-02"]
    assert (row["evidence"], row["measure"]) == ("甲：会议纪要", "乙：分解到各区")


def test_the_same_field_is_told_and_what_was_typed_stays(register: Register) -> None:
    one, other = session("G1-02", "甲"), session("G1-02", "乙")
    field(one, "evidence").input("甲的依据")
    field(other, "evidence").input("乙的依据")
    save(one)
    save(other)
    (error,) = other.error
    assert "甲的依据" in error.value
    assert "乙的依据" in error.value
    assert field(other, "evidence").value == "乙的依据"
    assert register.entries().at["G1-02", "evidence"] == "甲的依据"
    other.button(key="register-reload").click().run()
    assert field(other, "evidence").value == "甲的依据"
    field(other, "evidence").input("甲乙共同的依据")
    save(other)
    assert register.entries().at["G1-02", "evidence"] == "甲乙共同的依据"
    assert len(register.history("G1-02")) == 3


def test_a_new_entry_then_undo_remove_and_bring_back(register: Register) -> None:
    app = session(who="龙岗区")
    field(app, "title").input("建设数字经济产业园")
    field(app, "amount_yi").input("1.5")
    save(app)
    assert not app.error
    entry = register.entries().index[-1]
    assert register.entries().at[entry, "amount_yi"] == 1.5
    app.selectbox(key="register_entry").select(entry).run()
    field(app, "status").select("done")
    save(app)
    assert register.entries().at[entry, "status"] == "done"
    app.button(key="register-undo").click().run()
    assert register.entries().at[entry, "status"] == "not_started"
    app.button(key="register-remove").click().run()
    assert entry not in register.entries().index
    app.button(key="register-back").click().run()
    assert register.entries().at[entry, "title"] == "建设数字经济产业园"
    assert not app.exception


def test_faults_are_told_in_the_words_of_the_form_and_nothing_is_written(
    register: Register,
) -> None:
    app = session()
    before = len(register.entries())
    field(app, "title").input("没有署名")
    save(app)
    assert ["姓名或单位" in e.value for e in app.error] == [True]
    assert field(app, "title").value == "没有署名"
    app.text_input(key="register_who").input("甲").run()
    field(app, "title").input("")
    field(app, "year").input("明年")
    save(app)
    assert "年份" in app.error[0].value
    assert len(register.entries()) == before
