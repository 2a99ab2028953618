"""Below and behind the slides: post, hashtags, image prompts, alt texts, themes, art."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from carousels.design.themes import THEMES
from carousels.providers import offline
from carousels.providers.base import ImageRequest, Usage
from carousels.providers.offline import FREE, OfflineArt
from carousels.providers.offline.text import plain
from tests.carousels.providers.briefs import promised, write

STYLES = json.loads((Path(offline.__file__).parent / "styles.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("prompt", "tags"),
    [
        (
            "5 pricing mistakes freelancers make",
            "#PricingMistakes #Freelancers #Pricing #SmallBusiness #LessonsLearned",
        ),
        ("5 tips for better sleep", "#BetterSleep #Wellbeing #HealthyHabits #PracticalTips"),
        ("test", "#Test #Ideas #Inspiration"),
        ("5 Fehler bei der Preisgestaltung", "#Preisgestaltung #Selbstständigkeit #AusFehlernLernen"),
        ("在家冲出好咖啡", "#在家冲出好咖啡 #做饭 #家常菜"),
        ("家で美味しいコーヒーを淹れるコツ", "#コーヒー #おうちごはん #料理 #コツ"),
        ("Start slow, run long", "#Ideas #Inspiration #FoodForThought"),
        ("五个定价错误", "#定价错误 #定价 #自由职业 #避坑"),
    ],
)
def test_hashtags_name_the_topic_then_its_field(prompt, tags):
    assert write(prompt).hashtags == tuple(tags.split())


@pytest.mark.parametrize("prompt", ["L'art d'apprendre l'espagnol", "It's what you don't know", "a_b-c d’e"])
def test_a_hashtag_is_letters_and_digits(prompt):
    for tag in write(prompt).hashtags:
        assert tag.startswith("#")
        assert tag[1:].replace("_", "").isalnum()


def test_the_post_says_what_is_inside():
    strategy = write("5 pricing mistakes freelancers make")
    lines = strategy.final_caption.splitlines()

    assert lines[0] == "5 pricing mistakes freelancers make"
    assert [line[2:] for line in lines if line.startswith("• ")] == promised(strategy)
    assert lines[-1] == " ".join(strategy.hashtags)


def test_an_address_in_the_prompt_goes_into_the_post():
    strategy = write("Our café opens on Friday, see https://cafe.example/menu.")

    assert "https://cafe.example/menu" in strategy.final_caption.splitlines()
    assert strategy.title == "Our café opens on Friday, see"


def test_the_strategy_is_named_without_marks():
    assert write("5 pricing mistakes freelancers make").title == "5 pricing mistakes freelancers make"


def test_an_image_prompt_names_subject_and_style_and_wants_no_text():
    strategy = write("5 pricing mistakes freelancers make", styles=("watercolor", "misty blue"))

    for slide in strategy.slides:
        assert slide.image_prompt.startswith("Pricing mistakes")
        assert "watercolor" in slide.image_prompt
        assert "misty blue" in slide.image_prompt
        assert "No text" in slide.image_prompt


def test_an_image_prompt_is_set_where_its_topic_lives():
    slides = write("tips for small apartments").slides

    assert [
        slide.number for slide in slides if "in a small, light-filled home" not in slide.image_prompt
    ] == []
    assert slides[-1].image_prompt.startswith("Small apartments. Scene: ")


def test_image_prompts_of_a_deck_differ():
    prompts = [slide.image_prompt for slide in write("5 pricing mistakes freelancers make", 10).slides]

    assert len(set(prompts)) == len(prompts)


def test_an_alt_text_says_the_slide_and_names_the_picture():
    slide = write("5 pricing mistakes freelancers make", styles=("paper",)).slides[1]

    assert slide.alt_text == (
        f"Slide 2 of 7: {plain(slide.title)}. {slide.caption} "
        "Around the words, rounded cut-paper shapes in warm colours."
    )


def test_an_image_prompt_has_no_mark_twice():
    deck = write(
        "Which one will you drop first?", styles=("bright, airy.",), key_points=("Really?", "This one")
    )
    prompts = [slide.image_prompt for slide in deck.slides]

    assert prompts[0].startswith("Which one will you drop first? Scene: ")
    assert [prompt for prompt in prompts if "?." in prompt or ".." in prompt] == []


def test_an_alt_text_without_spaces_has_none_behind_its_full_stops():
    assert [slide.number for slide in write("五个定价错误").slides if "。 " in slide.alt_text] == []


@pytest.mark.parametrize(
    ("styles", "theme"),
    [
        (("Dark mode",), "aurora"),
        (("Hand-drawn illustration",), "cutout"),
        (("unheard", "Warm"), "cutout"),
        (("photo", "minimal"), "editorial"),
        (("pop art",), "halftone"),
    ],
)
def test_a_style_chooses_the_theme(styles, theme):
    assert write("Morning routines", styles=styles).visual_theme == theme


@pytest.mark.parametrize("styles", [("写真",), ("photo",), ("unheard of",)])
def test_a_style_without_a_look_leaves_the_choice_to_the_topic(styles):
    suiting = {entry["theme"] for entry in STYLES["families"]["productivity"]}

    assert write("Morning routines", styles=styles).visual_theme in suiting


def test_every_look_on_the_table_exists():
    looks = [
        *STYLES["styles"].values(),
        *(look for table in ("tones", "families") for looks in STYLES[table].values() for look in looks),
        *STYLES["any"],
    ]
    named = [(look["theme"], look.get("palette", "")) for look in looks if look["theme"]]

    assert {theme for theme, _ in named} == set(THEMES)
    assert [(t, palette) for t, palette in named if palette and palette not in THEMES[t].palettes] == []


@pytest.mark.parametrize(
    ("ratio", "size"), [("1:1", (1080, 1080)), ("4:5", (1080, 1350)), ("9:16", (1080, 1920))]
)
def test_art_is_drawn_in_the_ratio_asked_for(ratio, size):
    request = ImageRequest("a quiet picture", "photo", "cutout", ratio, "seed", number=1, total=3)

    picture, usage = OfflineArt().paint(request)

    assert Image.open(BytesIO(picture.data)).size == size
    assert picture.media_type == "image/jpeg"
    assert usage == Usage("offline", "offline-art-1", FREE)
