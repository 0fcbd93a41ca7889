"""Pictures of made-up goods: outlines per category, paint, and photographs as sellers would take them."""

from encoders.training.drawing.paint import Look, paint
from encoders.training.drawing.photograph import CameraStyle, photograph

__all__ = ["CameraStyle", "Look", "paint", "photograph"]
