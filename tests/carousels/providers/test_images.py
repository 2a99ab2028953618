"""Pictures by a real model's API: what is asked, and what of the answer is taken."""

import base64
import io

import pytest
from PIL import Image

from carousels.providers import picture_prompt
from carousels.providers.base import ProviderError, Remedy
from tests.carousels.providers import vendors, wire
from tests.carousels.providers.fake_vendor import IMAGE, FakeVendor, Reply
from tests.carousels.providers.vendors import REQUEST

NAMES = ("openai", "gemini")
SIZES = {"1:1": (1080, 1080), "4:5": (1080, 1350), "9:16": (1080, 1920)}
ASKED = {"1:1": "1088x1088", "4:5": "1088x1360", "9:16": "1152x2048"}


def picture_of(name: str, data: bytes):
    """A body with these bytes in the place of the picture."""
    encoded = base64.b64encode(data).decode()
    if name == "openai":
        return lambda call: wire.images(call.body, b64_json=encoded)
    part = {"inlineData": {"mimeType": "image/png", "data": encoded}}
    return lambda call: wire.content([part], "gemini-nano-banana-2.1")


def prompt_of(call) -> str:
    return call.body.get("prompt") or call.body["contents"][0]["parts"][0]["text"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ratio", SIZES)
def test_picture_has_exactly_the_slides_size(vendor, name, ratio):
    picture, usage = vendors.images(vendor.url)[name].paint(vendors.request(aspect_ratio=ratio))

    opened = Image.open(io.BytesIO(picture.data))
    assert (opened.format, opened.mode, opened.size) == ("JPEG", "RGB", SIZES[ratio])
    assert (picture.media_type, picture.is_photo) == ("image/jpeg", True)
    assert usage.request_id
    assert vendor.count(IMAGE) == 1


@pytest.mark.parametrize("ratio", SIZES)
@pytest.mark.parametrize(("quality", "asked"), [("standard", "medium"), ("hd", "high")])
def test_openai_is_asked_for_size_and_quality(vendor, ratio, quality, asked):
    request = vendors.request(aspect_ratio=ratio, quality=quality)
    vendors.images(vendor.url)["openai"].paint(request, end_user="abc")

    body = vendor.calls[0].body
    assert body.pop("prompt") == picture_prompt.write_prompt(request)
    assert body == {
        "model": "gpt-image-2.5-flare",
        "size": ASKED[ratio],
        "quality": asked,
        "n": 1,
        "output_format": "jpeg",
        "output_compression": 90,
        "moderation": "auto",
        "safety_identifier": "abc",
    }


def test_first_generation_paints_in_its_own_sizes(vendor):
    provider = vendors.images(vendor.url, image_model="gpt-image-1-mini")["openai"]
    picture, _ = provider.paint(REQUEST)

    assert vendor.calls[0].body["size"] == "1024x1536"
    assert Image.open(io.BytesIO(picture.data)).size == SIZES["4:5"]


def test_other_models_are_asked_for_bytes_instead_of_an_address(vendor):
    vendors.images(vendor.url, image_model="flux")["openai"].paint(REQUEST, end_user="abc")

    asked = {name: value for name, value in vendor.calls[0].body.items() if name != "prompt"}
    assert asked == {
        "model": "flux",
        "size": "1088x1360",
        "quality": "medium",
        "n": 1,
        "response_format": "b64_json",
    }


@pytest.mark.parametrize("ratio", SIZES)
@pytest.mark.parametrize(
    ("quality", "size"), [("standard", {}), ("hd", {"imageSize": "2K"})], ids=["standard", "hd"]
)
def test_gemini_is_asked_for_ratio_and_size(vendor, ratio, quality, size):
    request = vendors.request(aspect_ratio=ratio, quality=quality)
    vendors.images(vendor.url)["gemini"].paint(request)

    call = vendor.calls[0]
    assert call.path == "/v1beta/models/gemini-nano-banana-2.1:generateContent"
    assert call.body == {
        "contents": [{"parts": [{"text": picture_prompt.write_prompt(request)}], "role": "user"}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": ratio} | size,
        },
    }


# --- one world -----------------------------------------------------------------------------------------


def test_pictures_of_a_carousel_share_their_anchor_word_for_word():
    requests = [vendors.request(number=number, prompt=f"Scene {number}") for number in (1, 2, 3)]
    prompts = [picture_prompt.write_prompt(request) for request in requests]

    assert len({picture_prompt.anchor(request) for request in requests}) == 1
    assert all(prompt.startswith(picture_prompt.anchor(REQUEST)) for prompt in prompts)
    assert [f"Scene {number}" in prompt for number, prompt in enumerate(prompts, 1)] == [True, True, True]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"style": "watercolor, minimal"}, "watercolo"),
        ({"style": "my own brushwork"}, "my own brushwork"),
        ({"style": ""}, "natural-light editorial photograph"),
        ({"palette": "noir"}, "#15130F"),
        ({"colors": ("#1F8A5B",)}, "#1F8A5B"),
        ({"aspect_ratio": "9:16"}, "tall 9:16"),
    ],
)
def test_style_look_and_brand_reach_the_model(changes, told):
    assert told in picture_prompt.write_prompt(vendors.request(**changes))
    assert "no letters" in picture_prompt.write_prompt(vendors.request(**changes)).replace("no text: ", "")


def test_prompt_of_a_redraw_is_cut_at_what_models_take():
    assert len(picture_prompt.write_prompt(vendors.request(prompt="a" * 50_000))) < 6_000


# --- what is taken -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoding", ["PNG", "WEBP", "JPEG"])
def test_bytes_decide_what_a_picture_is(vendor, name, encoding):
    vendor.script(picture_of(name, wire.picture("1200x1500", encoding)))
    picture, _ = vendors.images(vendor.url)[name].paint(REQUEST)

    opened = Image.open(io.BytesIO(picture.data))
    assert (opened.format, opened.size) == ("JPEG", SIZES["4:5"])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_pixels_is_taken(vendor, name):
    exif = Image.Exif()
    exif[0x010E] = "vendor-prose"
    vendor.script(
        picture_of(name, wire.picture("1088x1360", "JPEG", exif=exif.tobytes(), comment=b"vendor-prose"))
    )
    picture, _ = vendors.images(vendor.url)[name].paint(REQUEST)

    assert b"vendor-prose" not in picture.data
    assert dict(Image.open(io.BytesIO(picture.data)).getexif()) == {}


HOSTILE = {
    "nothing": b"",
    "a page": b"<html>vendor-prose</html>",
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='http://127.0.0.1/'/></svg>",
    "a film": b"GIF89a" + bytes(100),
    "half a picture": wire.picture("1088x1360")[:4_000],
    "too many pixels": wire.picture("8000x6000", "PNG"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_bytes_that_are_no_picture_are_an_unusable_answer_that_was_paid_for(vendor, name, data):
    vendor.script(picture_of(name, data))
    with pytest.raises(ProviderError) as caught:
        vendors.images(vendor.url)[name].paint(REQUEST)

    error = caught.value
    assert (error.code, error.remedy) == ("INVALID_ANSWER", Remedy.RETRY_NOW)
    assert error.usage.cost_usd > 0
    assert "vendor-prose" not in str(error)


def test_address_in_an_answer_is_not_followed(vendor):
    with FakeVendor() as elsewhere:
        vendor.script(lambda call: wire.images(call.body, url=f"{elsewhere.url}/picture.png"))
        with pytest.raises(ProviderError, match="picture: none in it"):
            vendors.images(vendor.url)["openai"].paint(REQUEST)

        assert elsewhere.calls == []


def test_base64_that_is_none_is_no_picture(vendor):
    vendor.script(lambda call: wire.images(call.body, b64_json="!!! vendor-prose"))
    with pytest.raises(ProviderError, match="INVALID_ANSWER"):
        vendors.images(vendor.url)["openai"].paint(REQUEST)


def test_prompt_as_the_vendor_revised_it_is_kept(vendor):
    encoded = base64.b64encode(wire.picture("1088x1360")).decode()
    vendor.script(lambda call: wire.images(call.body, b64_json=encoded, revised_prompt="Two hands."))

    assert vendors.images(vendor.url)["openai"].paint(REQUEST)[0].revised_prompt == "Two hands."


def test_prompt_as_revised_loses_what_no_database_takes(vendor):
    encoded, revised = base64.b64encode(wire.picture("1088x1360")).decode(), "A\0 red \ud83dbicycle"
    vendor.script(lambda call: wire.images(call.body, b64_json=encoded, revised_prompt=revised))

    assert vendors.images(vendor.url)["openai"].paint(REQUEST)[0].revised_prompt == "A red bicycle"


def test_thought_of_a_picture_is_not_the_picture(vendor):
    thought = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thought": True}
    data = base64.b64encode(wire.picture("928x1152")).decode()
    parts = [thought, {"text": "Here it is"}, {"inlineData": {"mimeType": "image/jpeg", "data": data}}]
    vendor.script(Reply(body=wire.content(parts, "gemini-nano-banana-2.1")))

    picture, _ = vendors.images(vendor.url)["gemini"].paint(REQUEST)
    assert Image.open(io.BytesIO(picture.data)).size == SIZES["4:5"]
