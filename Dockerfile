# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock pyproject.toml README.md ./
RUN python -m venv /opt/reelroom \
    && /opt/reelroom/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /opt/reelroom/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/reelroom --create-home reelroom \
    && mkdir -p /data && chown reelroom /data
COPY --from=build /opt/reelroom /opt/reelroom
COPY --chown=root:root . /srv/reelroom
ENV PATH=/opt/reelroom/bin:$PATH PYTHONUNBUFFERED=1 PYTHONPATH=/srv/reelroom \
    REELROOM_DATA_FOLDER=/data REELROOM_HOST=0.0.0.0 REELROOM_LOG_FORMAT=json REELROOM_ENVIRONMENT=production
WORKDIR /srv/reelroom
RUN python -m compileall -q app worker migrations
USER 10001
EXPOSE 8400
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8400/healthz', timeout=4)"]
CMD ["reelroom", "web"]
