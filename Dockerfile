# One image for every worker. The torch wheel from the package registry runs on GPUs and on CPUs,
# so what differs between the two is only how the container is started (see docker-compose.yml).
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/matchstream
WORKDIR /src

# What matchstream needs is a layer of its own, made again only when these two files change.
COPY pyproject.toml constraints.txt ./
RUN mkdir encoders streams && touch README.md LICENSE encoders/__init__.py streams/__init__.py \
    && /opt/matchstream/bin/pip install --constraint constraints.txt '.[demo,trace]' \
    && /opt/matchstream/bin/pip uninstall --yes matchstream

COPY README.md LICENSE ./
COPY encoders encoders
COPY streams streams
RUN rm -rf build *.egg-info && /opt/matchstream/bin/pip install --no-deps .

FROM ${PYTHON_IMAGE}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /var/lib/matchstream matchstream \
    && install --directory --owner matchstream --group matchstream \
        /var/lib/matchstream /var/lib/matchstream/models /var/lib/matchstream/attempts /var/lib/matchstream/web
COPY --from=build /opt/matchstream /opt/matchstream

# Models are pulled to where docker-compose.yml mounts a volume, and caches of other programs are looked for there,
# too; nothing is downloaded by itself. A worker has a thread per stage: without
# MALLOC_ARENA_MAX each takes memory of its own from the system and seldom gives any back.
ENV PATH=/opt/matchstream/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    HF_HOME=/var/lib/matchstream/models/huggingface \
    TORCH_HOME=/var/lib/matchstream/models/torch
USER matchstream
WORKDIR /var/lib/matchstream
ENTRYPOINT ["tini", "--"]
CMD ["matchstream", "worker"]
