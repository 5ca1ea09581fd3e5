import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../src/version.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';

// Whole runs to read from top to bottom: what stands in a folder, what is typed there, and all that comes back. Few, and
// each for a reason of its own; `npm run update` writes them anew.

/** What a terminal would show of a command in a folder with these files, and the exit status. */
function run(command: string, files: Readonly<Record<string, string>>): string {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const { status, stdout, stderr } = droneAudit(command.split(' '), { cwd });
  const shown = `${stdout}${stderr && `--- standard error\n${stderr}`}--- exit status ${status}`;
  return shown.replaceAll(version, 'VERSION').replaceAll(cwd, 'FOLDER');
}

/** Whoever opens a pull request gets to the step that publishes. */
const publishing = `kind: pipeline
type: docker
name: default

steps:
  - name: publish
    image: plugins/docker:20.18.4
    settings:
      repo: octocat/hello-world
      password:
        from_secret: docker_password
`;

describe('a whole run', () => {
  it('of a runner in a compose file that gives the host away', () => {
    const compose = `services:
  runner:
    image: drone/drone-runner-docker:1.8.5
    privileged: true
    environment:
      DRONE_RPC_HOST: drone.example.com
      DRONE_RPC_PROTO: http
      DRONE_RPC_SECRET: correct-horse-battery-staple
`;
    expect(run('scan --min-severity high', { 'docker-compose.yml': compose })).toMatchInlineSnapshot(`
      "drone-audit VERSION · 1 file · 1 container

      docker-compose.yml  service "runner"

      docker-compose.yml:8:25  CRITICAL  weak-rpc-secret
        │ DRONE_RPC_SECRET is a documented sample value (Drone documentation,
        │ drone/docs d89a395 (cookie secret, sample secret values))
        │   7 │       DRONE_RPC_PROTO: http
        │   8 │       DRONE_RPC_SECRET: ••••••••••••••••••••••••••••
        │     │                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        │
        │ Anyone who can reach the server and guesses this secret can fetch the
        │ details of every build: its secrets in clear text, the SCM token of the
        │ repository's owner and the signing key.
        │ Fix: Generate a new RPC secret and set it on the server and all its runners:
        │        # docker-compose.yml
        │        services:
        │          runner:
        │            environment:
        │              DRONE_RPC_SECRET: \${DRONE_RPC_SECRET:?set it in .env}
        │        # .env, beside it, and not in git
        │        DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
        │      Restart all of them together: a runner with the old value is refused,
        │      and its builds stay pending. Machines that an autoscaler has started
        │      keep the old value; let it replace them.

      docker-compose.yml:4:17  HIGH  privileged-container
        │ service "runner" is privileged
        │   3 │     image: drone/drone-runner-docker:1.8.5
        │   4 │     privileged: true
        │     │                 ^^^^
        │   5 │     environment:
        │
        │ A privileged container has all capabilities and all devices of the host,
        │ without seccomp or AppArmor: whoever takes over its process takes over the
        │ host.
        │ Fix: Remove \`privileged: true\`; no Drone component needs it. Docker in
        │      Docker does, even its rootless image, unless sysbox runs it:
        │        # docker-compose.yml
        │        services:
        │          runner:
        │            runtime: sysbox-runc
        │      Where sysbox is not installed, drop the container and let the runner
        │      use a rootless engine on the host, or accept it on a host that serves
        │      nothing else
        │      (\`# drone-audit: ignore[privileged-container] host of its own\`). A
        │      build step: remove \`privileged\` from the pipeline, or the trusted flag
        │      from the repository.

      docker-compose.yml:7:24  HIGH  plain-http-rpc
        │ service "runner" talks to "drone.example.com" over plain http
        │   6 │       DRONE_RPC_HOST: drone.example.com
        │   7 │       DRONE_RPC_PROTO: http
        │     │                        ^^^^
        │   8 │       DRONE_RPC_SECRET: ••••••••••••••••••••••••••••
        │
        │ Every request from the runner carries the RPC secret, and the responses
        │ carry build secrets and SCM tokens.
        │ Fix: Give the server TLS (a reverse proxy, or \`DRONE_TLS_CERT\` and
        │      \`DRONE_TLS_KEY\`), then on the runner:
        │        # docker-compose.yml
        │        services:
        │          runner:
        │            environment:
        │              DRONE_RPC_PROTO: https
        │      \`DRONE_RPC_HOST\` has to be a name of the certificate, with the port of
        │      TLS. Rotate \`DRONE_RPC_SECRET\` afterwards.
        │      If the network between them is private enough, name it in
        │      \`drone-audit.yml\` (\`site: networks: [drone.example.com]\`), and accept
        │      the note that remains:
        │      \`# drone-audit: ignore[plain-http-rpc] network of their own\`.

      ways in

      - whoever is on the wire gets the RPC secret and secret unseen-repository/any:
        http-rpc
      - whoever reaches a port gets the RPC secret and secret unseen-repository/any:
        weak-rpc (assumed)
      4 ways in all (drone-audit paths lists them)
      there may be others: not all is known (drone-audit paths tells what)

      do first

      2 changes close 4 ways

      docker-compose.yml:8  replace DRONE_RPC_SECRET, on the server and on all runners
      docker-compose.yml:7  set DRONE_RPC_PROTO=https, and verify the certificate

      then, by findings

      docker-compose.yml:4:17  HIGH  privileged-container
        Remove \`privileged: true\`; no Drone component needs it (removes 1 finding)
        why high: A privileged container has all capabilities and all devices of the
        host, without seccomp or AppArmor: whoever takes over its process takes over
        the host.

       1 critical   2 high
       4 more with --min-severity info   2 more with --pedantic
       by rule: 1 weak-rpc-secret, 1 plain-http-rpc, 1 privileged-container
       not asked: the Docker Engine (--docker); the Drone server (--server)
       exit 1: findings at or above high. Details: drone-audit explain RULE
      --- exit status 1"
    `);
  });

  it('of a pipeline that publishes for everybody', () => {
    expect(run('scan --min-severity high .drone.yml', { '.drone.yml': publishing })).toMatchInlineSnapshot(`
      "drone-audit VERSION · 1 file · 1 pipeline

      .drone.yml  pipeline "default"

      .drone.yml:3:7  HIGH  missing-trigger                 open to fork pull requests
        │ pipeline "default" runs on every event, pull requests from forks included:
        │ "publish" holds secret "docker_password" and controls the runner's host and
        │ publishes ("plugins/docker")
        │   2 │ type: docker
        │   3 │ name: default
        │     │       ^^^^^^^
        │
        │ Without a trigger a pipeline runs for everything: pushes to any branch,
        │ tags, cron jobs, custom builds, promotions, and pull requests, even from
        │ forks.
        │ Fix: Say when the pipeline should run, and test pull requests in another
        │      one:
        │        # .drone.yml
        │        kind: pipeline
        │        type: docker
        │        name: default
        │        trigger:
        │          event: [push, tag]
        │      Pushes to all branches still start it, limited by the \`when\` of each
        │      step. Cron jobs, promotions and custom builds no longer do: list those
        │      in use as well. Or keep only the steps with secrets or deployments off
        │      pull requests, with the same below their \`when\`.
      .drone.yml:7:12  opens high publish-on-pull-request: step "publish" publishes
          ("plugins/docker") for pull requests too
      .drone.yml:7:12  opens medium implicitly-privileged-step: "publish" runs
          "plugins/docker", which runs privileged without being asked, for pull
          requests too
      .drone.yml:11:22  opens low secret-on-pull-request: "publish" runs on pull
          requests with secret "docker_password": released to them if flagged so,
          otherwise empty
      .drone.yml:6:11  also: "publish" holds secret "docker_password" and controls the
          runner's host and publishes ("plugins/docker")

      do first

      .drone.yml:3:7  HIGH  missing-trigger                 open to fork pull requests
        Say when the pipeline should run, and test pull requests in another one:
        \`event: [push, tag]\` (removes 1 finding and 2 that follow, makes 1 less
        severe)
        why high: opens publish-on-pull-request: step "publish" publishes
        ("plugins/docker") for pull requests too

       1 high        1 more with --min-severity info   1 more with --pedantic
       not asked: the Docker Engine (--docker); the Drone server (--server)
       exit 1: findings at or above high. Details: drone-audit explain RULE
      --- exit status 1"
    `);
  });

  it('that explains who gets how far in it', () => {
    expect(run('explain --file .drone.yml', { '.drone.yml': publishing })).toMatchInlineSnapshot(`
      ".drone.yml · 1 pipeline · 1 step

      pipeline "default"  docker on linux/amd64                                 line 1
        starts on  every event
        caused by  anybody, by a pull request from a fork; writers, by a push, by a
                   tag, by promoting any build, by rolling back to any build, by a
                   cron job, through the API on any commit
        open to    fork pull requests: no conditions, so every event gets here
        trust      runs in every repository, trusted or not
        clone      by the runner, before all steps
        ! high missing-trigger                                                  line 3

        step      open to             runs as     secrets  image
        publish   fork pull requests  PRIVILEGED  1        version

        publish  plugins/docker:20.18.4                                         line 6
          privileged, by the runner, for its image
          secret "docker_password" in PLUGIN_PASSWORD: given to pull requests if
          flagged for them
          ! high publish-on-pull-request                                        line 7
          ! low secret-on-pull-request                                         line 11
          ! low implicitly-privileged-step                                      line 7
      --- exit status 0"
    `);
  });

  it('of a pipeline with nothing to find', () => {
    const pipeline = `kind: pipeline
type: docker
name: default

trigger:
  event: [push]

steps:
  - name: test
    image: golang:1.25.4@sha256:${'0123456789abcdef'.repeat(4)}
    commands:
      - go test ./...
`;
    expect(run('scan', { '.drone.yml': pipeline })).toMatchInlineSnapshot(`
      "drone-audit VERSION · 1 file · 1 pipeline

       nothing found
       not asked: the Docker Engine (--docker); the Drone server (--server)
       exit 0: nothing at or above high
      --- exit status 0"
    `);
  });

  it('that ends with less than was asked for', () => {
    expect(run('scan .drone.yml deploy.yml', { '.drone.yml': 'kind: pipeline\nsteps: [\n' })).toMatchInlineSnapshot(`
      "drone-audit VERSION · 1 file

      problems

      .drone.yml:3:1  ERROR: YAML: a list is not closed with "]", or a line of it is
          not indented
      deploy.yml  ERROR: is not there

       nothing found in what was read
       not asked: the Docker Engine (--docker); the Drone server (--server)
       exit 3: incomplete: see the problems above
      --- exit status 3"
    `);
  });

  it('that was mistyped', () => {
    expect(run('scan --min-severity hihg', {})).toMatchInlineSnapshot(`
      "--- standard error
      drone-audit: --min-severity cannot be "hihg"
        did you mean "high"?
      --- exit status 2"
    `);
  });
});
