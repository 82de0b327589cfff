#!/bin/sh
# Proves the image: builds it, runs its exporter and its lab with the lab's files, hardened as docker-compose.yml has
# it, and asks for health and for a device. `make image-test`; BASE names another base image than the Dockerfile's,
# DOCKER_BUILD_ARGUMENTS holds more for `docker build`. Ends only the containers that it starts.
set -eu
cd "$(dirname "$0")/.."

if ! command -v docker >/dev/null 2>&1 || ! docker info >/dev/null 2>&1; then
    echo "DILEWATI / SKIPPED: tidak ada mesin Docker yang menjawab / no Docker engine answers"
    exit 0
fi

run=dcnet-image-test-$$
image=$run
files=$(mktemp -d)
clean() {
    docker rm --force "$run-lab" "$run-exporter" >/dev/null 2>&1 || true
    docker image rm "$image" >/dev/null 2>&1 || true
    rm -rf "$files"
}
trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
    echo "GAGAL / FAILED: $1" >&2
    docker logs "$run-exporter" 2>&1 | tail -n 20 >&2 || true
    docker logs "$run-lab" 2>&1 | tail -n 20 >&2 || true
    exit 1
}

# Asked from inside: it works wherever the engine runs, and shows that the image has all that its health check needs.
ask() {
    docker exec "$run-exporter" python3 -c \
        "import sys, urllib.request as r; print(r.urlopen('http://127.0.0.1:9780' + sys.argv[1], timeout=15).read().decode())" \
        "$1" 2>/dev/null
}

# Asks for $1 until the answer has a line $2; gives up after ATTEMPTS times, a second apart.
until_answers() {
    left=${ATTEMPTS:-60}
    until ask "$1" | grep -q "$2"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "$1: $2"
        sleep 1
    done
    echo "baik / good: $1"
}

# shellcheck disable=SC2086
docker build --quiet ${BASE:+--build-arg "BASE=$BASE"} ${DOCKER_BUILD_ARGUMENTS:-} --tag "$image" . >/dev/null ||
    fail "docker build"

"${BIN:-.venv/bin}/python" -m lab files "$files" >/dev/null
# The containers' user reads them, whoever runs this; they are of this one run, with secrets of their own.
chmod -R a+rX "$files"

hardened="--read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp"
mounted="type=bind,source=$files,target=/etc/dcnet,readonly"
# shellcheck disable=SC2086
docker run --detach --name "$run-exporter" $hardened --mount "$mounted" \
    --sysctl net.ipv4.ping_group_range="0 2147483647" "$image" >/dev/null || fail "docker run exporter"
# shellcheck disable=SC2086
docker run --detach --name "$run-lab" $hardened --mount "$mounted" --network "container:$run-exporter" \
    --entrypoint python3 "$image" -m lab agents --secrets /etc/dcnet/secrets --ready-file /tmp/ready >/dev/null ||
    fail "docker run lab"

until_answers /-/healthy "^healthy$"
until_answers "/probe?target=core-1" "^dcnet_up 1.0$"
until_answers /metrics '^dcnet_link_probe_received_total{.*} [1-9]'
