#!/usr/bin/env bash
# Installs a Chromium for the tests that look at the HTML report in one (Debian, as root), unless there is one.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" -ne 0 ]; then
  echo "install-chromium: no Chromium here: run this as root, or install it" >&2
  exit 1
fi
echo "install-chromium: installing chromium"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
