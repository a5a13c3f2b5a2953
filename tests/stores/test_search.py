"""Words of any script are found from one character on, and parts of words too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.stores import sqlite
from mukiau.stores.search import SearchIndex, match_expression


def index_of(*texts: str) -> SearchIndex:
    connection = sqlite._library.connect(":memory:")
    connection.execute(
        'CREATE VIRTUAL TABLE fingerprint_search USING fts5 (grams, tokenize = "unicode61 remove_diacritics 0")'
    )
    index = SearchIndex(connection)
    for number, text in enumerate(texts, 1):
        index.put(number, text)
    return index


@pytest.mark.parametrize(
    "query",
    ["決済", "失敗", "済に", "敗", "カード", "ード決", "NullPointer", "nullpo", "pointerexc", "NP", "n", "決済 Null",
     "Payment-Gateway", "ゲートウェイ", "ｎｕｌｌ", "E1042", "注文番号"],
)  # fmt: skip
def test_a_part_of_the_text_is_found(query: str) -> None:
    index = index_of("カード決済に失敗しました NullPointerException: NP payment-gateway E1042 ゲートウェイ", "注文番号")

    assert index.find(query) == ([2] if query == "注文番号" else [1])


@pytest.mark.parametrize(
    "query", ["決済敗", "済決", "pointernull", "NullX", "E1043", "", "  ", "!?", '"', "a AND", "*"]
)
def test_nothing_else_is_found(query: str) -> None:
    assert index_of("カード決済に失敗しました NullPointerExceptionE1042").find(query) == []


def test_an_issue_is_found_by_its_present_text_only() -> None:
    index = index_of("決済に失敗")

    index.put(1, "在庫がない")

    assert (index.find("決済"), index.find("在庫")) == ([], [1])


@given(st.text(alphabet="ab決済カé9 -_.", min_size=1, max_size=12), st.data())
def test_every_piece_of_a_word_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    piece = text[start : data.draw(st.integers(start + 1, len(text)))]

    found = index_of(text).find(piece)

    assert found == ([1] if match_expression(piece) else [])


@given(st.text(max_size=40))
def test_any_query_is_harmless(query: str) -> None:
    index_of("決済 abc").find(query)
