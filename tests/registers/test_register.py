"""The register under several hands: nothing is lost, all is remembered, all can be taken back."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layout.core import facts
from layout.core.errors import InputFileError, LayoutError
from layout.registers import board as boards
from layout.registers.entries import ConflictError, RegisterError
from layout.registers.store import Register, seeds

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "city.register.sqlite", city="shenzhen")


def action(**other: Any) -> dict[str, Any]:
    return {
        "kind": "action", "title": "建设算力券平台", "status": "under_way", "item_id": "K7",
        "district_id": "NS", "department_id": "DEP01",
    } | other  # fmt: skip


def version_of(register: Register, entry_id: str) -> int:
    return int(register.entries()["version"].at[entry_id])


def test_every_register_only_row_is_seeded_with_owner_and_status(register: Register) -> None:
    rows = pd.read_csv(ROOT / "docs" / "traceability.csv")
    wanted = set(rows.loc[rows["class"].isin(["R", "R/S"]), "id"])
    entries = register.entries()
    assert wanted <= set(entries["requirement"])
    assert (
        entries[["title", "title_en", "status", "department_id", "item_id"]].notna().all(axis=None)
    )
    links = facts.reference("responsibilities")
    answers = set(zip(links["item_id"], links["department_id"], strict=True))
    for entry_id, values in seeds():
        if values["item_id"] != "PLAN":
            assert (values["item_id"], values["department_id"]) in answers, entry_id
    assert (register.history()["action"] == "seed").all()


def test_opening_again_seeds_nothing_again(register: Register) -> None:
    number = len(register.entries())
    register.add(action(), by="甲")
    assert len(Register(register.path, city="shenzhen").entries()) == number + 1


def test_the_file_is_in_write_ahead_mode(register: Register) -> None:
    connection = sqlite3.connect(register.path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_two_people_changing_different_fields_both_keep_their_change(register: Register) -> None:
    entry = register.add(action(), by="甲")
    one = Register(register.path, city="shenzhen")
    other = Register(register.path, city="shenzhen")
    assert one.change(entry, {"status": "done"}, version=1, by="甲") == 2
    assert other.change(entry, {"evidence": "会议纪要"}, version=1, by="乙") == 3
    row = register.entries().loc[entry]
    assert (row["status"], row["evidence"], row["changed_by"]) == ("done", "会议纪要", "乙")


def test_the_same_field_is_refused_with_both_values(register: Register) -> None:
    entry = register.add(action(), by="甲")
    register.change(entry, {"evidence": "甲的依据"}, version=1, by="甲")
    with pytest.raises(ConflictError) as fault:
        register.change(entry, {"evidence": "乙的依据", "due": "2023-06-30"}, version=1, by="乙")
    for words in ("甲的依据", "乙的依据", "甲"):
        assert words in fault.value.message("zh")
    row = register.entries().loc[entry]
    assert row["evidence"] == "甲的依据"
    assert row["due"] is None
    # the same value twice is no conflict
    assert register.change(entry, {"evidence": "甲的依据"}, version=1, by="乙") == 2


def test_many_hands_at_once_lose_nothing(register: Register) -> None:
    """Two connections in two threads, each adding and changing; every change is there after."""
    shared = register.add(action(), by="起草")
    start = threading.Barrier(2)
    failures: list[BaseException] = []

    def work(name: str, field: str) -> None:
        mine = Register(register.path, city="shenzhen")
        try:
            start.wait()
            for number in range(25):
                mine.add(action(title=f"{name}{number}"), by=name)
                version = version_of(mine, shared)
                mine.change(shared, {field: f"{name} 第{number}次"}, version=version, by=name)
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=work, args=args) for args in (("甲", "evidence"), ("乙", "measure"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    entries = register.entries()
    titles = set(entries["title"])
    assert {f"{name}{n}" for name in "甲乙" for n in range(25)} <= titles
    assert entries.at[shared, "evidence"] == "甲 第24次"
    assert entries.at[shared, "measure"] == "乙 第24次"
    history = register.history(shared)
    assert sorted(history["version"]) == list(range(1, 52))


def test_history_holds_before_and_after_and_undo_goes_back_step_by_step(register: Register) -> None:
    entry = register.add(action(), by="甲")
    register.change(entry, {"status": "done", "evidence": "验收报告"}, version=1, by="甲")
    register.change(entry, {"status": "stopped"}, version=2, by="乙")
    last = register.history(entry).iloc[0]
    assert (json.loads(last["before"]), json.loads(last["after"])) == (
        {"status": "done"}, {"status": "stopped"},
    )  # fmt: skip
    register.undo(entry, version=3, by="丙")
    assert register.entries().at[entry, "status"] == "done"
    register.undo(entry, version=4, by="丙")
    row = register.entries().loc[entry]
    assert (row["status"], row["evidence"]) == ("under_way", None)
    register.undo(entry, version=5, by="丙")
    assert entry not in register.entries().index
    assert entry in register.entries(deleted=True).index
    with pytest.raises(RegisterError):
        register.undo(entry, version=6, by="丙")
    assert list(register.history(entry)["action"]) == [
        "undo", "undo", "undo", "change", "change", "add",
    ]  # fmt: skip


def test_undo_does_not_take_back_what_someone_else_did_meanwhile(register: Register) -> None:
    entry = register.add(action(), by="甲")
    register.change(entry, {"status": "done"}, version=1, by="甲")
    register.change(entry, {"evidence": "乙写的"}, version=2, by="乙")
    with pytest.raises(ConflictError):
        register.undo(entry, version=2, by="甲")
    assert register.entries().at[entry, "evidence"] == "乙写的"


def test_removal_waits_for_no_other_change_and_can_be_taken_back(register: Register) -> None:
    entry = register.add(action(), by="甲")
    register.change(entry, {"evidence": "新依据"}, version=1, by="乙")
    with pytest.raises(ConflictError):
        register.remove(entry, version=1, by="甲")
    version = register.remove(entry, version=2, by="甲")
    with pytest.raises(ConflictError, match="removed"):
        register.change(entry, {"status": "done"}, version=2, by="乙")
    register.undo(entry, version=version, by="甲")
    assert register.entries().at[entry, "evidence"] == "新依据"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"title": ""}, "error.register_empty"),
        ({"status": "nearly"}, "error.register_choice"),
        ({"district_id": "XX"}, "error.register_choice"),
        ({"due": "2023-02-30"}, "error.register_date"),
        ({"due": "明年"}, "error.register_date"),
        ({"amount_yi": "-3"}, "error.register_number"),
        ({"year": "2021.5"}, "error.register_number"),
        ({"lon": "114,05,3x"}, "error.register_number"),
        ({"evidence": "长" * 5000}, "error.register_long"),
        ({"colour": "red"}, "error.register_field"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    register: Register, values: dict[str, Any], key: str
) -> None:
    number = len(register.entries())
    with pytest.raises(RegisterError) as fault:
        register.add(action(**values), by="甲")
    assert fault.value.key == key
    assert fault.value.message("zh")
    assert len(register.entries()) == number


def test_values_are_kept_as_text_whatever_they_hold(register: Register) -> None:
    hostile = "'; DROP TABLE entries; -- <script>alert(1)</script> =1+1"
    entry = register.add(action(title=hostile, due="2023年6月30日", year=2023.0), by=hostile)
    row = register.entries().loc[entry]
    assert (row["title"], row["due"], row["year"]) == (hostile, "2023-06-30", 2023)


def test_a_file_that_is_no_register_is_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.register.sqlite"
    path.write_bytes(b"not a database at all" * 60)
    before = path.read_bytes()
    with pytest.raises(InputFileError):
        Register(path, city="shenzhen")
    assert path.read_bytes() == before
    other = tmp_path / "y.register.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE tree (leaf TEXT)")
    connection.close()
    with pytest.raises(InputFileError):
        Register(other, city="shenzhen")


def test_a_file_is_taken_in_whole_or_not_at_all(register: Register) -> None:
    entry = register.add(action(), by="甲")
    before = register.entries()
    rows: list[dict[str, Any]] = [
        {"line": 2, **action(title="新的一条")},
        {"line": 3, "id": entry, "version": 1, **action(status="nearly", due="31.31.2023")},
        {"line": 4, "id": "E-99999", **action()},
        {"line": 5, **action(title="")},
    ]
    with pytest.raises(LayoutError) as fault:
        register.merge(rows, by="乙")
    told = fault.value.message("zh")
    for words in ("第 3 行", "nearly", "31.31.2023", "第 4 行", "E-99999", "第 5 行", "事项"):
        assert words in told
    pd.testing.assert_frame_equal(register.entries(), before)


def test_a_file_taken_in_does_not_undo_what_others_did_since_it_was_written(
    register: Register,
) -> None:
    entry = register.add(action(), by="甲")
    exported = register.entries().reset_index().to_dict("records")
    register.change(entry, {"evidence": "期间写的依据"}, version=1, by="乙")
    for row in exported:
        if row["id"] == entry:
            row["status"] = "done"
    told = register.merge(exported, by="甲")
    assert told == {"added": 0, "changed": 1, "unchanged": len(exported) - 1}
    row = register.entries().loc[entry]
    assert (row["status"], row["evidence"]) == ("done", "期间写的依据")


def test_matrix_holds_every_item_and_unit_and_filters_by_mine() -> None:
    matrix = boards.responsibility_matrix()
    assert matrix.shape == (25, 28)
    assert matrix.notna().any(axis=1).all()
    assert matrix.notna().any(axis=0).all()
    assert int(matrix.notna().to_numpy().sum()) == len(facts.reference("responsibilities"))
    assert (matrix == 1).sum(axis=1).eq(1).all()
    mine = boards.responsibility_matrix("DEP06")
    assert list(mine.index) == ["S10"]
    assert mine.loc["S10", "DEP04"] == 1
    assert mine.loc["S10", "DEP06"] == 6


def test_board_counts_by_status_and_tells_what_is_overdue(register: Register) -> None:
    register.add(action(due="2023-01-01"), by="甲")
    register.add(action(due="2023-01-01", status="done"), by="甲")
    register.add(action(due="2023-01-01", status="stopped", district_id="LH"), by="甲")
    entries = register.entries()
    table = boards.board(entries, "district_id", today=dt.date(2023, 1, 2))
    assert table.loc["NS", ["under_way", "done", "overdue", "total"]].to_list() == [1, 1, 1, 2]
    assert table.loc["NS", "done_share"] == 0.5
    assert np.isnan(table.loc["LH", "done_share"])
    assert table["total"].sum() == len(entries)
    assert boards.board(entries, "department_id", today=dt.date(2023, 1, 1))["overdue"].sum() == 0


def test_counts_by_target(register: Register) -> None:
    register.add(action(kind="event", target_id="T-09", lon=114.06, lat=22.53), by="甲")
    register.add(action(kind="event", target_id="T-09", source="公报", status="done"), by="甲")
    counted = boards.counts_by_target(register.entries())
    assert counted.loc["T-09"].to_list() == [2, 1, 1, 1]
    assert counted.loc["T-05"].sum() == 0


def test_funding_quotient_beside_that_of_firms(register: Register) -> None:
    for district, sector, amount in (("NS", "S01", 6), ("NS", "S02", 2), ("LH", "S01", 2)):
        register.add(
            action(kind="funding", district_id=district, sector=sector, amount_yi=amount,
                   fund="science", year=2022),
            by="甲",
        )  # fmt: skip
    register.add(action(kind="funding", fund="culture"), by="甲")
    cube = pd.DataFrame(
        {"zone_id": ["NS", "NS", "LH"], "sector": ["S01", "S02", "S01"], "firms": [10, 30, 10]}
    )
    table = boards.funding(register.entries(), cube, ["NS", "LH"])
    assert table.loc[("NS", "S01"), "funding_lq"] == pytest.approx((6 / 8) / (8 / 10))
    assert table.loc[("NS", "S01"), "firms_lq"] == pytest.approx((10 / 40) / (20 / 50))
    assert table.loc[("NS", "S01"), "lq_gap"] == pytest.approx(0.9375 - 0.625)
    assert np.isnan(table.loc[("NS", "S05"), "funding_lq"])
    by_fund = boards.funding_by_fund(register.entries())
    assert by_fund.loc[("science", 2022), "amount_yi"] == 10
    assert np.isnan(by_fund.loc[("culture", 0), "amount_yi"])


def test_a_fault_of_a_list_names_field_and_values_in_words() -> None:
    fault = RegisterError("error.register_choice", column="fund", found="母基金", known="other")
    assert fault.message("zh") == "字段“资金类别”的值“母基金”不可用；可选：其他资金。"
    assert "other" not in fault.message("zh")
