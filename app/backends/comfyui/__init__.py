"""ComfyUI's native server: workflows as files, run on machines of one's own."""

from app.backends.comfyui.adapter import ComfyUIBackend

__all__ = ["ComfyUIBackend"]
