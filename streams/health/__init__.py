"""How a worker is: what it knows of itself, the pages `/healthz` and `/readyz` that tell it, and asking them.

Alive is a worker that a restart would not help: its event loop turns and no stage hangs. Ready is one
that does its share: it has its partitions, what is behind in them gets less, and the index answers.
"""

from streams.health.asking import Answer, ask
from streams.health.pages import health_pages
from streams.health.watch import Watch

__all__ = ["Answer", "Watch", "ask", "health_pages"]
