"""The words for each network: within its limit as it counts, whole where a reader would look."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from carousels.design.export.posts import (
    NETWORKS,
    count_for_threads,
    count_for_x,
    count_utf16,
    find_hashtags,
    write_posts,
)

TAGS = ("#PricingMistakes", "#pricing", "#mistakes", "#freelancers", "#money", "#studio")
CAPTION = """\
5 pricing mistakes freelancers make
Nobody avoids them all. Spotting yours is half the fix.

Inside this carousel:
• Copying someone else’s answer
• Waiting until it hurts
• Doing it once and never looking back
• Confusing busy with better

Which one speaks to you most? Save it for later."""

FAMILY, FLAG, KEY = "👩\u200d👩\u200d👧\u200d👦", "🇫🇷", "1\ufe0f\u20e3"
LINK = "https://northlight.studio/pricing?utm_source=x&utm_campaign=launch#plans"

HEAVY = {
    "links": f"See {LINK}, it says more. " * 150,
    "links without a space": f"{LINK}," * 200,
    "bare addresses": "Read northlight.studio/a/very/long/address/of/a/page today. " * 300,
    "emoji": FAMILY * 9_000,
    "flags": FLAG * 5_000,
    "keys": KEY * 5_000,
    "hearts": "❤️\u200d🔥☝🏽 " * 2_000,
    "japanese": "価格は約束です。" * 2_000,
    "thai": "ราคาคือคำมั่นสัญญา" * 1_500,
    "hindi": "कीमत एक वादा है। " * 1_500,
    "arabic": "السعر وعد، فاحفظه. " * 1_500,
    "one word": "a" * 70_000,
    "one hashtag": "#" + "a" * 70_000,
    "hashtags in a text": "I like #tea and " * 1_500,
    "combining marks": "e" + "\u0301" * 70_000,
    "line breaks": "a\n\n" * 30_000,
    "signs": "@#!" * 7_000,
}


@pytest.mark.parametrize("caption", HEAVY.values(), ids=HEAVY)
def test_heavy_caption_is_within_every_limit_in_bounded_time(caption):
    started = time.process_time()

    posts = write_posts(caption, TAGS)

    assert time.process_time() - started < 5
    assert list(posts) == ["instagram", "linkedin", "x", "facebook", "threads", "tiktok"]
    for name, post in posts.items():
        assert (post.length, post.limit) == (NETWORKS[name].count(post.text), NETWORKS[name].limit)
        assert 0 < post.length <= post.limit


PIECES = [*"aé漢ש .!?:/#@\n-", LINK, "a.co", "#tea", FAMILY, FLAG, KEY, "🏽", "\u200d", "क्ष"]


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map(lambda pieces: "".join(pieces) * 9),
    st.lists(st.text(max_size=30), max_size=4),
)
def test_any_caption_is_within_every_limit(caption, hashtags):
    for name, post in write_posts(caption, hashtags).items():
        assert NETWORKS[name].count(post.text) == post.length <= post.limit
        assert len(find_hashtags(post.text)) <= 30


def test_short_caption_stands_as_written_before_its_hashtags():
    text = "Price is a promise.\nKeep it."

    posts = write_posts(text, TAGS)

    first_five = "#PricingMistakes #pricing #mistakes #freelancers #money"
    assert {name: post.text for name, post in posts.items()} == {
        "instagram": f"{text}\n\n{first_five}",
        "linkedin": f"{text}\n\n{first_five}",
        "x": f"{text}\n\n#PricingMistakes #pricing",
        "facebook": f"{text}\n\n#PricingMistakes #pricing #mistakes",
        "threads": f"{text}\n\n#PricingMistakes",
        "tiktok": f"{text}\n\n{first_five}",
    }
    assert {post.shortened for post in posts.values()} == {False}


def test_hashtags_that_end_the_caption_are_not_said_twice():
    posts = write_posts("Price is a promise.\n\n#Pricing #extra\n#more", ("#pricing", "#money"))

    assert posts["instagram"].text == "Price is a promise.\n\n#pricing #money #extra #more"


def test_hashtag_inside_the_text_counts_and_is_not_repeated():
    posts = write_posts("We love #Pricing and #tea here.", ("#pricing", "#money"))

    assert posts["x"].text == "We love #Pricing and #tea here."
    assert posts["linkedin"].text == "We love #Pricing and #tea here.\n\n#money"


def test_hashtags_beyond_the_networks_limit_stay_as_words():
    posts = write_posts(" ".join(["Tags:", *(f"#t{number}" for number in range(40)), "end"]), ())

    assert find_hashtags(posts["instagram"].text) == [f"#t{number}" for number in range(30)]
    assert posts["instagram"].text.endswith("#t29 t30 t31 t32 t33 t34 t35 t36 t37 t38 t39 end")


@pytest.mark.parametrize(
    ("given", "set_as"),
    [
        ("pricing", "#pricing"),
        ("##two words!", "#twowords"),
        ("#Café_24", "#Café_24"),
        ("#हिन्दी", "#हिन्दी"),
        ("#リモートワーク", "#リモートワーク"),
        ("#2026", ""),
        ("#🔥", ""),
        ("#" + "x" * 101, ""),
        ("</b>\u202e", "#b"),
    ],
)
def test_hashtag_is_set_as_networks_take_it(given, set_as):
    assert write_posts("", (given,))["instagram"].text == set_as


def test_long_caption_gives_up_its_middle_and_keeps_the_call_to_act():
    post = write_posts(CAPTION, TAGS)["x"]

    assert post.shortened
    assert post.text == (
        "5 pricing mistakes freelancers make\nNobody avoids them all. Spotting yours is half the fix.\n\n"
        "Which one speaks to you most? Save it for later.\n\n#PricingMistakes #pricing"
    )


def test_text_gives_up_hashtags_before_words():
    body = "a " * 127 + "b"  # 255 of 280

    posts = write_posts(body, TAGS)

    assert (posts["x"].text, posts["x"].shortened) == (f"{body}\n\n#PricingMistakes", False)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Price is a promise, e.g. this one. ", "Price is a promise, e.g. this one."),
        ("価格は約束です。", "価格は約束です。"),
        ("कीमत एक वादा है। ", "कीमत एक वादा है।"),
        ("Is it worth it?! ", "Is it worth it?!"),
    ],
)
def test_text_is_cut_after_a_sentence(sentence, words):
    post = write_posts(sentence * 60, ("#pricing",))["x"]

    assert post.shortened
    body, hashtags = post.text.split("\n\n")
    assert (body[-len(words) :], hashtags) == (words, "#pricing")


def test_text_without_a_sentence_is_cut_after_a_word():
    post = write_posts("promise, " * 60, ("#pricing",))["x"]

    assert post.text == ", ".join(["promise"] * 29) + "…\n\n#pricing"


@pytest.mark.parametrize(
    ("piece", "limit_left"),
    [(FAMILY, 2), (FLAG, 2), (KEY, 2), ("👍🏽", 2), ("क्ष", 3), (f" {LINK}", 24), (" #pricingmistakes", 17)],
)
def test_nothing_whole_is_cut_in_two(piece, limit_left):
    caption = "x" + piece * 200

    post = write_posts(caption, ())["x"]

    assert post.text.endswith("…")
    kept = post.text.removesuffix("…").removeprefix("x")
    assert kept == piece * (len(kept) // len(piece))
    assert post.limit - post.length < limit_left + 2


def test_clusters_of_a_cut_text_are_clusters_of_the_whole():
    caption = "नमस्ते दुनिया 👩🏽\u200d💻 ก็ดี é " * 60

    for post in write_posts(caption, ()).values():
        clusters = list(iter_graphemes(post.text.removesuffix("…")))
        assert clusters == list(iter_graphemes(" ".join(caption.split())))[: len(clusters)]


def test_caption_of_nothing_gives_posts_of_nothing():
    posts = write_posts(" \n\t", ())

    assert {(post.text, post.length, post.shortened) for post in posts.values()} == {("", 0, False)}


def test_control_and_bidi_characters_do_not_leave_the_house():
    posts = write_posts("a\x00b\u202ec\r\nd\u2028e\n\n\n\n\nf", ())

    assert posts["linkedin"].text == "abc\nd\ne\n\nf"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Hello, world", 12),
        ("Übergrößenträger – “ok”…", 25),
        ("日本語", 6),
        ("한국어", 6),
        ("नमस्ते", 6),
        (FAMILY, 2),
        (f"{FLAG}{FLAG}", 4),
        (KEY, 2),
        ("👍🏽", 2),
        ("❤️", 2),
        ("✅", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ("😀" + "\u0301" * 3, 5),
        (LINK, 23),
        ("http://a.co", 23),
        (f"({LINK}).", 26),
        ("詳細はhttps://a.co/xをご覧", 6 + 23 + 6),
        ("a.co", 23),
        ("northlight.studio/a/very/long/address", 37),
        ("me@northlight.studio", 20),
        ("https://localhost/x", 19),
    ],
)
def test_x_counts_by_weight(text, length):
    assert count_for_x(text) == length


@pytest.mark.parametrize(
    ("text", "length"), [("Hello", 5), ("日本", 2), ("👍", 4), ("👍🏽", 8), (f"a{FLAG}", 9)]
)
def test_threads_counts_an_emoji_by_its_bytes(text, length):
    assert count_for_threads(text) == length


@pytest.mark.parametrize(("text", "length"), [("Hello", 5), ("日本", 2), ("👍", 2), ("👍🏽", 4)])
def test_others_count_utf16(text, length):
    assert count_utf16(text) == length


def test_hashtags_are_found_and_the_rest_of_addresses_is_not():
    assert find_hashtags(f"#one, C# a#b {LINK} (#two) #हिन्दी。#三。") == ["#one", "#two", "#हिन्दी", "#三"]
