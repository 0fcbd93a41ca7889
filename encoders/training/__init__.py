"""The generated catalogue, and the training of encoders. Only the modules that train import torch."""
