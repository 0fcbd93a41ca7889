"""What is learned from: labelled listings, held-out products, batches, and the way from content to inputs."""

from encoders.training.data.contents import Contents, Inputs, Photos, Titles
from encoders.training.data.examples import Example, Examples
from encoders.training.data.sampling import Batch, ByProduct, shuffled
from encoders.training.data.splitting import Split, some_products, split

__all__ = [
    "Batch",
    "ByProduct",
    "Contents",
    "Example",
    "Examples",
    "Inputs",
    "Photos",
    "Split",
    "Titles",
    "shuffled",
    "some_products",
    "split",
]
