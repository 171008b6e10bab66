"""What the tagger must say of wordings that registrations really have."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from layout.core import facts
from layout.core.columns import (
    PLATFORM,
    SCOPE,
    SECTORS,
    SHARES,
    SUB_FIELDS,
    XINCHUANG,
)
from layout.prepare.tagging import Tagger

TAIL = "（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）"
STOCK = "技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广；货物进出口；信息技术咨询服务；"


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load()


def tag(tagger: Tagger, scope: str | None, code: str | None = "6513") -> dict:
    (row,) = tagger.tag(pa.array([scope], pa.string()), pa.array([code], pa.string())).to_pylist()
    return row


def sectors(tagger: Tagger, scope: str | None, code: str | None = "6513") -> set[str]:
    row = tag(tagger, scope, code)
    return {row[name] for name in SECTORS if row[name]}


@pytest.mark.parametrize(
    ("scope", "code", "expected"),
    [
        ("一般项目：人工智能算法研发；计算机视觉软件开发。", "6513", {"S02"}),
        ("一般项目：区块链底层平台、智能合约的研发。", "6513", {"S03"}),
        ("一般项目：工业互联网平台建设运营；标识解析服务。", "6531", {"S08"}),
        ("一般项目：操作系统、数据库管理系统、中间件研发。", "6511", {"S01"}),
        ("一般项目：跨境电商；互联网销售。", "5292", {"S11"}),
        ("一般项目：手机游戏开发与运营；动画制作。", "6572", {"S12"}),
        ("一般项目：供应链金融区块链平台研发。", "6513", {"S03"}),
        # sale, renting, repair and installing are no making
        ("一般项目：人工智能硬件销售；云计算设备销售；信息安全设备销售。", "5179", set()),
        ("一般项目：智能家居安装；智能锁销售、维修。", "5011", set()),
        ("一般项目：数据线、数据电缆的生产与销售。", "3831", set()),
        # disclaimers, landlords, training
        ("一般项目：金融信息咨询（不含金融业务）；投资管理。", "7212", set()),
        ("一般项目：人工智能产业园的物业管理；园区招商。", "7030", set()),
        ("一般项目：大数据培训；人工智能培训。", "8391", set()),
        ("一般项目：餐饮服务；网上订餐。", "6210", set()),
        # generic software stays untagged
        ("一般项目：软件开发；信息系统运行维护服务。", "6513", set()),
        # Latin words have borders
        ("一般项目：MESH布料、GAMES道具的销售；PLC光分路器生产。", "5199", set()),
        ("一般项目：MES系统研发与实施。", "6513", {"S08"}),
    ],
)
def test_wordings(tagger: Tagger, scope: str, code: str, expected: set[str]) -> None:
    assert sectors(tagger, scope, code) == expected


@pytest.mark.parametrize(
    ("code", "scope", "expected"),
    [
        ("6513", "软件开发", "core"),
        ("5292", "跨境电商", "fusion"),
        ("6210", "正餐服务", "outside"),
        (None, "跨境电商平台运营", "fusion"),
        ("", None, "outside"),
    ],
)
def test_scope_class(tagger: Tagger, code: str | None, scope: str | None, expected: str) -> None:
    assert tag(tagger, scope, code)[SCOPE] == expected


@pytest.mark.parametrize("scope", [None, "", "；；。", "\x00", "（", "一" * 50_000, "𠮷野家🙂"])
def test_odd_texts_are_untagged(tagger: Tagger, scope: str | None) -> None:
    row = tag(tagger, scope, "9999")
    assert all(row[name] is None for name in (*SECTORS, *SHARES))


def test_stock_items_and_their_order_change_nothing(tagger: Tagger) -> None:
    plain = "智慧城市管理平台研发；区块链存证系统开发；"
    forms = (
        f"一般项目：{plain}{STOCK}{TAIL}",
        f"一般项目：{STOCK}{plain}{TAIL}",
        f"一般经营项目是：{plain}",
    )
    rows = [tag(tagger, form) for form in forms]
    assert rows[0][SECTORS[0]] is not None
    assert all({r[s] for s in SECTORS} == {rows[0][s] for s in SECTORS} for r in rows)


def test_full_width_and_case_read_the_same(tagger: Tagger) -> None:
    assert sectors(tagger, "ＳａａＳ平台研发") == sectors(tagger, "saas平台研发") == {"S05"}


def test_at_most_three_sectors_with_whole_shares(tagger: Tagger) -> None:
    scope = "人工智能算法研发；区块链平台研发；大数据平台开发；云计算平台研发；网络安全软件开发"
    row = tag(tagger, scope)
    assert all(row[name] for name in SECTORS)
    assert sum(row[name] for name in SHARES) == 1000
    assert row[SHARES[0]] >= row[SHARES[1]] >= row[SHARES[2]] > 0


def test_flags_and_sub_fields(tagger: Tagger) -> None:
    assert tag(tagger, "互联网平台运营", "6432")[PLATFORM] is True
    assert tag(tagger, "互联网平台运营", "6429")[PLATFORM] is False
    assert tag(tagger, "信创操作系统研发", "6511")[XINCHUANG] is True
    assert "S01-1" in tag(tagger, "操作系统研发", "6511")[SUB_FIELDS].split(";")


def test_evidence_names_code_and_phrases(tagger: Tagger) -> None:
    evidence = tagger.explain("一般项目：区块链底层平台研发；餐饮管理。", "6513")
    assert any(e.kind == "phrase" and "区块链" in e.value and e.sector == "S03" for e in evidence)
    assert all(0 <= e.weight <= 1 for e in evidence)
    assert any(e.kind == "code" for e in tagger.explain("动画制作", "6572"))


def test_rows_do_not_know_each_other(tagger: Tagger) -> None:
    scopes = ["人工智能算法研发", None, "餐饮", "区块链平台研发", ""] * 7
    codes = ["6513", "6210", None, "6550", "5292"] * 7
    whole = tagger.tag(pa.array(scopes), pa.array(codes)).to_pylist()
    alone = [tag(tagger, s, c) for s, c in zip(scopes, codes, strict=True)]
    assert whole == alone
    chunked = pa.chunked_array([scopes[:3], scopes[3:]])
    assert tagger.tag(chunked, pa.array(codes)).to_pylist() == whole


def test_the_compiled_reading_equals_the_plain_one(tagger: Tagger) -> None:
    """``explain`` reads by the plain twin; random texts of rule words and marks must agree."""
    rng = np.random.default_rng(20261123)
    rules, context = facts.reference("sector_rules"), facts.reference("scope_context")
    words = [*rules.loc[rules["kind"] != "code", "value"], *context["value"]]
    words = [word for word in words if word] + list("；、，。（）()的和与及不含 ；；、、AＢ1")
    codes = [*rules.loc[rules["kind"] == "code", "value"], "6210", "", "65"]
    scopes = ["".join(rng.choice(words, rng.integers(1, 14))) for _ in range(1500)]
    given = [str(code) for code in rng.choice(codes, len(scopes))]
    rows = tagger.tag(pa.array(scopes), pa.array(given)).to_pylist()
    tagged = 0
    for scope, code, row in zip(scopes, given, rows, strict=True):
        compiled = [row[name] for name in SECTORS if row[name]]
        plain = list(dict.fromkeys(e.sector for e in tagger.explain(scope, code)))
        assert compiled == plain, (scope, code)
        tagged += bool(compiled)
    assert tagged > 300
