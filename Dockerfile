# The mock in one virtual environment, on any base with Python 3.11 or newer, pip and venv.
#
#   docker build -t bookings-double .
#   docker run --rm -p 127.0.0.1:8080:8080 bookings-double
#
# Publish it on 127.0.0.1 only: the control plane is open to whoever reaches the port, unless you set
# MOCKSERVER_CONTROL_TOKEN or MOCKSERVER_NO_CONTROL=1.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS build
# For a build without an index: --build-arg PIP_ARGS="--no-index --find-links /wheels"
ARG PIP_ARGS=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY . /src
RUN python3 -m venv /opt/mock \
 && /opt/mock/bin/pip install --only-binary=:all: ${PIP_ARGS} /src \
 && mkdir /scenarios

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="bookings-double" \
      org.opencontainers.image.description="A stateful mock of the Nylas Scheduler Bookings API (unofficial)" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/mock /opt/mock
COPY --from=build /scenarios /scenarios
ENV PATH=/opt/mock/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MOCKSERVER_HOST=0.0.0.0 \
    MOCKSERVER_PORT=8080 \
    MOCKSERVER_OPEN_CONTROL=1 \
    MOCKSERVER_SCENARIO_DIR=/scenarios
USER 10001:10001
WORKDIR /scenarios
EXPOSE 8080
# Any answer will do: with a token or without a control plane it is a refusal, and the server is well.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["/opt/mock/bin/python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['MOCKSERVER_PORT']), timeout=2); c.request('GET', '/_mock/health'); sys.exit(c.getresponse().status >= 500)"]
ENTRYPOINT ["/opt/mock/bin/mockserver"]
CMD ["serve"]
