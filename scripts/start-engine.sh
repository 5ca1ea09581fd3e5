#!/usr/bin/env bash
# Makes a Docker Engine answer at the default socket, for the tests that look at a real one: installs what is missing
# (Debian, as root), starts dockerd unless an engine answers, and waits for it. Running it again changes nothing.
set -euo pipefail

patience=60
log=/var/log/drone-audit-dockerd.log

missing=()
command -v docker >/dev/null && command -v dockerd >/dev/null || missing+=(docker.io)
command -v busybox >/dev/null || missing+=(busybox-static)
if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "start-engine: missing ${missing[*]}: run this as root, or install it" >&2
    exit 1
  fi
  echo "start-engine: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Tests of digests push to a registry; without one they are skipped by name.
if ! command -v docker-registry >/dev/null && [ "$(id -u)" -eq 0 ]; then
  echo "start-engine: installing docker-registry"
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends docker-registry >/dev/null; }; then
    echo "start-engine: docker-registry cannot be installed; its tests will be skipped" >&2
  fi
fi

answers() {
  timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null
}

if version=$(answers); then
  echo "start-engine: engine $version answers already"
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "start-engine: no engine answers, and only root can start one" >&2
  exit 1
fi
if [ -n "${DOCKER_HOST:-}" ]; then
  echo "start-engine: DOCKER_HOST is set, but no engine answers there; unset it to have one started here" >&2
  exit 1
fi

# A pid file of an engine that was killed keeps the next one from starting.
if [ -f /var/run/docker.pid ] && ! kill -0 "$(cat /var/run/docker.pid)" 2>/dev/null; then
  rm -f /var/run/docker.pid
fi

: >"$log"
# The tests need no network and nothing to pull, and the machine may be a container itself: the second way asks for
# less of the kernel.
start() {
  echo "start-engine: starting dockerd $*"
  setsid nohup dockerd --host unix:///var/run/docker.sock "$@" >>"$log" 2>&1 </dev/null &
  local pid=$! waited
  for ((waited = 0; waited < patience; waited++)); do
    if version=$(answers); then
      echo "start-engine: engine $version answers after $waited s"
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 1
  done
  kill "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  return 1
}

start && exit 0
start --iptables=false --bridge=none --storage-driver=vfs && exit 0
echo "start-engine: no engine answers after $patience s; the end of $log:" >&2
tail -n 20 "$log" >&2
exit 1
