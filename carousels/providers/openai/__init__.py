"""OpenAI, and every server that speaks its protocol: texts, pictures, moderation.

One official SDK behind it, without its retries. How it is called and what its failures mean stands in
`calls.py`; which models and servers, in the configuration.
"""

from carousels.providers.openai.images import OpenAIImages
from carousels.providers.openai.moderation import OpenAIModeration
from carousels.providers.openai.text import OpenAIText

__all__ = ["OpenAIImages", "OpenAIModeration", "OpenAIText"]
