"""Wrongly decoded text is found, sound text is not."""

import time

import numpy as np
import pyarrow as pa
import pytest

from layout.core.facts import reference
from layout.core.resources import city_file
from layout.prepare.mojibake import is_garbled

SOUND = [
    "深圳市腾讯计算机系统有限公司",
    "浣熊科技（深圳）有限公司",
    "鑫淼瑾琪泓沣贸易商行",
    "Café Müller · Señor Çelik GmbH",
    "洗烫服务；服装整烫；屯田贸易",
    "规格 3×5；温度 20°C～30°C；±5‰",
    "····目录····",
    "「日本語テキスト」한국어 ①②③ ⅳ ㎡",
    "联通",
    "一般项目：软件开发；娱乐活动。",
    "娣卞",
    "",
    None,
    "a",
    "é",
    "𠮷野家",
]
NAMES = ["深圳市某某科技有限公司", "广东省深圳市南山区粤海街道", "一般项目：软件开发；信息系统"]


def misread(text, wrong, right="utf-8"):
    return text.encode(right).decode(wrong, "replace")


@pytest.mark.parametrize("text", SOUND)
def test_sound_text_is_left(text):
    assert is_garbled(pa.array([text, "x" * 9], pa.string())).tolist() == [False, False]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "garble",
    [
        lambda text: misread(text, "latin-1"),
        lambda text: misread(text, "cp1252"),
        lambda text: misread(text, "gbk"),
        lambda text: misread(text, "gbk").replace("\ufffd", "?"),
        lambda text: misread(text, "latin-1", "gbk"),
        lambda text: misread(text, "utf-8", "gbk"),
        lambda text: "(" + misread(text, "gbk").replace("\ufffd", "") + ")",
        lambda text: text[:3] + "锟斤拷锟斤拷",
        lambda text: text[:3] + "\ufffd",
        lambda _: "烫烫烫屯屯屯锟斤拷",
    ],
)
def test_misread_text_is_found(name, garble):
    texts = ["甲", garble(name), None, name]
    assert is_garbled(pa.array(texts, pa.string())).tolist() == [False, True, False, False]
    assert is_garbled(pa.array(texts, pa.string()).slice(1, 2)).tolist() == [True, False]


def test_no_shipped_text_is_taken_for_garbled():
    texts = []
    for name in ("sectors", "sector_rules", "gbt4754_2017", "glossary", "plan_items"):
        frame = reference(name)
        texts += [text for column in frame for text in frame[column]]
    for name in ("landmark_firms.csv", "parks.csv", "subdistricts.csv", "carriers.csv"):
        texts += city_file("shenzhen", name).read_text("utf-8").splitlines()
    found = is_garbled(pa.array(texts))
    assert np.array(texts)[found].tolist() == []


def test_characters_by_chance_are_sound():
    codes = np.random.default_rng(1).integers(0x4E00, 0x9FA5, (20_000, 12), dtype=np.uint32)
    texts = codes.view("<U12").ravel().tolist()
    assert not is_garbled(pa.array(texts)).any()


def test_speed_on_sound_text():
    texts = pa.array(NAMES * 20_000)
    is_garbled(texts)
    start = time.process_time()
    is_garbled(texts)
    assert time.process_time() - start < 0.5
