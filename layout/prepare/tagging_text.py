"""One spelling for every scope: full-width forms, case, brackets and separators made equal.

Business scopes come with full-width and half-width punctuation mixed, Latin words in any case and
spaces anywhere. Everything after this module reads the folded text only; phrases of the rules are
folded by the same function, so that they meet.
"""

from __future__ import annotations

from typing import Final

HARD: Final = ";"
"""Ends a clause: ；。 and line ends."""
COMMA: Final = ","
ENUM: Final = "、"
COLON: Final = ":"
OPEN: Final = "("
CLOSE: Final = ")"
SPACE: Final = " "
GAP: Final = "…"
"""In a rule's value: up to a dozen characters between two parts of a phrase. Never in a text."""

_MARKS: Final = {
    HARD: "；。｡;!！?？|\n\r\u2028\u2029\u0085",
    COMMA: "，,﹐､",
    ENUM: "、/﹑＼\\",
    COLON: "：:﹕",
    OPEN: "（(【[〔{〖",
    CLOSE: "）)】]〕}〗",
    "": "“”‘’「」『』\"'《》〈〉·•*#`^~\u200b\u200c\u200d\ufeff\u00ad",
    SPACE: " \t\v\f\u00a0\u3000…",
    "-": "-—–―‐_",
}
_FOLD: Final = {mark: folded for folded, marks in _MARKS.items() for mark in marks}


DISCLAIMERS: Final = ("除依法", "依法须", "法律、", "除销售", "除许可", "不含", "不得")
"""Beginnings of brackets that deny or reserve what they name: （除依法须经批准的项目外，…）.

Folding empties such a bracket where it holds nothing but Chinese characters and ，；、。; other
denials are left to the reading.
"""


def fold(char: str) -> str:
    """The folded form of one character: one character, or none where it is dropped.

    ``fold("Ａ")`` gives ``"a"``, ``fold("；")`` gives ``";"``, a quotation mark gives ``""``.
    """
    if "！" <= char <= "～":
        char = chr(ord(char) - 0xFEE0)
    if char in _FOLD:
        return _FOLD[char]
    if char < " " or char == "\x7f":
        return SPACE
    return char.lower() if "A" <= char <= "Z" else char


def is_letter(char: str) -> bool:
    """A Latin letter of folded text."""
    return "a" <= char <= "z"


def is_digit(char: str) -> bool:
    """A digit of folded text."""
    return "0" <= char <= "9"


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """Folded text, and for each of its characters the place in ``text`` it came from.

    A space stays only between two Latin letters or digits, where it parts words.
    """
    kept: list[str] = []
    places: list[int] = []
    space, skip = False, 0
    for place, char in enumerate(text):
        if place < skip:
            continue
        if char == "（":
            skip = _end_of_disclaimer(text, place + 1)
        folded = fold(char)
        if folded == SPACE:
            space = True
        elif folded:
            if space and kept and _in_word(kept[-1]) and _in_word(folded):
                kept.append(SPACE)
                places.append(place)
            kept.append(folded)
            places.append(place)
            space = False
    return "".join(kept), places


def _end_of_disclaimer(text: str, place: int) -> int:
    """Place of the bracket that closes a disclaimer, ``place`` itself where there is none."""
    if text.startswith(DISCLAIMERS, place):
        for end in range(place, len(text)):
            if text[end] == "）":
                return end
            if not ("\u4000" <= text[end] <= "\u9fff" or text[end] in "，；、。"):
                break
    return place


def folded(text: str) -> str:
    """Folded text alone."""
    return folded_with_places(text)[0]


def splits_word(text: str, place: int) -> bool:
    """Whether a cut before ``place`` would part a Latin word or a number."""
    if not 0 < place < len(text):
        return False
    left, right = text[place - 1], text[place]
    return (is_letter(left) and is_letter(right)) or (is_digit(left) and is_digit(right))


def _in_word(char: str) -> bool:
    return is_letter(char) or is_digit(char)
