"""Photos and titles as other sellers would have taken and written them, so that training sees more than there is.

Everything is decided by a seed, so that the same one gives the same in any thread and any order.
"""

from encoders.training.augmentation.photos import PhotoAugmentation
from encoders.training.augmentation.settings import PhotoSettings, TitleSettings
from encoders.training.augmentation.titles import TitleAugmentation

__all__ = ["PhotoAugmentation", "PhotoSettings", "TitleAugmentation", "TitleSettings"]
