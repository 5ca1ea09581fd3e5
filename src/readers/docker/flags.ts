/*
 * The flags of `docker run`, `docker create` and `docker service create`, and those that Podman and nerdctl add
 * (docker/cli cli/command/container/opts.go and run.go, cli/command/service/opts.go; containers/podman
 * docs/source/markdown/podman-run.1.md.in).
 */

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Flags without a value; `--flag=false` is possible, `--flag false` is not. */
export const switches: ReadonlySet<string> = new Set(
  words(`
    detach disable-content-trust help init interactive no-healthcheck oom-kill-disable privileged publish-all quiet
    read-only rm sig-proxy tty use-api-socket
    no-resolve-image with-registry-auth
    env-host http-proxy no-hostname no-hosts passwd read-only-tmpfs replace rmi rootfs tls-verify unsetenv-all
    all-tags insecure-registry
  `),
);

/** Flags with a value, which may be the next argument. */
export const valued: ReadonlySet<string> = new Set(
  words(`
    add-host annotation attach blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile
    cpu-count cpu-percent cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems
    detach-keys device device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops dns
    dns-opt dns-option dns-search domainname entrypoint env env-file expose gpus group-add health-cmd health-interval
    health-retries health-start-interval health-start-period health-timeout hostname io-maxbandwidth io-maxiops ip ip6
    ipc isolation kernel-memory label label-file link link-local-ip log-driver log-opt mac-address memory
    memory-reservation memory-swap memory-swappiness mount name net net-alias network network-alias oom-score-adj pid
    pids-limit platform publish pull restart runtime security-opt shm-size stop-signal stop-timeout storage-opt sysctl
    tmpfs ulimit user userns uts volume volume-driver volumes-from workdir
    config constraint container-label credential-spec endpoint-mode generic-resource group host limit-cpu limit-memory
    limit-pids max-concurrent mode placement-pref replicas replicas-max-per-node reserve-cpu reserve-memory
    restart-condition restart-delay restart-max-attempts restart-window rollback-delay rollback-failure-action
    rollback-max-failure-ratio rollback-monitor rollback-order rollback-parallelism secret stop-grace-period
    update-delay update-failure-action update-max-failure-ratio update-monitor update-order update-parallelism
    arch authfile cert-dir cgroup-conf cgroups chrootdirs conmon-pidfile creds decryption-key env-merge gidmap
    group-entry health-log-destination health-max-log-count health-max-log-size health-on-failure
    health-startup-cmd health-startup-interval health-startup-retries health-startup-success health-startup-timeout
    hooks-dir hosts-file hostuser image-volume init-ctr init-path ip-range os passwd-entry personality pidfile pod
    pod-id-file preserve-fd preserve-fds rdt-class requires retry retry-delay sdnotify seccomp-policy shm-size-systemd
    subgidname subuidname systemd timeout tz uidmap umask unsetenv variant
    label-files cosign-key ipfs-address verify
  `),
);

/** Letters for flags without a value. */
export const switchLetters: Readonly<Record<string, string>> = {
  d: 'detach',
  i: 'interactive',
  t: 'tty',
  P: 'publish-all',
  q: 'quiet',
};

/** Letters for flags with a value. */
export const valuedLetters: Readonly<Record<string, string>> = {
  a: 'attach',
  c: 'cpu-shares',
  e: 'env',
  h: 'hostname',
  l: 'label',
  m: 'memory',
  p: 'publish',
  u: 'user',
  v: 'volume',
  w: 'workdir',
};

/** Flags between `docker` and its command that take a value (cli/flags/options.go, and those of Podman and nerdctl). */
export const globalValued: ReadonlySet<string> = new Set(
  words(`
    -H --host -c --context --config -l --log-level --tlscacert --tlscert --tlskey
    --connection --url --identity --root --runroot --runtime --storage-driver --storage-opt --cgroup-manager --tmpdir
    --namespace -n --address -a --snapshotter --data-root
  `),
);
