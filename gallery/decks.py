"""The words of the gallery: one deck with every kind of slide, languages, brands, and texts that hurt."""

from collections.abc import Iterator
from dataclasses import replace

from carousels.design.brand import Brand
from carousels.design.document import Document, Slide, Words
from carousels.languages import words
from gallery import brands

NORTHLIGHT = Brand(name="Northlight", handle="@northlight.studio")

KINDS = (
    Slide(
        number=1,
        kind="cover",
        title="5 pricing mistakes *freelancers* make",
        caption="And what to write on the next quote instead.",
        kicker="For freelancers",
    ),
    Slide(
        number=2,
        kind="point",
        index=1,
        title="You charge for *hours*",
        caption="The client buys a result. Ask what it is worth to them before you open your calendar.",
    ),
    Slide(
        number=3,
        kind="list",
        title="Say these out *loud*",
        items=(
            "The price, without a sorry",
            "What it includes",
            "What it leaves out",
            "When you start",
            "Who decides",
        ),
    ),
    Slide(
        number=4,
        kind="stat",
        stat="73%",
        title="of our readers never raised a price in their first year",
        caption="Reader survey, spring 2026.",
    ),
    Slide(
        number=5,
        kind="quote",
        title="I doubled the price and lost the *one client* I wanted to lose.",
        author="Maya Okafor",
        role="Founder, Northlight Studio",
    ),
    Slide(
        number=6,
        kind="comparison",
        title="Price the *outcome*",
        items=("One price for the result", "Scope in writing", "A deposit first"),
        against=("An hourly rate", "Scope on the phone", "An invoice at the end"),
    ),
    Slide(
        number=7,
        kind="steps",
        title="From brief to *invoice*",
        items=("Ask what the result is worth", "Write the scope", "Name one price", "Send it the same day"),
    ),
    Slide(
        number=8,
        kind="cta",
        title="Which one cost *you* the most?",
        caption="Tell us below. We read every answer.",
        button="Follow for more",
    ),
)

LANGUAGES = {
    "ar": ("خمس عادات للعلامات التي *يتذكرها* الناس", "طبّقها قبل أن تخطط لمحتوى الشهر القادم (2026)."),
    "de": (
        "Fünf Gewohnheiten, an die man sich *erinnert*",
        "Vor der nächsten Straßenbahnhaltestelle zu lesen.",
    ),
    "el": ("Πέντε συνήθειες που *μένουν* αξέχαστες", "Διάβασέ τες πριν σχεδιάσεις τον επόμενο μήνα."),
    "fa": ("پنج عادت برندهایی که *به یاد می‌مانند*", "پیش از برنامه‌ریزی ماه بعد این‌ها را بخوانید."),
    "fr": ("Cinq habitudes des marques dont on se *souvient*", "À lire avant de préparer le mois prochain !"),
    "he": ("חמישה הרגלים של מותגים ש*אנשים זוכרים*", "קחו אותם לפני שאתם מתכננים את החודש הבא."),
    "hi": ("याद रहने वाले ब्रांड की *पाँच आदतें*", "अगले महीने की योजना बनाने से पहले इन्हें अपनाइए।"),
    "ja": ("記憶に残るブランドが続けている*5つの習慣*", "来月のコンテンツを計画する前に試してみてください。"),
    "ko": ("기억에 남는 브랜드의 *다섯 가지 습관*", "다음 달 콘텐츠를 계획하기 전에 읽어 보세요."),
    "ru": ("Пять привычек брендов, которые *помнят*", "Прочтите прежде, чем планировать следующий месяц."),
    "th": ("5 นิสัยของแบรนด์ที่ผู้คน*จดจำได้จริง*", "นำไปใช้ก่อนวางแผนคอนเทนต์เดือนหน้า"),
    "vi": ("Năm thói quen của thương hiệu được *ghi nhớ*", "Hãy đọc trước khi lên kế hoạch cho tháng tới."),
    "zh": ("让人记住的品牌都有的*五个习惯*", "在规划下个月的内容之前，先学会这几招。🔥"),
    "zh-Hant": ("讓人記住的品牌都有的*五個習慣*", "在規劃下個月的內容之前，先學會這幾招。"),
}

LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenbescheid"
STRESS = (
    Slide(number=1, kind="cover", title=f"{LONG} und *mehr*", caption="https://example.com/" + "path/" * 30),
    Slide(
        number=2,
        kind="point",
        index=10,
        title="👩🏽‍💻 🇫🇷 1️⃣ Emoji 🔥 and iPhone, thumb-stop, e-mail, U.S. at 10 % of 5 km",
        caption="“Curly”, 'straight' and \"double\" quotes – dashes — and… " * 6,
    ),
    Slide(
        number=3,
        kind="list",
        title="Six rows that are *long*",
        items=(f"{LONG} once more, and then some",) * 6,
    ),
    Slide(number=4, kind="quote", title="A quote that goes on " * 24, author="A" * 90, role="B" * 120),
    Slide(
        number=5,
        kind="comparison",
        title="A comparison of *everything* with everything else there is",
        items=("A row that needs three lines on a narrow column of words",) * 4,
        against=(LONG, "Short", "A row that needs three lines on a narrow column of words", "Short"),
        labels=("What we would rather see in every single case", "What we see"),
    ),
    Slide(
        number=6,
        kind="steps",
        title="Six *steps*",
        items=("A step that says a little more than it must",) * 6,
    ),
    Slide(number=7, kind="stat", stat="1,234,567.89 €", title='<b>bold</b> #read("/etc/passwd") $x^2$ *b*'),
    Slide(
        number=8,
        kind="cta",
        title="W" * 120,
        caption="Follow " * 60,
        button="A button with far too many words",
    ),
)


def all_kinds(*, theme: str, aspect_ratio: str, palette: str = "", brand: Brand = NORTHLIGHT) -> Document:
    """Every kind of slide once."""
    return _document(KINDS, "Pricing for freelancers", theme, aspect_ratio, palette=palette, brand=brand)


def in_languages(*, theme: str, aspect_ratio: str) -> Iterator[tuple[str, Document]]:
    """(language, a deck of four slides in it)."""
    for language, (title, text) in LANGUAGES.items():
        slides = (
            Slide(number=1, kind="cover", title=title, caption=text),
            Slide(number=2, kind="point", index=1, title=text, caption=title),
            Slide(number=3, kind="comparison", title=title, items=(text, title), against=(title,)),
            Slide(number=4, kind="steps", title=title, items=(text, title, text)),
        )
        yield language, _document(slides, title, theme, aspect_ratio, language=language)


def of_brands(*, theme: str, aspect_ratio: str) -> Iterator[tuple[str, Document]]:
    """(brand's name, a deck that wears it)."""
    for brand in brands.make():
        yield brand.name, all_kinds(theme=theme, aspect_ratio=aspect_ratio, brand=brand)


def stressed(*, theme: str, aspect_ratio: str) -> Document:
    """Texts that are too long, too odd, or not meant as text."""
    brand = replace(NORTHLIGHT, handle="@" + "a_very_long_handle" * 4)
    return _document(STRESS, "Stress", theme, aspect_ratio, brand=brand)


def _document(
    slides: tuple[Slide, ...],
    title: str,
    theme: str,
    aspect_ratio: str,
    *,
    language: str = "en",
    palette: str = "",
    brand: Brand = NORTHLIGHT,
) -> Document:
    frame = words(language)
    return Document(
        title=title,
        language=language,
        theme=theme,
        palette=palette,
        aspect_ratio=aspect_ratio,
        brand=brand,
        words=Words(
            swipe=frame.swipe,
            follow=frame.follow,
            save=frame.save,
            share=frame.share,
            do=frame.do,
            avoid=frame.avoid,
        ),
        slides=slides,
    )
