#!/usr/bin/env bash
# Hosts to try examples/fleet/parallel on, without any: network namespaces with an sshd each, joined by a bridge that leads
# nowhere else. As root, with openssh-server and iproute2.
#
#   fleet-hosts.sh up FOLDER COUNT      makes them; everything of theirs is in FOLDER, and FOLDER/hosts lists them
#   fleet-hosts.sh on FOLDER COMMAND…   runs a command in the namespace that reaches them
#   fleet-hosts.sh kill FOLDER NUMBER   pulls the plug of one: its link first, so that nobody is told
#   fleet-hosts.sh down FOLDER          removes them all
set -Eeuo pipefail

usage() {
  sed -n '2,/^set/{s/^# \{0,1\}//p}' "$0" >&2
  exit 2
}

[ "$#" -ge 2 ] || usage
verb=$1
folder=$2
shift 2

# Addresses for documentation (RFC 5737): whatever goes wrong, nobody has them.
network=192.0.2

# The namespaces of this folder and of no other run.
space() {
  printf '%s-%s' "$(cat "$folder/name")" "$1"
}

end_processes() {
  local pids
  pids=$(ip netns pids "$(space "$1")" 2>/dev/null) || return 0
  # shellcheck disable=SC2086 # one argument for each
  [ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
}

start_host() {
  local number=$1 home="$folder/host-$1"
  mkdir -p "$home"
  ip netns add "$(space "$number")"
  ip link add "host$number" netns "$(space control)" type veth peer name eth0 netns "$(space "$number")"
  ip -n "$(space control)" link set "host$number" master bridge up
  ip -n "$(space "$number")" address add "$network.1$number/24" dev eth0
  ip -n "$(space "$number")" link set lo up
  ip -n "$(space "$number")" link set eth0 up
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$home/key"
  printf '%s %s\n' "$network.1$number" "$(cat "$home/key.pub")" >>"$folder/known_hosts"
  cat >"$home/sshd_config" <<CONFIG
ListenAddress $network.1$number:22
HostKey $home/key
PidFile $home/pid
AuthorizedKeysFile $folder/user.pub
AuthenticationMethods publickey
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
# What tells one host from the other for a command that runs there.
SetEnv FLEET_HOST=$number PATH=$PATH
CONFIG
  ip netns exec "$(space "$number")" "$(command -v sshd || echo /usr/sbin/sshd)" -f "$home/sshd_config" -E "$home/log"
  echo "1/root@$network.1$number" >>"$folder/hosts"
}

up() {
  local count=$1 number
  if [ "$(id -u)" -ne 0 ]; then
    echo "fleet-hosts: only root can make network namespaces" >&2
    exit 1
  fi
  if [ -e "$folder/name" ]; then
    echo "fleet-hosts: $folder has hosts already" >&2
    exit 1
  fi
  mkdir -p "$folder" /run/sshd
  folder=$(cd "$folder" && pwd)
  echo "fleet-$$" >"$folder/name"
  trap 'down' ERR
  ip netns add "$(space control)"
  ip -n "$(space control)" link set lo up
  ip -n "$(space control)" link add bridge type bridge
  ip -n "$(space control)" address add "$network.1/24" dev bridge
  ip -n "$(space control)" link set bridge up
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$folder/user"
  cat >"$folder/ssh_config" <<CONFIG
IdentityFile $folder/user
IdentitiesOnly yes
UserKnownHostsFile $folder/known_hosts
StrictHostKeyChecking yes
BatchMode yes
CONFIG
  for ((number = 1; number <= count; number++)); do start_host "$number"; done
}

down() {
  local each
  for each in $(ip netns list | awk -v prefix="$(cat "$folder/name")-" 'index($1, prefix) == 1 { print $1 }'); do
    each=${each#"$(cat "$folder/name")-"}
    end_processes "$each"
    ip netns delete "$(space "$each")"
  done
}

case "$verb" in
  up)
    [ "$#" -eq 1 ] || usage
    up "$1"
    ;;
  on) ip netns exec "$(space control)" "$@" ;;
  kill)
    [ "$#" -eq 1 ] || usage
    ip -n "$(space "$1")" link set eth0 down
    end_processes "$1"
    ;;
  down) down ;;
  *) usage ;;
esac
