"""How long the embedded engine keeps Python's interpreter: two threads that search, beside one after the other.

python tests/benchmarks/holding.py
"""

import statistics
import tempfile
import time
import uuid
from pathlib import Path
from threading import Thread

import numpy as np
import qdrant_edge as engine

POINTS, SIZE, QUERIES, BATCHES, ROUNDS = 5_000, 384, 32, 20, 5


def filled(folder: Path) -> engine.EdgeShard:
    shard = engine.EdgeShard.create(
        str(folder), engine.EdgeConfig(vectors={"rows": engine.EdgeVectorParams(SIZE, engine.Distance.Dot)})
    )
    rows = np.random.default_rng(0).normal(size=(POINTS, SIZE))
    points = [engine.Point(str(uuid.uuid4()), {"rows": row.tolist()}, {}) for row in rows]
    shard.update(engine.UpdateOperation.upsert_points(points))
    return shard


def ask(shard: engine.EdgeShard, batch: engine.QueryBatchRequest) -> None:
    for _ in range(BATCHES):
        shard.query_batch(batch)


def seconds_of(threads: int, shard: engine.EdgeShard, batch: engine.QueryBatchRequest) -> float:
    all_ = [Thread(target=ask, args=(shard, batch)) for _ in range(threads)]
    began = time.perf_counter()
    for one in all_:
        one.start()
    for one in all_:
        one.join()
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shard = filled(Path(folder))
        rows = np.random.default_rng(1).normal(size=(QUERIES, SIZE))
        nearest = [engine.Query.Nearest(row.tolist(), using="rows") for row in rows]
        batch = engine.QueryBatchRequest([engine.QueryRequest(limit=10, query=one) for one in nearest])
        ratios = [seconds_of(2, shard, batch) / seconds_of(1, shard, batch) for _ in range(ROUNDS)]
        shard.close()
    print(f"two threads take {statistics.median(ratios):.2f} times as long as one ", end="")
    print(f"({min(ratios):.2f} to {max(ratios):.2f}); 1 where they search at once, 2 where one waits for the other")


if __name__ == "__main__":
    main()
