"""The same slide as a page in headless Chromium, driven by Playwright, with the same fonts."""

import base64
import shutil
from collections.abc import Callable
from functools import cache

from carousels.design.document import Document
from carousels.design.fonts import load_fonts

HTML = """<!doctype html><meta charset=utf-8><style>
@font-face {{ font-family: face; src: url("data:font/ttf;base64,{font}"); font-weight: 100 900 }}
* {{ margin: 0; box-sizing: border-box }}
body {{ width: 1080px; height: 1350px; font-family: face; color: {ink}; position: relative;
  background: linear-gradient(#0000 30%, {scrim}B8 62%), url("data:image/jpeg;base64,{art}") }}
header, footer {{ position: absolute; left: 84px; right: 84px; display: flex; justify-content: space-between;
  font-size: 26px; font-weight: 650 }}
header {{ top: 76px }} footer {{ bottom: 76px }}
main {{ position: absolute; left: 84px; right: 84px; bottom: 170px }}
b {{ display: block; font-size: 190px; line-height: 1; color: {accent} }}
h1 {{ font-size: 104px; line-height: 1.08; letter-spacing: -.03em; text-wrap: balance; margin: 46px 0 30px }}
em {{ font-style: normal; color: {accent} }}
p {{ font-size: 45px; line-height: 1.42; color: {muted} }}
</style><header><span>{handle}</span><span>2 / 3</span></header>
<main><b>{index}</b><h1>{title}</h1><p>{caption}</p></main>
<footer><span>● ○ ○</span><span>{swipe} →</span></footer>
"""

_open = []


def open_browser() -> Callable[[Document, bytes], bytes]:
    """Start Chromium once; every slide is a new page content and a screenshot."""
    from playwright.sync_api import sync_playwright  # only this engine needs it

    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
    )
    tab = browser.new_page(viewport={"width": 1080, "height": 1350})
    _open.extend([browser, playwright])

    def draw(document: Document, picture: bytes) -> bytes:
        tab.set_content(_fill(document, picture), wait_until="load")
        return tab.screenshot(type="png")

    return draw


def close_browser() -> None:
    browser, playwright = _open
    browser.close()
    playwright.stop()


def _fill(document: Document, picture: bytes) -> str:
    slide, colors = document.slide(2), document.look.colors
    before, emphasis, after = slide.title.split("*")
    return HTML.format(
        font=_font(document.look.type.display),
        art=base64.b64encode(picture).decode(),
        ink=colors.ink,
        muted=colors.muted,
        accent=colors.accent,
        scrim=colors.scrim,
        handle=document.brand.handle,
        index=slide.index,
        title=f"{before}<em>{emphasis}</em>{after}",
        caption=slide.caption,
        swipe=document.words.swipe,
    )


@cache
def _font(family: str) -> str:
    path = next(font.path for font in load_fonts().fonts() if font.family == family)
    with open(path, "rb") as file:
        return base64.b64encode(file.read()).decode()
