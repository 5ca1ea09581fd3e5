#!/usr/bin/env bash
# Spreads one audit over several hosts with GNU parallel, and joins the parts:
#
#   audit-fleet.sh HOSTS SHARDS FOLDER [OPTION OF SCAN…]
#
# HOSTS    the hosts, one a line as `parallel --sshloginfile` takes them: 8/user@host, where 8 is how many shards at a time
# SHARDS   how many parts; some four for each of those, so that a slow one keeps nobody waiting
# FOLDER   where this run is kept: the parts, jobs.log, and report.json, which is whole or absent. It is for one number of SHARDS
#
# Every host has drone-audit on its path, of one version, and the same files at the same place: name them from the root. A
# shard that fails, or whose host dies, is tried again on another host. Ends as the whole audit would have; with 2 and the
# numbers of the shards where some are missing: the same command again runs those alone.
set -euo pipefail

if [ "$#" -lt 3 ]; then
  sed -n '2,/^set/{s/^# \{0,1\}//p}' "$0" >&2
  exit 2
fi
hosts=$1
shards=$2
folder=$3
shift 3

if [ -e "$folder/report.json" ]; then
  echo "audit-fleet: $folder has a whole report; name another folder for another run" >&2
  exit 2
fi
mkdir -p "$folder/output"
# Shards of another number are others: what jobs.log says has ended would be left out.
begun=$(cat "$folder/shards" 2>/dev/null || true)
if [ "${begun:-$shards}" != "$shards" ]; then
  echo "audit-fleet: $folder was begun with $begun shards; give that number, or name another folder" >&2
  exit 2
fi
echo "$shards" >"$folder/shards"

# A host that is gone says nothing: ask it, and give it up after half a minute. Options in PARALLEL_SSH win over these.
export PARALLEL_SSH="${PARALLEL_SSH:-ssh} -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=10 -o ServerAliveCountMax=3"

# 1, 3 and 4 are verdicts, which stand in the part: another try would say the same. {} is the number of the shard.
# Reports name files from the current folder, and a home is not the same everywhere.
command="cd / || exit 2; $(printf '%q ' drone-audit scan "$@")--shard {}/$shards --format json; status=\$?; case \$status in 1|3|4) exit 0 ;; esac; exit \$status"

# How many shards failed is not asked: the merge knows which ones are missing.
seq "$shards" | parallel --sshloginfile "$hosts" --retries 3 --joblog "$folder/jobs.log" --resume-failed \
  --results "$folder/output/{}" "$command" >/dev/null || true

# The output of a shard is a part when the shard has ended: that of a host which died ends anywhere.
awk -F '\t' 'NR > 1 && $7 == 0 && $8 == 0 { print $1 }' "$folder/jobs.log" | while read -r shard; do
  [ ! -e "$folder/output/$shard" ] || mv "$folder/output/$shard" "$folder/part-$shard.json"
done

shopt -s nullglob
parts=("$folder"/part-*.json)
if [ "${#parts[@]}" -eq 0 ]; then
  echo "audit-fleet: not one of $shards shards has ended; $folder/jobs.log has what became of them" >&2
  for said in "$folder"/output/*.err; do
    [ -s "$said" ] || continue
    echo "audit-fleet: $said ends with:" >&2
    tail -n 3 "$said" >&2
    break
  done
  exit 2
fi
drone-audit merge "${parts[@]}" -o "$folder/report.json"
