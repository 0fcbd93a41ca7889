"""Losses over embeddings of a batch, and the heads that training puts on an encoder and throws away.

Each takes rows of any floating type on any device and computes in float32 at least, under autocast too.
"""

from encoders.training.losses.contrastive import supervised_contrastive
from encoders.training.losses.heads import ArcFaceHead, ArcFaceSettings, ClassHead, SoftmaxHead
from encoders.training.losses.margins import additive_angular, arcface, class_margins, warmed_up
from encoders.training.losses.views import UnifiedSettings, View, consistency, locality, matching, unified

__all__ = [
    "ArcFaceHead",
    "ArcFaceSettings",
    "ClassHead",
    "SoftmaxHead",
    "UnifiedSettings",
    "View",
    "additive_angular",
    "arcface",
    "class_margins",
    "consistency",
    "locality",
    "matching",
    "supervised_contrastive",
    "unified",
    "warmed_up",
]
