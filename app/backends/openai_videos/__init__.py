"""The ``/v1/videos`` dialect: its historical cloud shape, vLLM-Omni, SGLang and LiteLLM."""

from app.backends.openai_videos.adapter import OpenAIVideosBackend

__all__ = ["OpenAIVideosBackend"]
