"""MiniMax Hailuo, in its two protocols."""

from app.backends.minimax.adapter import MiniMaxBackend

__all__ = ["MiniMaxBackend"]
