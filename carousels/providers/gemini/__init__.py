"""Google's Gemini: texts and pictures by one call, `generateContent`.

By `google-genai`; Google ended its older `google-generativeai`. How it is called and what its failures
mean stands in `calls.py`; which models, in the configuration.
"""

from carousels.providers.gemini.images import GeminiImages
from carousels.providers.gemini.text import GeminiText

__all__ = ["GeminiImages", "GeminiText"]
