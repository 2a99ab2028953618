"""The export pack: every file named, hashed and told where it comes from; hostile names made harmless."""

import hashlib
import json
import tomllib
import zipfile
from io import BytesIO
from pathlib import Path, PurePosixPath

import pytest

from carousels.design.document import SIZES
from carousels.design.export.pack import GENERATOR, Origin, name_folder, pack, read_words
from carousels.design.export.posts import NETWORKS
from tests.carousels.design.decks import make_slide, open_image
from tests.carousels.design.packs import DRAWN, PAINTED, make_contents, make_packed

SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype"


def unpack(contents) -> dict[str, bytes]:
    """Path below the folder to bytes."""
    with zipfile.ZipFile(BytesIO(b"".join(pack(contents).stream()))) as opened:
        assert {name.partition("/")[0] for name in opened.namelist()} == {contents.folder}
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def manifest_of(contents) -> dict:
    return json.loads(unpack(contents)["manifest.json"])


def test_pack_has_every_file_under_a_folder_of_its_name():
    files = unpack(make_contents())

    assert list(files) == [
        "alt-texts.txt",
        "captions/facebook.txt",
        "captions/instagram.txt",
        "captions/linkedin.txt",
        "captions/threads.txt",
        "captions/tiktok.txt",
        "captions/x.txt",
        "carousel.pdf",
        "images/01.jpg",
        "images/01.png",
        "images/02.jpg",
        "images/02.png",
        "transcript.txt",
        "manifest.json",
    ]


def test_same_carousel_makes_the_same_pack():
    assert b"".join(pack(make_contents()).stream()) == b"".join(pack(make_contents()).stream())


def test_manifest_knows_every_other_file():
    files = unpack(make_contents())

    manifest = json.loads(files.pop("manifest.json"))

    assert manifest.pop("files") == [
        {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in files.items()
    ]


def test_manifest_tells_what_was_made():
    manifest = manifest_of(make_contents())

    del manifest["files"], manifest["slides"]
    assert manifest == {
        "generator": {"name": "socialsaas", "version": "0.1.0"},
        "revision": "job:7:1",
        "models": "gpt-5 + gpt-image-1",
        "title": "Freelance pricing",
        "language": "en",
        "theme": "cutout",
        "palette": "night",
        "aspectRatio": "4:5",
        "width": 1080,
        "height": 1350,
        "disclosure": "Made with AI: the art of slide 1, by openai gpt-image-1; words were set over it.",
        "preflight": {"passed": True, "faults": []},
    }


def test_manifest_tells_where_each_picture_comes_from():
    slides = manifest_of(make_contents())["slides"]

    assert slides == [
        {
            "number": 1,
            "kind": "cover",
            "png": "images/01.png",
            "jpeg": "images/01.jpg",
            "altText": "A desk & a <lamp>.",
            "picture": {
                "provider": "openai",
                "model": "gpt-image-1",
                "prompt": "a lamp on a desk",
                "isAi": True,
                "isStandIn": False,
                "digitalSourceType": f"{SOURCES}/compositeWithTrainedAlgorithmicMedia",
            },
        },
        {
            "number": 2,
            "kind": "cta",
            "png": "images/02.png",
            "jpeg": "images/02.jpg",
            "altText": "",
            "picture": {
                "provider": "offline",
                "model": "offline-art-1",
                "prompt": "warm shapes",
                "isAi": False,
                "isStandIn": False,
                "digitalSourceType": f"{SOURCES}/algorithmicMedia",
            },
        },
    ]


def test_generator_is_the_version_of_the_project():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]

    assert {"name": project["name"], "version": project["version"]} == GENERATOR


@pytest.mark.parametrize(
    ("origins", "disclosure"),
    [
        ((DRAWN, DRAWN), "No picture in this carousel was made by an AI model: a program drew them."),
        (
            (PAINTED, Origin("google", "imagen-4", "", is_ai=True)),
            "Made with AI: the art of slides 1, 2, by openai gpt-image-1, google imagen-4; "
            "words were set over it.",
        ),
        (
            (PAINTED, Origin("", "", "", is_ai=None)),
            "How the pictures of this carousel were made was not recorded.",
        ),
    ],
)
def test_disclosure_says_who_made_the_pictures(origins, disclosure):
    slides = tuple(
        make_packed(make_slide("point", number), origin) for number, origin in enumerate(origins, 1)
    )

    assert manifest_of(make_contents(slides=slides))["disclosure"] == disclosure


@pytest.mark.parametrize("ratio", SIZES)
def test_pictures_have_the_size_the_manifest_says(ratio):
    slides = tuple(make_packed(make_slide("point", number), ratio=ratio) for number in (1, 2))
    files = unpack(make_contents(aspect_ratio=ratio, slides=slides))

    manifest = json.loads(files["manifest.json"])
    sizes = {open_image(data).size for path, data in files.items() if path.startswith("images/")}

    assert sizes == {(manifest["width"], manifest["height"])}


def test_carousel_of_older_days_has_no_jpegs():
    old = make_packed(make_slide("cover"))
    without = type(old)(slide=old.slide, origin=Origin("", "", "", is_ai=None), png=old.png)

    files = unpack(make_contents(slides=(without,)))

    assert [path for path in files if path.startswith("images/")] == ["images/01.png"]
    [slide] = json.loads(files["manifest.json"])["slides"]
    assert (slide["jpeg"], slide["picture"]["isAi"], slide["picture"]["digitalSourceType"]) == (
        None,
        None,
        None,
    )


def test_texts_of_the_pack():
    files = unpack(make_contents())

    assert files["alt-texts.txt"].decode() == "[1]\nA desk & a <lamp>.\n\n[2]\n\n"
    assert files["captions/x.txt"].decode() == "Price is a promise.\n\n#pricing #money\n"
    assert files["transcript.txt"].decode().startswith("Freelance pricing\n\n[1]\n")


@pytest.mark.parametrize(
    "caption", ["漢字です。" * 3000, "👩🏽\u200d💻" * 3000, "https://northlight.studio/a?b=c " * 900]
)
def test_captions_are_within_their_networks_limits(caption):
    files = unpack(make_contents(caption=caption))

    lengths = {
        name: NETWORKS[name].count(files[f"captions/{name}.txt"].decode().rstrip()) for name in NETWORKS
    }
    assert {name: length for name, length in lengths.items() if length > NETWORKS[name].limit} == {}


@pytest.mark.parametrize(
    ("slide", "words"),
    [
        (
            make_slide("cover", kicker="Playbook", title="Five *habits*", caption="Small ones."),
            ["Playbook", "Five habits", "Small ones."],
        ),
        (
            make_slide("stat", stat="73%", title="of *teams*", caption="Say so."),
            ["73%", "of teams", "Say so."],
        ),
        (
            make_slide("list", title="Pack", caption="", items=("One", "*Two*"), index=None),
            ["Pack", "• One", "• Two"],
        ),
        (
            make_slide("list", title="Pack", caption="", items=("One", "Two"), index=3),
            ["Pack", "3. One", "4. Two"],
        ),
        (make_slide("steps", title="Go", items=("One", "Two")), ["Go", "1. One", "2. Two"]),
        (make_slide("point", title="Ask", caption="Early.", index=3), ["3. Ask", "Early."]),
        (
            make_slide(
                "comparison", title="A", index=4, items=("x",), against=("y", "z"), labels=("Do", "Don’t")
            ),
            ["4. A", "Do", "• x", "Don’t", "• y", "• z"],
        ),
        (
            make_slide("quote", title="Less.", caption="", author="Ada", role="Maker"),
            ["Less.", "Ada, Maker"],
        ),
        (
            make_slide("cta", title="Keep it", caption="Now.", button="Follow"),
            ["Keep it", "Now.", "Follow"],
        ),
        (
            make_slide(
                "cover",
                title="Words",
                caption="",
                kicker="",
                stat="9%",
                items=("No",),
                labels=("A", "B"),
                author="I",
            ),
            ["Words"],
        ),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_words_are_read_in_their_order(slide, words):
    assert read_words(slide) == words


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("Freelance *pricing*: don’t guess!", "freelance-pricing-dont-guess-4x5"),
        ("خمس عادات", "خمس-عادات-4x5"),
        ("हिन्दी में पाँच", "हिन्दी-में-पाँच-4x5"),
        ("記憶に残る、5つの習慣", "記憶に残る-5つの習慣-4x5"),
        ("Café", "café-4x5"),
        ("../../etc/passwd", "etc-passwd-4x5"),
        ('..\\..\\C:\\con|<>?*"', "c-con-4x5"),
        ("\x00\u202egnp.exe\r\nSet-Cookie: a", "gnp-exe-set-cookie-a-4x5"),
        ("🔥🔥🔥", "carousel-4x5"),
        ("", "carousel-4x5"),
        ("\ud800", "carousel-4x5"),
    ],
)
def test_folder_is_named_for_people_and_harmless(title, folder):
    assert name_folder(title, "4:5") == folder


@pytest.mark.parametrize("title", ["word " * 900, "漢" * 900, "e\u0301" * 5000, "क्ष" * 900, "a-" * 900])
def test_endless_title_makes_a_short_name(title):
    assert 20 < len(name_folder(title, "4:5").encode()) <= 94


@pytest.mark.parametrize("title", ["../../x", "\x00", "a/b\\c", "</title>", "\ud800", "‮exe.", "*" * 500])
def test_hostile_title_stays_inside_its_folder(title):
    slides = tuple(make_packed(make_slide("point", n, title=title, alt_text=title), PAINTED) for n in (1, 2))
    contents = make_contents(title=title, caption=title, hashtags=(title,), slides=slides)

    with zipfile.ZipFile(BytesIO(b"".join(pack(contents).stream()))) as opened:
        paths = [PurePosixPath(name) for name in opened.namelist()]

    assert {path.parts[0] for path in paths} == {contents.folder}
    assert not any(
        part in ("..", ".", "") or set(part) & set('\\:*?"<>|') for path in paths for part in path.parts
    )


def test_missing_file_is_noticed_before_the_first_byte():
    def gone():
        raise FileNotFoundError("carousel.pdf")

    with pytest.raises(FileNotFoundError):
        pack(make_contents(pdf=gone))
