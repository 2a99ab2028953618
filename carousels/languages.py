"""Which language a text is in, and the small words of a slide's frame in that language.

Pure functions over tables: no model, no dictionary. What slides *say* is a provider's business;
here stands only what the frame around it says (swipe, save, ...).
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

DEFAULT_LANGUAGE = "en"
_READ_AT_MOST = 2_000  # characters: enough to tell, and a bound on the time


@dataclass(frozen=True)
class Words:
    """The frame's words: `of` stands between page numbers, `button` is a call to action's default.

    `do` and `avoid` head the two sides of a comparison.
    """

    swipe: str
    page: str
    of: str
    follow: str
    save: str
    share: str
    button: str
    do: str
    avoid: str


WORDS = {
    "en": Words("Swipe", "Page", "of", "Follow", "Save", "Share", "Follow for more", "Do this", "Not that"),
    "de": Words(
        "Wischen", "Seite", "von", "Folgen", "Speichern", "Teilen", "Folgen für mehr", "So", "So nicht"
    ),
    "fr": Words(
        "Glissez",
        "Page",
        "sur",
        "Suivre",
        "Enregistrer",
        "Partager",
        "Suivez pour la suite",
        "À faire",
        "À éviter",
    ),
    "es": Words(
        "Desliza",
        "Página",
        "de",
        "Seguir",
        "Guardar",
        "Compartir",
        "Síguenos para más",
        "Haz esto",
        "Evita esto",
    ),
    "pt": Words(
        "Deslize",
        "Página",
        "de",
        "Seguir",
        "Salvar",
        "Compartilhar",
        "Siga para ver mais",
        "Faça isto",
        "Evite isto",
    ),
    "it": Words(
        "Scorri",
        "Pagina",
        "di",
        "Segui",
        "Salva",
        "Condividi",
        "Segui per altri spunti",
        "Da fare",
        "Da evitare",
    ),
    "nl": Words(
        "Swipe", "Pagina", "van", "Volgen", "Bewaren", "Delen", "Volg voor meer", "Wel doen", "Niet doen"
    ),
    "ar": Words("اسحب", "صفحة", "من", "متابعة", "حفظ", "مشاركة", "تابعنا للمزيد", "افعل هذا", "تجنّب هذا"),
    "he": Words("החליקו", "עמוד", "מתוך", "מעקב", "שמירה", "שיתוף", "עקבו לעוד", "כן", "לא"),
    "fa": Words(
        "ورق بزنید",
        "صفحه",
        "از",
        "دنبال کردن",
        "ذخیره",
        "هم‌رسانی",
        "ما را دنبال کنید",
        "انجام دهید",
        "پرهیز کنید",
    ),
    "hi": Words(
        "स्वाइप करें", "पेज", "में से", "फ़ॉलो करें", "सेव करें", "शेयर करें", "और के लिए फ़ॉलो करें", "यह करें", "यह न करें"
    ),
    "ja": Words(
        "スワイプ", "ページ", "/", "フォロー", "保存", "シェア", "フォローする", "こうする", "これは避ける"
    ),
    "zh": Words("滑动", "第", "/", "关注", "收藏", "分享", "关注我们", "这样做", "别这样"),
    "ko": Words("넘겨보기", "페이지", "/", "팔로우", "저장", "공유", "팔로우하기", "이렇게", "이건 피하기"),
    "th": Words("ปัดต่อ", "หน้า", "จาก", "ติดตาม", "บันทึก", "แชร์", "กดติดตาม", "ควรทำ", "ไม่ควรทำ"),
    "ru": Words(
        "Листайте", "Страница", "из", "Подписаться", "Сохранить", "Поделиться", "Подписаться", "Так", "Не так"
    ),
    "tr": Words("Kaydır", "Sayfa", "/", "Takip et", "Kaydet", "Paylaş", "Takipte kalın", "Yapın", "Yapmayın"),
    "el": Words(
        "Σύρετε",
        "Σελίδα",
        "από",
        "Ακολουθήστε",
        "Αποθήκευση",
        "Κοινοποίηση",
        "Ακολουθήστε για περισσότερα",
        "Έτσι",
        "Όχι έτσι",
    ),
    "vi": Words(
        "Vuốt", "Trang", "/", "Theo dõi", "Lưu", "Chia sẻ", "Theo dõi để xem thêm", "Nên", "Không nên"
    ),
    "pl": Words(
        "Przesuń", "Strona", "z", "Obserwuj", "Zapisz", "Udostępnij", "Obserwuj po więcej", "Tak", "Nie tak"
    ),
}

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he"})
UNSPACED = frozenset({"ja", "th", "zh"})  # scripts that write no spaces between words

# First matching range names the script; "han" and "kana" are told apart below.
_SCRIPTS = (
    ("latin", 0x0041, 0x024F),
    ("latin", 0x1E00, 0x1EFF),
    ("el", 0x0370, 0x03FF),
    ("ru", 0x0400, 0x052F),
    ("he", 0x0590, 0x05FF),
    ("ar", 0x0600, 0x06FF),
    ("ar", 0x0750, 0x077F),
    ("hi", 0x0900, 0x097F),
    ("th", 0x0E00, 0x0E7F),
    ("ko", 0x1100, 0x11FF),
    ("kana", 0x3041, 0x30FF),
    ("han", 0x3400, 0x9FFF),
    ("ko", 0xAC00, 0xD7AF),
    ("han", 0x20000, 0x2FFFF),
)
_DENSE = frozenset({"han", "kana", "ko"})  # one character says about as much as two or three letters

_STOP_WORDS = {
    "en": "the and of to in for on with your you is are how what why that this from about my our it not "
    "when be make every should do a an by at who",
    "de": "der die das und für mit von zu im ist sind wie was warum ein eine einen über nicht den dem des "
    "auf bei beim zum zur ohne dein deine ihr ihre sich man wenn fehler tipps gründe auch mehr "
    "besser unser unsere",
    "fr": "le la les des du et pour avec dans sur une est sont comment pourquoi votre vos ton tes mon ma "
    "mes que qui au aux ne pas plus sans erreurs conseils astuces raisons notre nos cette ces ce "
    "faire étapes mieux très un à crée en se ou",
    "es": "el la los las y para con en por del una es son cómo como qué que tu tus su sus mi mis al no "
    "más sin errores consejos razones pasos hábitos nuestro nuestra este esta cada cuando hacer "
    "mejor muy un crea sobre empezar correr dormir aprender ahorrar elegir escribir vivir",
    "pt": "o os as e para com em por do da dos das uma é são como que seu sua seus suas meu minha ao não "
    "mais sem erros dicas razões motivos passos hábitos nosso nossa este esta cada quando fazer "
    "você um no na melhor crie sobre começar correr dormir aprender economizar escolher escrever viver",
    "it": "il lo gli le e per con in di del della dei delle una è sono come perché che tuo tua tuoi suo "
    "mio al non più senza errori consigli motivi passi abitudini nostro nostra questo ogni quando "
    "fare un nel meglio molto la sul sulla da dal alla ai iniziare cominciare correre dormire "
    "imparare risparmiare scegliere scrivere vivere",
    "nl": "de het een en voor met van in op is zijn hoe wat waarom je jouw uw niet die dat naar bij om te "
    "meer zonder fouten tips redenen stappen gewoonten onze ons deze elke als maken",
    "tr": "ve bir için ile nasıl neden bu şu daha çok en gibi ne değil olan yapılan hata ipucu adım her "
    "kadar sonra önce hatalar ipuçları",
    "pl": "i w na z do dla jak co nie się to jest są po od że o twój twoje który które błędów błędy "
    "wskazówek kroków powodów oraz czy przez",
}
_STOP_SETS = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}
_TELLING_LETTERS = {
    "de": "ßäöü",
    "fr": "èêëçœîûàâ",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "it": "òì",
    "tr": "ğışİ",
    "pl": "łąęśżźćń",
}
_TELLING_ENDINGS = {
    "es": re.compile(r"\w{3,}(?:ismo|ción|ciones|idad|idades)"),
    "pt": re.compile(r"\w{3,}(?:ismo|ção|ções|idade|idades)"),
    "it": re.compile(r"\w{3,}(?:ismo|zione|zioni|ità)"),
}
_ADDRESS = re.compile(r"\S+://\S+|www\.\S+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")  # "e-mail" holds no Italian "e"


def detect(text: str) -> str:
    """The language a text is in, as a BCP 47 primary tag; English when nothing tells."""
    text = _ADDRESS.sub(" ", text[:_READ_AT_MOST])
    scripts = _count_scripts(text)
    if not scripts:
        return DEFAULT_LANGUAGE

    # A brand's name in Latin letters must not make a Japanese or Arabic sentence English.
    foreign = Counter({name: count for name, count in scripts.items() if name != "latin"})
    if sum(foreign.values()) * 3 < scripts["latin"]:
        return _detect_latin(text)

    return _name_language(foreign, text)


@cache
def words(language: str) -> Words:
    """The frame's words in `language` ("pt" or "pt-BR"); English for a language we do not know."""
    return WORDS.get(language.split("-")[0].lower(), WORDS[DEFAULT_LANGUAGE])


def _count_scripts(text: str) -> Counter:
    scripts: Counter = Counter()
    for character, count in Counter(text).items():
        if not character.isalpha():
            continue
        code = ord(character)
        name = next((name for name, first, last in _SCRIPTS if first <= code <= last), None)
        if name:
            scripts[name] += count * (2 if name in _DENSE else 1)
    return scripts


def _name_language(scripts: Counter, text: str) -> str:
    script = scripts.most_common(1)[0][0]
    if script in {"han", "kana"}:
        # Japanese always carries kana between its characters; Chinese never does.
        return "ja" if scripts["kana"] * 10 >= scripts["han"] else "zh"
    if script == "ar" and re.search("[پچژگکی]", text):
        return "fa"
    if script == "ru" and re.search("[іїєґІЇЄҐ]", text):
        return "uk"
    return script


def _detect_latin(text: str) -> str:
    lowered = text.lower()
    found = Counter(_WORD.findall(lowered))
    scores = {
        language: sum(found[word] for word in found.keys() & known) for language, known in _STOP_SETS.items()
    }
    for language, letters in _TELLING_LETTERS.items():
        # Letters weigh less than words do: "café" and "über" live in English sentences too.
        scores[language] += min(1.5, 0.75 * sum(letter in text or letter in lowered for letter in letters))

    for language, ending in _TELLING_ENDINGS.items():
        scores[language] += min(1.5, 0.75 * sum(bool(ending.fullmatch(word)) for word in found))

    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] > max(scores[DEFAULT_LANGUAGE], 0.7) else DEFAULT_LANGUAGE
