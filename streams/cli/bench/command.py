"""The benchmarks by name."""

from __future__ import annotations

import typer

from streams.cli.bench import broker, capacity, encoders, matching, pipeline, scale

app = typer.Typer(no_args_is_help=True, help="Measure this machine, each figure beside what it is compared with.")
app.command("encoders", short_help="Titles and photos a second, beside other ways of embedding them.")(
    encoders.bench_encoders
)
app.command("matching", short_help="Index, blend and match in catalogues of several sizes.")(matching.bench_matching)
app.command("broker", short_help="The loop around a stage beside a plain one.")(broker.bench_broker)
app.command("pipeline", short_help="The whole pipeline beside the encoders alone.")(pipeline.bench_pipeline)
app.command("scale", short_help="More workers and partitions beside one.")(scale.bench_scale)
app.command("capacity", short_help="What a catalogue of some size needs; computed.")(capacity.bench_capacity)
