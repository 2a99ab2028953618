"""The main job as an app sees it: real processes, HTTP only."""

import io
import urllib.request

import pypdfium2
import pytest
from PIL import Image

pytestmark = pytest.mark.journey

SLIDES = 4
SIZES = {"1:1": (1080, 1080), "4:5": (1080, 1350), "9:16": (1080, 1920)}


@pytest.mark.parametrize("ratio", SIZES)
def test_prompt_becomes_a_finished_carousel(running, ratio):
    key = running.user(f"creator-{ratio.replace(':', 'x')}@example.com")
    brief = {"prompt": "5 pricing mistakes freelancers make", "imageCount": SLIDES, "aspectRatio": ratio}

    code, accepted = running.call("/api/carousel/generate", key, brief)
    status = running.wait_for_end(accepted["data"]["jobId"], key)

    assert (code, status["status"], status["error"]) == (200, "completed", None)
    pictures = [Image.open(io.BytesIO(_fetch(slide["imageUrl"]))) for slide in status["result"]["slides"]]
    assert [picture.size for picture in pictures] == [SIZES[ratio]] * SLIDES
    assert [picture.format for picture in pictures] == ["PNG"] * SLIDES
    pdf = pypdfium2.PdfDocument(_fetch(status["result"]["pdfUrl"]))
    assert len(pdf) == SLIDES
    assert "pricing" in pdf[0].get_textpage().get_text_range()
    assert running.call("/api/user", key)[1]["data"]["credits"] == 9


def test_job_inserted_by_sql_is_worked_off(running):
    key = running.user("sql@example.com")
    accepted = running.call(
        "/api/carousel/generate", key, {"prompt": "How to plan a quiet week", "imageCount": 2}
    )[1]
    running.wait_for_end(accepted["data"]["jobId"], key)

    [(job_id,)] = running.sql(
        "INSERT INTO generation_jobs (carousel_id, user_id, payload) SELECT id, user_id, "
        """'{"prompt": "test", "imageCount": 3, "styles": ["photo"], "aspectRatio": "1:1"}'::jsonb """
        "FROM carousels WHERE id = %s RETURNING id",
        accepted["data"]["carouselId"],
    )

    assert running.wait_for_end(str(job_id), key)["status"] == "completed"


def _fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as response:
        return response.read()
