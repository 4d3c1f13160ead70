# One image for every part: `seedwire worker`, `seedwire beat`, `seedwire web`, or `seedwire up` for all of them at once.
FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/seedwire
WORKDIR /src
# The pinned dependencies change seldom and take long: they are a layer of their own.
COPY requirements.lock ./
RUN /opt/seedwire/bin/pip install --require-hashes -r requirements.lock
COPY . .
RUN /opt/seedwire/bin/pip install --no-deps --no-build-isolation . \
 && /opt/seedwire/bin/python -m compileall -q /opt/seedwire

FROM python:3.12-slim
ENV PATH=/opt/seedwire/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin seedwire \
 && install -d -o seedwire -g seedwire /data /etc/seedwire
COPY --from=build /opt/seedwire /opt/seedwire
COPY seeds /usr/share/seedwire/seeds
USER seedwire
WORKDIR /data
VOLUME /data
EXPOSE 8600
STOPSIGNAL SIGTERM
ENTRYPOINT ["seedwire"]
CMD ["up", "--config", "/etc/seedwire/seedwire.toml"]
