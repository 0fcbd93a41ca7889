"""A worker of all stages with an encoder that needs no models.

Run as `python -m fakes.light_worker`, told everything by MATCHSTREAM_ settings.
"""

import asyncio

from chaos.light import light_encoder

from streams.bootstrap import Parts
from streams.brokers.topics import StageName
from streams.settings import load_settings
from streams.worker import run_worker

if __name__ == "__main__":
    asyncio.run(run_worker(load_settings(), list(StageName), Parts(load_encoder=light_encoder)))
