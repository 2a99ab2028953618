"""What the templates are told, and the measures they give back."""

from dataclasses import replace

import pytest
from PIL import Image

from carousels.design.brand import Brand
from carousels.design.document import SIZES
from carousels.design.engine import measure
from carousels.design.layout import describe, list_families, list_files, list_words, read_region
from carousels.design.press import TypesettingFailed, open_press
from tests.carousels.design.decks import LANGUAGES, WORDS, encode, make_document, make_slide, open_image


def make_logo(color: str, size: tuple[int, int] = (400, 100)) -> bytes:
    """A coloured bar on nothing."""
    logo = Image.new("RGBA", size, (0, 0, 0, 0))
    logo.paste(color, (0, 0, size[0], size[1] // 2))
    return encode(logo, "PNG")


def describe_first(document):
    return describe(document, document.slides[:1], [None])


def open_first(document):
    """The first slide's measures and its picture."""
    with open_press(describe_first(document)) as press:
        return press.measure()[0], open_image(press.draw()[0])


@pytest.mark.parametrize("ratio", SIZES)
def test_boxes_hold_the_words_and_nothing_else(ratio):
    slide = make_slide("stat", stat="77", title="more saves")
    document = make_document(
        replace(slide, caption=""), make_slide("cta", 2), theme="topo", aspect_ratio=ratio
    )

    layout, picture = open_first(document)

    erased = picture.copy()
    for left, top, width, height in (fit.box for fit in layout.fits):
        erased.paste((0, 0, 0, 0), tuple(map(round, (left - 4, top - 4, left + width + 4, top + height + 4))))
        assert picture.crop(tuple(map(round, (left, top, left + width, top + height)))).getbbox() is not None
    safe = 180 if ratio != "9:16" else 360  # out of header and footer
    assert erased.crop((0, safe, 1080, picture.height - safe)).getbbox() is None


def test_boxes_of_several_slides_stay_with_their_slide():
    document = make_document(make_slide("cover"), make_slide("list", 2), make_slide("quote", 3))

    with open_press(describe(document, document.slides, [None] * 3)) as press:
        together = press.measure()
    alone = []
    for slide in document.slides:
        with open_press(describe(document, [slide], [None])) as press:
            alone += press.measure()

    assert together == alone
    assert [len(layout.fits) for layout in together] == [2, 4, 1]


def test_first_words_stand_at_the_top_that_is_told():
    layout, _ = open_first(make_document(make_slide("point"), make_slide("cta", 2), theme="cutout"))

    title = layout.fits[0]

    # The accent bar over a title outside the count is 12 px high, and 46 px stand between.
    assert title.box[1] == pytest.approx(layout.top + 12 + 46, abs=0.2)


def test_cut_small_print_is_told_with_what_is_left():
    handle = "@" + "northlight" * 7

    layout, _ = open_first(make_document(brand=Brand(name="Northlight", handle=handle)))

    [cut] = layout.cuts
    assert cut.before == handle
    assert (handle.startswith(cut.after[:-1]), cut.after[-1]) == (True, "…")


def test_a_query_that_fails_is_a_fault_of_ours():
    description = describe_first(make_document())
    broken = replace(description, data={**description.data, "slides": [{}]})

    with open_press(broken) as press, pytest.raises(TypesettingFailed):
        press.measure()


def test_brand_pictures_are_files_under_our_names():
    logo, avatar = make_logo("#B8461F"), encode(Image.new("RGB", (64, 64)), "PNG")

    assert list_files(make_document(brand=Brand(logo=logo, avatar=avatar))) == {
        "logo.png": logo,
        "avatar.png": avatar,
    }
    assert list_files(make_document()) == {}


@pytest.mark.parametrize(
    ("panel", "color", "has_chip"),
    [("bare", "#111111", True), ("bare", "#FFFFFF", False), ("card", "#111111", True)],
)
def test_logo_gets_the_ground_it_needs(panel, color, has_chip):
    document = make_document(theme="aurora", brand=Brand(logo=make_logo(color)))

    [slide] = describe(document, document.slides[:1], [None], [panel]).data["slides"]

    assert slide["logo"]["file"] == "logo.png"
    assert bool(slide["logo"]["ground"]) == has_chip


def test_logo_takes_the_monograms_place_and_keeps_its_shape():
    brand = Brand(name="Northlight", handle="@n", logo=make_logo("#B8461F"))

    _, picture = open_first(make_document(brand=brand, theme="cutout"))

    logo = picture.crop((84, 60, 420, 140))
    columns = [x for x in range(logo.width) if logo.getpixel((x, 30)) == (0xB8, 0x46, 0x1F, 255)]
    assert len(columns) == pytest.approx(4 * 52, abs=3)


def test_avatar_is_round():
    avatar = encode(Image.new("RGB", (64, 64), "#B8461F"), "PNG")

    _, picture = open_first(make_document(brand=Brand(handle="@n", avatar=avatar), theme="topo"))

    tile = picture.crop((84, 76, 136, 128))
    assert (tile.getpixel((26, 26))[3], tile.getpixel((1, 1))[3], tile.getpixel((50, 50))[3]) == (255, 0, 0)


@pytest.mark.parametrize(
    ("language", "family"),
    [
        ("ja", "Noto Sans CJK JP"),
        ("ko-KR", "Noto Sans CJK KR"),
        ("zh", "Noto Sans CJK SC"),
        ("zh-Hans-SG", "Noto Sans CJK SC"),
        ("zh-Hant", "Noto Sans CJK TC"),
        ("zh_TW", "Noto Sans CJK TC"),
        ("zh-HK", "Noto Sans CJK HK"),
        ("zh-Hant-HK", "Noto Sans CJK HK"),
        ("en", "Noto Sans CJK SC"),
    ],
)
def test_han_letters_are_those_of_the_language(language, family):
    families = list_families(make_document(language=language))

    assert [name for name in families if "CJK" in name] == [family]


@pytest.mark.parametrize(
    ("language", "region"), [("pt-BR", "BR"), ("zh_tw", "TW"), ("zh-Hant-HK", "HK"), ("en", None)]
)
def test_region_is_read_from_the_tag(language, region):
    assert read_region(language) == region


def test_listed_words_are_the_ones_that_are_set():
    slide = make_slide("cover", title='Say "yes"', caption="don't")

    words = list_words(make_document(slide, make_slide("cta", 2), watermark="Made here"), slide)

    assert words.splitlines()[:3] == ["@northlight.studio", "N", "Made here"]
    assert {"Say “yes”", "don’t", "Swipe"} <= set(words.splitlines())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fits_whole(language):
    title, caption = LANGUAGES[language]
    slides = (
        make_slide("comparison", title=title, items=(title, caption), against=(caption,)),
        make_slide("steps", 2, title=title, items=(caption,) * 4),
        make_slide("point", 3, title=title, caption=caption, index=2),
    )
    words = replace(WORDS, do=title[:8], avoid=caption[:8])
    document = make_document(*slides, language=language, words=words, aspect_ratio="4:5")

    with open_press(describe(document, document.slides, [None] * 3)) as press:
        layouts = press.measure()

    assert [(layout.overflow <= 0.1, layout.is_clipped) for layout in layouts] == [(True, False)] * 3


@pytest.mark.parametrize(
    ("language", "theme", "faces"),
    [
        ("en", "editorial", ("Instrument Serif", "Newsreader 16pt")),
        ("vi", "editorial", ("Newsreader 16pt", "Newsreader 16pt")),
        ("el", "cutout", ("Inter", "Inter")),
        ("el", "aurora", ("Noto Sans", "Noto Sans")),
    ],
)
def test_words_are_in_faces_that_write_the_language_whole(language, theme, faces):
    families = list_families(make_document(language=language, theme=theme))

    assert families[:2] == faces


@pytest.mark.parametrize("language", ["el", "ja", "zh"])
def test_accents_do_not_come_from_an_east_asian_face(language):
    families = list_families(make_document(language=language))

    assert families.index("Noto Sans") < next(
        place for place, family in enumerate(families) if "CJK" in family
    )


@pytest.mark.parametrize(("kind", "clear"), [("cover", 92), ("cta", 152), ("quote", 0)])
def test_what_stands_on_its_own_ground_asks_for_no_scrim(kind, clear):
    document = make_document(make_slide(kind), make_slide("cta", 2), theme="aurora", aspect_ratio="4:5")

    assert measure(document)[0].clear == clear
