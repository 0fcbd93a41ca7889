"""Models of others on this machine; `encoders.models.pulling` is the one place that fetches any."""

from encoders.models.finding import MINILM, FoundModel, find_model, remedy_for
from encoders.models.store import Kind, Pulled, Store, keep_models_in, pulled_models

__all__ = [
    "MINILM",
    "FoundModel",
    "Kind",
    "Pulled",
    "Store",
    "find_model",
    "keep_models_in",
    "pulled_models",
    "remedy_for",
]
