"""How a worker is: what it knows of itself, the pages that tell it, and asking them.

`/healthz` and `/readyz` say whether it is alive and ready, `/metrics` all in numbers.
Alive is a worker that a restart would not help: its event loop turns and no stage hangs. Ready is one
that does its share: it has its partitions, what is behind in them gets less, and the index answers.
"""

from streams.health.asking import Answer, ask
from streams.health.figures import Figures
from streams.health.pages import health_pages
from streams.health.watch import Watch

__all__ = ["Answer", "Figures", "Watch", "ask", "health_pages"]
