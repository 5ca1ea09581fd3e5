#!/bin/sh
# Starts the runner on the same host, once, by hand.
docker run --detach --name drone-runner --restart always \
  --volume /var/run/docker.sock:/var/run/docker.sock \
  --env-file runner.env \
  drone/drone-runner-docker:latest
