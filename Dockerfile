# The image of exporter, sopctl and lab: `docker build -t dcnet .`
# BASE needs Python 3.11 or later with venv; any Debian-like base will do.
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock requirements-dev.lock ./
RUN python3 -m venv /build && /build/bin/pip install -q --no-cache-dir --require-hashes -r requirements-dev.lock \
    && python3 -m venv /opt/dcnet && /opt/dcnet/bin/pip install -q --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /build/bin/hatchling build -t wheel -d /dist && /opt/dcnet/bin/pip install -q --no-cache-dir --no-deps /dist/*.whl

FROM ${BASE}
LABEL org.opencontainers.image.title="dcnet" org.opencontainers.image.licenses="Apache-2.0"
# git keeps the versions of configurations.
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin dcnet
COPY --from=build /opt/dcnet /opt/dcnet
ENV PATH=/opt/dcnet/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# A volume over it takes its owner: the exporter may write there.
RUN install -d -o 10001 -m 700 /var/lib/dcnet
USER 10001
EXPOSE 9780 1162/udp
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD ["python3", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:9780/-/healthy', timeout=2)"]
ENTRYPOINT ["dcnet-exporter"]
CMD ["serve", "--inventory", "/etc/dcnet/inventory.yml", "--listen", "0.0.0.0:9780"]
