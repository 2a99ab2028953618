"""Text as it reaches the templates: safe, breakable, and otherwise untouched."""

import unicodedata

import pytest

from carousels.design.text.hygiene import MARKS_LIMIT, Run, clean, soften, split_runs


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("cafe\u0301", "café"),
        ("a\x00b\x1bc", "abc"),
        ("safe\u202etxt.exe\u202c", "safetxt.exe"),
        ("\u2067isolated\u2069", "isolated"),
        ("two\nlines\tand   gaps ", "two lines and gaps"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("bom\ufeff replacement\ufffd", "bom replacement"),
        ("👩🏽‍💻 🇫🇷 1️⃣", "👩🏽‍💻 🇫🇷 1️⃣"),
        ("क्षत्रिय ครั้ง", "क्षत्रिय ครั้ง"),
    ],
)
def test_clean_keeps_what_can_be_set(given, cleaned):
    assert clean(given) == cleaned


@pytest.mark.parametrize("filler", ["", "\u200d"])
def test_clean_caps_combining_marks(filler):
    piled = "z" + (filler + "\u0316") * 5000

    cleaned = clean(piled)

    assert sum(unicodedata.combining(character) > 0 for character in cleaned) == MARKS_LIMIT


def test_clean_ends_over_long_text_with_an_ellipsis():
    assert clean("abcdef", limit=4) == "abc…"
    assert clean("abcd", limit=4) == "abcd"


@pytest.mark.parametrize(
    ("text", "shortened"),
    [
        ("one two three", "one two…"),
        ("one two, three", "one two…"),
        ("one two th ree", "one two th…"),
        ("b" * 40, "bbbbbbbbbb…"),
    ],
)
def test_clean_shortens_at_a_word_where_one_ends_near(text, shortened):
    assert clean(text, limit=11) == shortened


def test_soften_gives_a_long_word_soft_hyphens():
    softened = soften("Donaudampfschifffahrtsgesellschaft")

    assert softened.split("\u00ad") == ["Donaudampf", "schiff", "fahrts", "gesell", "schaft"]


def test_soften_keeps_a_word_that_a_title_can_hold():
    assert soften("Geschwindigkeitsbegrenzung") == "Geschwindigkeitsbegrenzung"


def test_emphasis_cannot_hide_an_unbreakable_run():
    runs = split_runs("*a" * 200, language="en")

    assert max(map(len, "".join(run.text for run in runs).split("\u200b"))) <= 12


def test_soften_gives_an_address_silent_breaks():
    address = "https://example.com/a/very/long/path"

    softened = soften(address)

    assert softened.split("\u200b") == ["https://", "example.", "com/", "a/very/", "long/", "path"]


def test_soften_never_parts_a_cluster():
    family = "👩🏽‍💻"

    softened = soften(family * 12)

    assert softened.replace("\u200b", "") == family * 12
    assert all(piece and len(piece) % len(family) == 0 for piece in softened.split("\u200b"))


@pytest.mark.parametrize(
    "text", ["short words only", "很长的中文句子不需要任何帮助因为它到处都可以换行对不对呀", ""]
)
def test_soften_leaves_breakable_text_alone(text):
    assert soften(text) == text


@pytest.mark.parametrize("text", ["Say *one thing* tomorrow", "Say **one thing** tomorrow"])
def test_emphasis_becomes_a_run(text):
    assert split_runs(text, language="en") == (
        Run("Say "),
        Run("one thing", emphasis=True, whole=True),
        Run(" tomorrow"),
    )


@pytest.mark.parametrize("text", ["5 * 3 * 2", "**", "a * b", "*", "* list item"])
def test_stars_that_mark_nothing_stay(text):
    assert split_runs(text, language="en") == (Run(text),)


@pytest.mark.parametrize(
    ("text", "wholes"),
    [
        ("The thumb-stop checklist works", ["thumb-stop"]),
        ("Write one e-mail, then rest tomorrow", ["e-mail,"]),
        ("Open 24/7 and from 5–10 tomorrow", ["24/7", "5–10"]),
        ("An acquisition-costs problem", []),
        ("Dash - alone - stays", []),
    ],
)
def test_short_compounds_stay_whole(text, wholes):
    runs = split_runs(text, language="en")

    assert [run.text for run in runs if run.whole] == wholes
    assert "".join(run.text for run in runs).replace("\u00a0", " ") == text


def test_korean_breaks_between_words_only():
    runs = split_runs("기억에 남는 브랜드", language="ko-KR")

    assert [run.text for run in runs if run.whole] == ["기억에", "남는", "브랜드"]


def test_emphasis_after_a_prefix_may_break():
    runs = split_runs("ש*אנשים*", language="he")

    assert runs == (Run("ש"), Run("אנשים", emphasis=True))


@pytest.mark.parametrize(
    ("language", "text", "phrases"),
    [
        ("ja", "記憶に残るブランド", ["記憶に", "残る", "ブランド"]),
        ("en", "one phrase", ["one phrase"]),
    ],
)
def test_phrases_follow_the_language(language, text, phrases):
    assert [run.text for run in split_runs(text, language=language)] == phrases


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh", "让人记住的品牌"), ("zh-Hant", "讓人記住的品牌"), ("th", "นิสัยของแบรนด์ที่ผู้คนจดจำ")],
)
def test_phrases_lose_nothing(language, text):
    runs = split_runs(text, language=language)

    assert "".join(run.text for run in runs) == text
    assert len(runs) > 1


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("让人记住的品牌都有的五个习惯", ["让人记住的", "品牌", "都有的", "五个习惯"]),
        ("在规划下个月的内容之前，", ["在规划", "下个月的", "内容", "之前，"]),
        ("先学会这几招。🔥", ["先学会", "这几招。🔥"]),
    ],
)
def test_chinese_particles_and_single_signs_keep_company(text, phrases):
    assert [run.text for run in split_runs(text, language="zh")] == phrases
