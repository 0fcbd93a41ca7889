"""Faults that really happen, injected into the real flow: `python -m chaos` from `tests`, or `make chaos`.

A seeded producer publishes to a Kafka cluster of three brokers while a seeded schedule kills, pauses and
cuts off whatever there is: workers, brokers, the index, the image host. At the end everything that was
acknowledged must be matched as the reference says, or lie in the dead letters as it came.
"""
