"""The encoder of a whole bundle, made of one part for each way of looking at a listing."""

from encoders.fusion.encoder import FusedEncoder
from encoders.fusion.parts import Parts

__all__ = ["FusedEncoder", "Parts"]
