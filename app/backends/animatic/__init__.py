"""The animatic backend: a drawn, moving previsualisation of any shot, made on this machine without a model."""

from app.backends.animatic.backend import AnimaticBackend

__all__ = ["AnimaticBackend"]
