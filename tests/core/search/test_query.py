import sqlite3
from contextlib import closing

import pytest

from convo.search.query import Query, composed, indexable
from convo.sqlite.full_text import query_of

TEXT = "Branching, re-branched: the BRANCH of a café in Straße 9 (create_branch_from_turn)."


def said(query: str, text: str) -> list[str]:
    text = composed(text)
    return [text[start:end] for start, end in Query(query).spans(text)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("branch", ["Branching", "branched", "BRANCH", "branch"]),
        ('"branch"', ["BRANCH", "branch"]),
        ("BRANCH caf", ["Branching", "branched", "BRANCH", "café", "branch"]),
        ("BRANCH coffee", []),
        ("cafe", ["café"]),
        ("BRANCH CAFÉ", ["Branching", "branched", "BRANCH", "café", "branch"]),
        ("cafe\u0301", ["café"]),
        ("strasse 9", ["Straße", "9"]),
        ('"branch of"', ["BRANCH of"]),
        ('"branch of', ["BRANCH of"]),
        ('"of branch"', []),
        ("re-branch", ["re-branched"]),
        ("create_branch", ["create_branch"]),
        ('"the branch" branch', ["Branching", "branched", "the BRANCH", "branch"]),
        ("anch", []),
    ],
)
def test_where_a_text_says_a_query(query: str, expected: list[str]) -> None:
    assert said(query, TEXT) == expected


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("天気", "今日の天気は晴れ", ["天気"]),
        ("気天", "今日の天気は晴れ", []),
        ("서울", "서울에서 만나요", ["서울"]),
        ("โลก", "สวัสดีชาวโลก", ["โลก"]),
        ("привет", "ПРИВЕТЫ", ["ПРИВЕТЫ"]),
        ("naïve", "nai\u0308ve \ud83d", ["naïve"]),
        ("naive", "na\u00efve", ["naïve"]),
        ("NAÏVE", "naive", ["naive"]),
        ("viet", "Việt Nam", ["Việt"]),
        ("ελλαδα", "Ελλάδα", ["Ελλάδα"]),
        ("и", "й", []),
        ("か", "が", []),
        ("a", "a\0b", ["a"]),
    ],
)
def test_words_of_every_script(query: str, text: str, expected: list[str]) -> None:
    assert said(query, text) == expected


@pytest.mark.parametrize("query", ["", " ", '""', '"', "?!", "_", "\ud83d", "👋"])
def test_a_query_without_a_word_looks_for_nothing(query: str) -> None:
    assert not Query(query)


@pytest.mark.parametrize(
    "text",
    [TEXT, "今日の天気は晴れ", "nai\u0308ve\0x_y \ud83d", "İstanbul “quoted” ½—x", 'say "AND"'],
)
def test_the_index_takes_a_text_apart_as_we_do(text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5 (text, tokenize = 'ascii')")
        connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab (t, 'row')")
        connection.execute("INSERT INTO t VALUES (?)", (indexable(text),))
        words = {word for (word,) in connection.execute("SELECT term FROM v")}
        assert words == {word for term in Query(text).terms for word in term.words}
        query = query_of(Query(text).terms)
        assert connection.execute(
            "SELECT count(*) FROM t WHERE t MATCH ?", (query,)
        ).fetchone() == (1,)


def test_quick_looks_never_miss() -> None:
    for query in ("BRANCH CAFÉ", "strasse", '"branch of"', "create_branch"):
        assert Query(query).may_match(composed(TEXT))
    assert not Query("strassen").may_match(TEXT)
