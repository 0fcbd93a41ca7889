"""Image rows, by any torchvision classification backbone."""

from encoders.image.backbone import Weights, kept_weights, published_spec
from encoders.image.encoder import ImageEncoder
from encoders.image.weights import published_weights, read_weights

__all__ = ["ImageEncoder", "Weights", "kept_weights", "published_spec", "published_weights", "read_weights"]
