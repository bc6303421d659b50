"""Text models: one OpenAI-style chat client, vendors as rows, answers held to a pydantic model."""

from app.backends.chat.client import ChatModel, Outcome, Question
from app.backends.chat.registry import TextModels

__all__ = ["ChatModel", "Outcome", "Question", "TextModels"]
