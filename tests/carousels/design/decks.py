"""Dull decks for the design tests: each kind of slide, several languages, art to lay them on."""

from io import BytesIO

from PIL import Image

from carousels.design.art import paint
from carousels.design.brand import Brand
from carousels.design.document import Document, Slide, Words
from carousels.design.engine import Page, compose_pdf, compose_slide
from carousels.design.preflight import Verdict, inspect

WORDS = Words(swipe="Swipe", follow="Follow", save="Save", share="Share")

SLIDES = {
    "cover": {
        "kicker": "BRAND PLAYBOOK",
        "title": "5 habits of brands people *actually* remember",
        "caption": "Steal these before you plan next month’s content.",
    },
    "point": {
        "title": "Say one thing *per post*",
        "caption": "If a reader can’t repeat your point after one swipe, it was two points.",
    },
    "list": {
        "title": "The *thumb-stop* checklist",
        "items": (
            "A promise in the first seven words",
            "One idea, one image, one colour that is yours",
            "Type you can read at arm’s length",
        ),
    },
    "stat": {
        "stat": "77%",
        "title": "more saves for carousels that *end with a checklist*",
        "caption": "Median of 212 posts we published in the first half of 2026.",
    },
    "quote": {
        "title": "Consistency is *sounding like yourself* every time.",
        "author": "Maya Okafor",
        "role": "Founder, Northlight Studio",
    },
    "comparison": {
        "title": "Price the *outcome*, not the hours",
        "items": ("One price for the result", "Scope written down first", "A deposit before the start"),
        "against": ("An hourly rate", "Scope agreed on the phone"),
    },
    "steps": {
        "title": "From brief to *invoice*",
        "items": (
            "Ask what the result is worth",
            "Write the scope",
            "Name one price",
            "Send it the same day",
        ),
    },
    "cta": {
        "title": "Make your *next post* the one they keep",
        "caption": "New playbook every Tuesday.",
        "button": "Follow for more",
    },
}

LANGUAGES = {
    "ar": ("خمس عادات للعلامات التي *يتذكرها* الناس", "طبّقها قبل أن تخطط لمحتوى الشهر القادم 🚀 (2026)."),
    "he": ("חמישה הרגלים של מותגים ש*אנשים זוכרים*", "קחו אותם לפני שאתם מתכננים את החודש הבא."),
    "ja": (
        "記憶に残るブランドが続けている*5つの習慣*",
        "来月のコンテンツを計画する前に、ぜひ試してみてください。",
    ),
    "zh": ("让人记住的品牌都有的*五个习惯*", "在规划下个月的内容之前，先学会这几招。🔥"),
    "hi": ("याद रहने वाले ब्रांड की *पाँच आदतें*", "अगले महीने की योजना बनाने से पहले इन्हें अपनाइए।"),
    "th": ("5 นิสัยของแบรนด์ที่ผู้คน*จดจำได้จริง*", "นำไปใช้ก่อนวางแผนคอนเทนต์เดือนหน้า"),
    "de": ("Mixed عربي 中文 हिन्दी 👩🏽‍💻🇫🇷 1️⃣ *Straßenbahnhaltestelle*", "Emoji ✅ 🔥 ☕ und „Anführung“"),
}


def make_slide(kind: str, number: int = 1, **changes: object) -> Slide:
    return Slide(**{"number": number, "kind": kind, **SLIDES[kind], **changes})


def make_document(*slides: Slide, **changes: object) -> Document:
    """A document of these slides (or a cover and a call), renumbered as they stand."""
    chosen = slides or (make_slide("cover"), make_slide("cta", 2))
    fields = {
        "title": "5 habits",
        "language": "en",
        "theme": "cutout",
        "aspect_ratio": "1:1",
        "brand": Brand(name="Northlight", handle="@northlight.studio"),
        "words": WORDS,
        "slides": chosen,
    }
    return Document(**{**fields, **changes})


def paint_for(document: Document, number: int) -> bytes:
    return paint(
        look=document.look,
        seed_text=document.title,
        number=number,
        total=len(document.slides),
        aspect_ratio=document.aspect_ratio,
    )


def compose(document: Document) -> tuple[list[Page], bytes]:
    """Every page on its own art, and the PDF."""
    numbers = range(1, len(document.slides) + 1)
    pages = [compose_slide(document, number, paint_for(document, number)) for number in numbers]
    return pages, compose_pdf(document, [page.background for page in pages])


def judge(document: Document) -> Verdict:
    pages, pdf = compose(document)
    return inspect(document, pages, pdf)


def open_image(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def encode(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    encoded = BytesIO()
    image.save(encoded, form, **options)
    return encoded.getvalue()
