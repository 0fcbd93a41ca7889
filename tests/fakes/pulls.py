"""What tests of pulling a model name and look at."""

from collections.abc import Callable

from encoders.models import Store
from encoders.models.pulling import Outcome

NAME = "acme/tiny"
WEIGHTS = "model.safetensors"

Pull = Callable[..., Outcome]


def left(store: Store) -> list[str]:
    """Whatever files there are in the store."""
    return [str(path) for path in store.folder.rglob("*") if path.is_file()]
