# The consumer as a container: nothing but Python, the hash-pinned dependencies and this package; not root; nothing
# is written, so the root file system may be read-only. No BuildKit needed.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin greenflash

# Dependencies in a layer of their own: it is built again only when the lock changes.
COPY requirements.lock /build/
RUN pip install --require-hashes -r /build/requirements.lock

COPY pyproject.toml setup.py README.md LICENSE /build/
COPY consumer /build/consumer
COPY mappings /build/mappings
COPY presets /build/presets
RUN pip install --no-deps --no-build-isolation /build && rm -r /build

COPY mappings /etc/greenflash-kafka/mappings

# Inside a container the loopback address can't be reached from outside; the published ports decide who has access.
ENV GREENFLASH_KAFKA_HTTP__HOST=0.0.0.0 GREENFLASH_KAFKA_HTTP__PORT=9464 \
    GREENFLASH_KAFKA_MAPPINGS=/etc/greenflash-kafka/mappings
EXPOSE 9464
USER 10001

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['GREENFLASH_KAFKA_HTTP__PORT'] + '/health/live', timeout=4)"]

ENTRYPOINT ["greenflash-kafka"]
CMD ["run"]
