"""A seller's URL never leads into the network that matchstream runs in."""

import pytest
from aiohttp import web
from conftest_images import FakeDns  # placeholder
