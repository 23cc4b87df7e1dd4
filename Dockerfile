# One image for every part of the service: API, worker, migrations. Any Debian-like base with Python 3.11 or newer serves.
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/deltarule
COPY requirements/runtime.lock /source/requirements/runtime.lock
# The dependencies change seldom, the code often: two layers, so that a rebuild takes seconds.
RUN /opt/deltarule/bin/pip install --quiet --require-hashes -r /source/requirements/runtime.lock
COPY pyproject.toml README.md LICENSE /source/
COPY deltarule /source/deltarule
COPY service /source/service
COPY worker /source/worker
COPY migrations /source/migrations
COPY examples/lessons /source/examples/lessons
RUN /opt/deltarule/bin/pip install --quiet --no-deps /source \
 && /opt/deltarule/bin/python -m compileall -q /opt/deltarule/lib

FROM ${BASE}
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent deltarule \
 # A new named volume takes over the owner of the folder it is mounted on.
 && install -d -o deltarule -g deltarule -m 0750 /var/lib/deltarule \
 && install -d -o deltarule -g deltarule -m 0755 /var/lib/deltarule-secrets \
 && install -d -o deltarule -g deltarule -m 0700 /var/cache/deltarule
COPY --from=build /opt/deltarule /opt/deltarule
ENV PATH=/opt/deltarule/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    # There is no home: where all processes keep their list of fonts, instead of making one each, with a warning.
    MPLCONFIGDIR=/tmp/matplotlib
USER deltarule
EXPOSE 8080
ENTRYPOINT ["deltarule"]
CMD ["serve"]
