# syntax=docker/dockerfile:1
# Three stages: styles of the pages, wheels, and what runs. The last has no compiler, no Node.js and no root.

FROM node:24-bookworm-slim AS pages
RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY service/workbench/frontend service/workbench/frontend
COPY service/workbench/assets.py service/workbench/
RUN python3 service/workbench/assets.py

FROM python:3.11-slim-bookworm AS wheels
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY data data
COPY models models
COPY training training
COPY service service
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.11-slim-bookworm AS service
ENV MLFLOW_DISABLE_TELEMETRY=true \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    AUTOCODER_VAR_DIR=/var/lib/autocoder
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/autocoder autocoder
COPY --from=wheels /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links /wheels hospital-autocoder && rm -rf /wheels
COPY --from=pages /build/service/workbench/static/vendor /usr/local/lib/python3.11/site-packages/service/workbench/static/vendor
USER 10001
WORKDIR /var/lib/autocoder
VOLUME /var/lib/autocoder
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# The database is brought up to date first; a second replica finds nothing to do.
CMD ["sh", "-c", "autocoder migrate && exec autocoder serve --host 0.0.0.0 --port 8000 --workers ${WORKERS:-2}"]
