#!/bin/sh
# Starts the runner for releases, on another host: builds of pull requests never come here. Called by the
# ordinary user "builds", whose engine is rootless, with DRONE_RPC_SECRET and DRONE_SECRET_PLUGIN_TOKEN in its
# environment (for example `vault-env ./start.sh`): they are passed on by name and are in no file.
set -eu
docker run --detach --name drone-runner --restart on-failure:5 \
  --volume /run/user/1500/docker.sock:/var/run/docker.sock \
  --env-file runner.env \
  --env DRONE_RPC_SECRET \
  --env DRONE_SECRET_PLUGIN_TOKEN \
  --read-only --tmpfs /tmp \
  --cap-drop ALL \
  --security-opt no-new-privileges \
  --memory 512m --cpus 1 --pids-limit 200 \
  --health-cmd "wget -qO- http://127.0.0.1:3000/healthz" \
  --log-driver journald \
  drone/drone-runner-docker:1.8.5@sha256:46bbd8488ac617dfa55e3076687ceb45d7c46d3241962ffcc4ef08c5cd0e7de7
