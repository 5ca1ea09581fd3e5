import type { StandardName } from './standards.ts';

/*
 * Controls of published standards, with the rules that look for what they ask for. Numbers change between versions of a
 * standard, so each has its version. Read from: OWASP/www-project-top-10-ci-cd-security-risks 487b898 (CC BY-SA 4.0);
 * docker/docker-bench-security ff26d67 and aquasecurity/trivy-checks 80e5382 for the CIS Docker Benchmark 1.6.0 (1.7.0 was
 * not at hand and is not claimed); the guide itself in aquasecurity/chain-bench 936b65a; the text of NIST SP 800-218 1.1
 * (public domain); slsa-framework/slsa levels.md 01953a1; prowler-cloud/prowler 3e000fa for ISO/IEC 27001:2022 and the Trust
 * Services Criteria. Titles of CIS, ISO and AICPA are not free: there, the words are ours.
 */

export interface ControlStandard {
  readonly name: string;
  readonly version: string;
  readonly publisher: string;
  /** Whether the words beside an id are the publisher's title; if not, they are ours. */
  readonly hasTitles: boolean;
  readonly controls: readonly Control[];
}

export interface Control {
  readonly id: string;
  readonly title: string;
  /** The standard says that a person has to judge it: what a tool says is a hint. */
  readonly isManual: boolean;
  /** How far rules can tell. */
  readonly assessed: 'yes' | 'partly' | 'no';
  /** What they look at, and what they do not. */
  readonly why: string;
  readonly rules: readonly string[];
}

/** Rules about pipelines. */
const pipelineRules = words(`
  hardcoded-secret secret-on-pull-request external-secret-on-pull-request printed-secret traced-secret
  secret-in-build-argument secret-with-repository-code nested-secret-reference forwarded-clone-credential
  plaintext-secret-document broken-secret-document drone-credential-in-step secret-sent-out widely-shared-secret
  ssh-password-login credentials-sent-out secret-left-in-workspace privileged-step docker-socket-volume
  host-volume host-device implicitly-privileged-step exec-pipeline host-network-step dind-without-tls
  name-override malformed-pipeline duplicate-key late-merge-key ambiguous-signed-document unknown-field
  legacy-pipeline lost-document misspelt-target hidden-character plugin-with-commands missing-trigger
  dropped-condition branch-without-event ignored-condition open-event-list unknown-event ineffective-pattern
  skipped-gate deploy-without-promotion promotion-without-target promotion-of-any-ref unnamed-cron
  variable-in-condition publish-on-pull-request latest-from-any-branch unreachable-event
  outsider-text-substitution ref-name-substitution undefined-variable unsupported-substitution
  unescaped-template-text text-based-decision evaluated-variable unpinned-image image-from-variable
  image-outside-policy misspelt-image cached-mutable-image unmaintained-image known-bad-image
  pull-credentials-on-pull-request unattested-release remote-script unverified-download tls-check-off
  plugin-tls-check-off clone-tls-check-off remote-shell obfuscated-command loose-file-rights unlocked-dependency
  push-from-build submodule-with-credential ignored-gate poisoned-cache unverified-ssh-host metadata-credentials
  scanned-host-key unpinned-repository-code chosen-service-account chosen-namespace chosen-node
  kubernetes-volume memory-volume-spelling
`);

/** Rules about settings, containers and engines. */
const deploymentRules = words(`
  open-registration ineffective-user-create malformed-user-create weak-account-token logged-account-token
  machine-administrator obsolete-registration-setting missing-rpc-secret weak-rpc-secret rpc-secret-mismatch
  plain-http-rpc unverified-rpc-certificate rpc-dump missing-rpc-host plain-http-server certificate-without-key
  http-links-behind-tls cookie-over-http weak-cookie-secret response-headers-off public-read-access
  trusted-by-default builds-on-the-server unverified-scm-certificate plain-http-scm broad-scm-scope
  shared-webhook-secret clone-credential-in-every-step clone-credential-for-public-repositories
  shared-clone-credential missing-scm unencrypted-database weak-database-secret mixed-encryption
  unencrypted-user-tokens plain-storage-connection default-database-password misplaced-data-directory
  unknown-setting obsolete-setting setting-without-effect ignored-secret-file invalid-setting-value
  spaced-list-item shared-env-file secret-fallback inline-secret sample-secret reused-secret trace-logging
  debug-logging traffic-dump profiler-enabled anonymous-metrics usage-statistics exposed-dashboard
  weak-dashboard-password missing-event-feed docker-socket-for-builds host-path-for-builds unrestricted-runner
  unrestricted-exec-runner exec-runner-as-root secret-in-runner-environment misused-runner-env-file
  global-runner-secrets shared-registry-credentials debug-shell unlimited-build-resources
  control-plane-network-for-builds floating-clone-image nomad-job-secrets default-build-machine-access
  broad-privileged-image extra-privileged-image plugin-volumes-allowed plain-http-extension
  unverified-extension-certificate missing-extension-token weak-extension-token secret-extension-on-server
  unfiltered-secret-extension static-vault-token published-extension unprotected-event-receiver
  missing-build-policy config-changes-after-validation privileged-container docker-socket-mount host-path-mount
  host-network host-namespace dangerous-capability security-profile-off unhardened-container exposed-port
  shared-mount-propagation host-device-mount unpinned-container-image unkept-logs permissive-socket-proxy
  plain-docker-daemon plain-docker-host readable-secret-file outdated-server outdated-runner
  obsolete-drone-image other-product outdated-extension missing-kubernetes-policy shared-kubernetes-namespace
  powerful-runner-account unmasked-environment-extension service-link-collision server-and-runner-together
  runner-reachable-by-label unserved-pipeline shared-data-volume
`);

const owasp: ControlStandard = {
  name: 'OWASP Top 10 CI/CD Security Risks',
  version: '1.0 (October 2022)',
  publisher: 'OWASP Foundation',
  hasTitles: true,
  controls: [
    control(
      'CICD-SEC-1',
      'Insufficient Flow Control Mechanisms',
      'partly',
      'Drone side only: events, triggers, promotion, signatures, gates that do not run. Not seen: branch protection, review and auto-merge rules of the SCM, artefacts uploaded past the pipeline, drift between production and its origin.',
      words(`
        missing-build-policy config-changes-after-validation malformed-pipeline duplicate-key late-merge-key
        ambiguous-signed-document missing-signature unknown-field legacy-pipeline lost-document misspelt-target
        missing-trigger dropped-condition branch-without-event ignored-condition open-event-list unknown-event
        ineffective-pattern skipped-gate deploy-without-promotion promotion-without-target promotion-of-any-ref
        unnamed-cron variable-in-condition publish-on-pull-request unreachable-event push-from-build
        ignored-gate unprotected-repository unchecked-builds unusual-config-path stale-cron cron-on-side-branch
        unapproved-builds-waiting unserved-pipeline
      `),
    ),
    control(
      'CICD-SEC-2',
      'Inadequate Identity and Access Management',
      'partly',
      'Drone accounts, administrators, tokens, registration. Not seen: SCM identities and external collaborators, identity provider, MFA, use of granted rights. Accounts need --server.',
      words(`
        open-registration ineffective-user-create malformed-user-create weak-account-token machine-administrator
        obsolete-registration-setting unclaimed-administrator many-administrators dormant-account
        blocked-account-with-token foreign-account weak-rpc-secret accepted-sample-rpc-secret weak-cookie-secret
        broad-scm-scope community-build-limits archived-repository ownerless-repository personal-owner
      `),
    ),
    control(
      'CICD-SEC-3',
      'Dependency Chain Abuse',
      'partly',
      'Images, plugins, downloads, foreign repositories named in pipelines. Not seen: package manager configuration, registries, scopes and lock files of the built code.',
      words(`
        floating-clone-image unpinned-container-image plain-registry-allowed obsolete-drone-image unpinned-image
        image-from-variable image-outside-policy misspelt-image cached-mutable-image unmaintained-image
        known-bad-image remote-script unverified-download tls-check-off plugin-tls-check-off unlocked-dependency
        unpinned-repository-code automatic-image-updates
      `),
    ),
    control(
      'CICD-SEC-4',
      'Poisoned Pipeline Execution (PPE)',
      'partly',
      'Who can start what with which secret (direct, and indirect where a step runs repository code). Not seen: who may push to which branch; content of scripts that a step calls; trust flag and fork setting without --server.',
      words(`
        secret-on-pull-request external-secret-on-pull-request secret-with-repository-code
        unfiltered-secret-extension secret-served-to-pull-requests hidden-character missing-trigger
        branch-without-event promotion-of-any-ref outsider-text-substitution ref-name-substitution
        unescaped-template-text text-based-decision evaluated-variable image-from-variable remote-shell
        obfuscated-command submodule-with-credential poisoned-cache unpinned-repository-code
        trusted-repository-open-to-forks secret-for-pull-requests organization-secret-for-pull-requests
        unprotected-repository fork-builds fork-build-with-secrets
      `),
    ),
    control(
      'CICD-SEC-5',
      'Insufficient PBAC (Pipeline-Based Access Controls)',
      'partly',
      'Privileges, mounts, networks, runner scope, secrets per pipeline. Not seen: cloud roles of the build host, operating system, egress filters; running state without --docker.',
      words(`
        reachable-rpc public-read-access trusted-by-default builds-on-the-server clone-credential-in-every-step
        clone-credential-for-public-repositories shared-clone-credential shared-env-file
        docker-socket-for-builds host-path-for-builds unrestricted-runner unrestricted-exec-runner
        exec-runner-as-root global-runner-secrets shared-registry-credentials debug-shell
        unlimited-build-resources control-plane-network-for-builds nomad-job-secrets privileged-step
        docker-socket-volume host-volume host-device implicitly-privileged-step exec-pipeline host-network-step
        dind-without-tls name-override broad-privileged-image extra-privileged-image plugin-volumes-allowed
        privileged-container docker-socket-mount host-path-mount host-network host-namespace
        dangerous-capability security-profile-off shared-mount-propagation host-device-mount
        permissive-socket-proxy plain-docker-daemon plain-docker-host daemon-confinement-off
        unhardened-docker-daemon open-docker-socket loose-file-rights push-from-build metadata-credentials
        chosen-service-account chosen-namespace chosen-node kubernetes-volume memory-volume-spelling
        missing-kubernetes-policy shared-kubernetes-namespace powerful-runner-account
        trusted-repository-open-to-forks trusted-repository public-logs-of-private-repository fork-builds
        long-timeout debug-build unknown-runner overdue-step-container server-and-runner-together
        runner-reachable-by-label automatic-image-updates foreign-drone shared-data-volume
      `),
    ),
    control(
      'CICD-SEC-6',
      'Insufficient Credential Hygiene',
      'partly',
      'Credentials in files, logs, images, spread and strength. Not seen: age and rotation, unused credentials, git history, artefacts.',
      words(`
        weak-account-token logged-account-token weak-rpc-secret rpc-dump accepted-sample-rpc-secret
        rpc-secret-sent-in-clear weak-cookie-secret clone-credential-in-every-step
        clone-credential-for-public-repositories shared-clone-credential unencrypted-database
        weak-database-secret mixed-encryption unencrypted-user-tokens default-database-password
        ignored-secret-file shared-env-file secret-fallback hardcoded-secret secret-on-pull-request
        external-secret-on-pull-request printed-secret traced-secret secret-in-build-argument
        secret-with-repository-code nested-secret-reference forwarded-clone-credential plaintext-secret-document
        broken-secret-document drone-credential-in-step inline-secret sample-secret reused-secret
        secret-sent-out widely-shared-secret ssh-password-login credentials-sent-out secret-left-in-workspace
        trace-logging debug-logging traffic-dump token-in-log weak-dashboard-password
        secret-in-runner-environment misused-runner-env-file global-runner-secrets shared-registry-credentials
        nomad-job-secrets default-build-machine-access weak-extension-token unfiltered-secret-extension
        static-vault-token accepted-sample-extension-token answer-for-unknown-secret
        secret-served-to-pull-requests secret-in-image readable-secret-file readable-data-directory
        plugin-with-commands pull-credentials-on-pull-request submodule-with-credential metadata-credentials
        kubernetes-volume unmasked-environment-extension secret-for-pull-requests
        organization-secret-for-pull-requests broad-organization-secret unenforced-secret-flag
        public-logs-of-private-repository ownerless-repository personal-owner fork-build-with-secrets
        unknown-runner secret-in-build-log shared-data-volume
      `),
    ),
    control(
      'CICD-SEC-7',
      'Insecure System Configuration',
      'partly',
      'Drone server, runners, extensions, Docker Engine, cluster objects of Drone. Not seen: SCM, registry, artefact store, operating system patches.',
      words(`
        missing-rpc-secret rpc-secret-mismatch plain-http-rpc unverified-rpc-certificate rpc-dump reachable-rpc
        rpc-secret-sent-in-clear missing-rpc-host plain-http-server plain-http-address certificate-without-key
        http-links-behind-tls cookie-over-http response-headers-off missing-security-headers credentialed-cors
        weak-tls public-read-access unverified-scm-certificate plain-http-scm missing-scm
        plain-storage-connection unknown-setting obsolete-setting setting-without-effect ignored-secret-file
        invalid-setting-value spaced-list-item trace-logging traffic-dump profiler-enabled reachable-profiler
        anonymous-metrics readable-metrics public-server-details exposed-dashboard reachable-dashboard
        debug-shell dind-without-tls plain-http-extension unverified-extension-certificate
        missing-extension-token secret-extension-on-server published-extension unprotected-event-receiver
        unauthenticated-extension unhardened-container exposed-port plain-docker-daemon exposed-docker-daemon
        plain-docker-host plain-registry-allowed unhardened-docker-daemon outdated-docker-engine
        vulnerable-runtime outdated-server outdated-runner obsolete-drone-image other-product outdated-extension
        community-build-limits unknown-field tls-check-off plugin-tls-check-off clone-tls-check-off remote-shell
        unverified-ssh-host scanned-host-key service-link-collision running-differs-from-declared
      `),
    ),
    control(
      'CICD-SEC-8',
      'Ungoverned Usage of 3rd Party Services',
      'partly',
      'Extensions, webhooks, scope of the SCM application, image policy. Not seen: approval and removal processes, SCM marketplace applications, services that builds call by means other than those named.',
      words(`
        shared-webhook-secret usage-statistics plain-http-extension unverified-extension-certificate
        missing-extension-token weak-extension-token published-extension unprotected-event-receiver
        unauthenticated-extension accepted-sample-extension-token replayable-extension-requests
        outdated-extension image-outside-policy
      `),
    ),
    control(
      'CICD-SEC-9',
      'Improper Artifact Integrity Validation',
      'partly',
      'Pipeline signature, caches, publishing from open events, a hint where nothing scans or signs. Not seen: signatures and their verification, commit signing, provenance.',
      words(`
        host-path-for-builds host-volume ambiguous-signed-document missing-signature publish-on-pull-request
        latest-from-any-branch cached-mutable-image unattested-release poisoned-cache
      `),
    ),
    control(
      'CICD-SEC-10',
      'Insufficient Logging and Visibility',
      'partly',
      'Where logs go, whether administrative events leave Drone, dumps. Not seen: SIEM, alerts, retention, logs of SCM and registries, inventory of systems.',
      words(`
        rejected-runner misplaced-data-directory debug-logging token-in-log refused-attempts missing-event-feed
        unkept-logs debug-build secret-in-build-log overdue-step-container running-differs-from-declared
      `),
    ),
  ],
};

const cisDocker: ControlStandard = {
  name: 'CIS Docker Benchmark',
  version: '1.6.0',
  publisher: 'Center for Internet Security',
  hasTitles: false,
  controls: [
    manual(
      '2.1',
      'Daemon without root',
      'partly',
      'Rule asks for rootless or user namespaces; rootless alone is not demanded.',
      words('unhardened-docker-daemon'),
    ),
    control(
      '2.2',
      'Traffic between containers of the default bridge',
      'yes',
      'Bridge option of the engine.',
      words('unhardened-docker-daemon'),
    ),
    control(
      '2.3',
      'Log level of the daemon',
      'no',
      'Log level is not in what the engine answers; needs daemon.json.',
      [],
    ),
    control(
      '2.4',
      'Firewall rules set by the daemon',
      'no',
      'iptables setting needs daemon.json (a reader for it would decide 2.3, 2.4, 2.8, 2.16 too).',
      [],
    ),
    control(
      '2.5',
      'Registries without TLS',
      'yes',
      'Insecure registries of the engine.',
      words('plain-registry-allowed'),
    ),
    control('2.6', 'Storage driver aufs', 'yes', 'Storage driver of the engine.', words('unhardened-docker-daemon')),
    control(
      '2.7',
      'TLS for a daemon that listens on the network',
      'partly',
      'A TCP listener without TLS is found, declared, set or open; whether client certificates are demanded is not always visible.',
      words('plain-docker-daemon exposed-docker-daemon plain-docker-host'),
    ),
    manual('2.8', 'Default ulimits', 'no', 'Default ulimits need daemon.json.', []),
    control(
      '2.9',
      'User namespaces',
      'partly',
      'User namespaces or rootless; rootless is accepted as equal.',
      words('unhardened-docker-daemon'),
    ),
    control('2.10', 'Default cgroup', 'no', 'cgroup parent is not judged.', []),
    control('2.11', 'Base size of devices', 'no', 'Only for devicemapper; not judged.', []),
    control(
      '2.12',
      'Authorisation of client commands',
      'no',
      'Authorization plugins are in the engine answer; no rule reads them yet.',
      [],
    ),
    control(
      '2.13',
      'Logs kept away from the host',
      'partly',
      'Log driver of Drone containers and a log shipper beside them; what the shipper does is not seen.',
      words('unkept-logs'),
    ),
    control(
      '2.14',
      'No new privileges, by default',
      'yes',
      'Security options of the engine.',
      words('unhardened-docker-daemon'),
    ),
    control(
      '2.15',
      'Containers outlive the daemon',
      'yes',
      'Live restore of the engine.',
      words('unhardened-docker-daemon'),
    ),
    control('2.16', 'Userland proxy', 'no', 'Userland proxy needs daemon.json.', []),
    manual(
      '2.17',
      'Seccomp profile of the daemon',
      'partly',
      'Finds that seccomp is off; does not ask for a custom profile.',
      words('daemon-confinement-off'),
    ),
    control(
      '2.18',
      'Experimental features',
      'yes',
      'Experimental flag of the engine.',
      words('unhardened-docker-daemon'),
    ),
    control(
      '3.15',
      'Owner of the socket',
      'partly',
      'Mode and owner of the socket where the file can be looked at on the host.',
      words('open-docker-socket'),
    ),
    control(
      '3.16',
      'Permissions of the socket',
      'partly',
      'Writable by everyone is found; readable by others is not a finding.',
      words('open-docker-socket'),
    ),
    control(
      '4.1',
      'User other than root',
      'partly',
      'User of Drone containers, from the file or the image; not of step images.',
      words('unhardened-container'),
    ),
    manual(
      '4.2',
      'Origin of images',
      'partly',
      'Against the allow list of the site; without one only known bad names.',
      words('obsolete-drone-image image-outside-policy misspelt-image known-bad-image'),
    ),
    manual('4.3', 'Packages in images', 'no', 'Image contents are not opened.', []),
    manual(
      '4.4',
      'Images with security fixes',
      'partly',
      'Versions of known images; no vulnerability scan.',
      words(`
        outdated-server outdated-runner obsolete-drone-image outdated-extension unmaintained-image
        known-bad-image
      `),
    ),
    control(
      '4.5',
      'Content trust',
      'no',
      'DOCKER_CONTENT_TRUST is not judged. Digests (unpinned-image, unpinned-container-image) are a compensating control.',
      [],
    ),
    control(
      '4.6',
      'Health check of images',
      'partly',
      'Health check of image or container, Drone containers only.',
      words('unhardened-container'),
    ),
    control('4.7', 'Updates in Dockerfiles', 'no', 'Dockerfiles are not read.', []),
    control('4.8', 'setuid and setgid files in images', 'no', 'Image contents are not opened.', []),
    control('4.9', 'COPY rather than ADD', 'no', 'Dockerfiles are not read.', []),
    control(
      '4.10',
      'Secrets in images and Dockerfiles',
      'partly',
      'Environment of images on the engine, and secrets given as build arguments; Dockerfiles are not read.',
      words('secret-in-build-argument secret-in-image'),
    ),
    control(
      '4.11',
      'Verified packages',
      'no',
      'Dockerfiles are not read; unverified-download and remote-script judge pipeline commands only.',
      [],
    ),
    control('4.12', 'Signatures of artefacts', 'no', 'Signatures are not verified.', []),
    control('5.1', 'Swarm mode only where needed', 'no', 'Swarm state is in the engine answer; no rule reads it.', []),
    control(
      '5.2',
      'AppArmor',
      'yes',
      'AppArmor switched off for a Drone container, and what is privileged: that has none.',
      words(`
        security-profile-off privileged-step implicitly-privileged-step broad-privileged-image extra-privileged-image
        privileged-container
      `),
    ),
    control(
      '5.3',
      'SELinux',
      'yes',
      'SELinux label switched off for a Drone container, and what is privileged: that has none.',
      words(`
        security-profile-off privileged-step implicitly-privileged-step broad-privileged-image extra-privileged-image
        privileged-container
      `),
    ),
    control(
      '5.4',
      'Capabilities',
      'partly',
      'Added capabilities; what is privileged, which has them all; capabilities that are not dropped, but for steps, proxies and engines.',
      words(`
        dangerous-capability unhardened-container privileged-step implicitly-privileged-step broad-privileged-image extra-privileged-image
        privileged-container
      `),
    ),
    control(
      '5.5',
      'Privileged containers',
      'yes',
      'Drone containers, steps, and images that the server makes privileged.',
      words(`
        privileged-step implicitly-privileged-step broad-privileged-image extra-privileged-image
        privileged-container
      `),
    ),
    control(
      '5.6',
      'Mounts of sensitive folders of the host',
      'yes',
      'Mounts of Drone containers, of steps, and for all builds.',
      words('host-path-for-builds host-volume host-path-mount'),
    ),
    control('5.7', 'SSH server in containers', 'no', 'Processes in containers are not listed.', []),
    control('5.8', 'Ports below 1024', 'no', 'A server on 80 and 443 is meant to; not judged.', []),
    manual(
      '5.9',
      'Ports open without need',
      'partly',
      'Ports that Drone parts need not publish.',
      words('exposed-dashboard published-extension exposed-port'),
    ),
    control(
      '5.10',
      'Network of the host',
      'yes',
      'Drone containers and steps.',
      words('host-network-step host-network'),
    ),
    control(
      '5.11',
      'Memory limit',
      'partly',
      'Builds, and Drone containers. Builds count as limited where any one of the limits is set.',
      words('unlimited-build-resources unhardened-container'),
    ),
    control(
      '5.12',
      'CPU limit',
      'partly',
      'Builds, and Drone containers. Builds count as limited where any one of the limits is set.',
      words('unlimited-build-resources unhardened-container'),
    ),
    control(
      '5.13',
      'Read-only root file system',
      'partly',
      'Drone containers; steps cannot have it.',
      words('unhardened-container'),
    ),
    control(
      '5.14',
      'Published ports bound to an interface',
      'partly',
      'Bind address of the ports of runners, extensions, dashboards, databases and caches. The ports of a server and of a proxy are meant to be open and are not judged.',
      words('exposed-dashboard published-extension exposed-port'),
    ),
    control('5.15', 'Restarts after failures', 'no', 'Restart policy is not judged.', []),
    control('5.16', 'Processes of the host', 'yes', 'pid.', words('host-namespace')),
    control('5.17', 'IPC of the host', 'yes', 'ipc.', words('host-namespace')),
    manual(
      '5.18',
      'Devices of the host',
      'partly',
      'Steps and Drone containers; not of proxies and engines.',
      words('host-device host-device-mount'),
    ),
    control('5.19', 'ulimits of containers', 'no', 'ulimits are not judged.', []),
    control('5.20', 'Shared mount propagation', 'yes', 'Propagation of mounts.', words('shared-mount-propagation')),
    control('5.21', 'Host name shared with the host', 'yes', 'uts.', words('host-namespace')),
    control(
      '5.22',
      'Seccomp',
      'yes',
      'Security option of containers, the engine, and what is privileged: that has no profile.',
      words(`
        security-profile-off daemon-confinement-off privileged-step implicitly-privileged-step broad-privileged-image extra-privileged-image
        privileged-container
      `),
    ),
    control('5.23', 'exec with privileges', 'no', 'Needs the audit log of the host.', []),
    control('5.24', 'exec as root', 'no', 'Needs the audit log of the host.', []),
    control('5.25', 'cgroup of containers', 'no', 'cgroup parent is not judged.', []),
    control(
      '5.26',
      'No new privileges, for each container',
      'partly',
      'Drone containers; not of steps, proxies and engines.',
      words('unhardened-container'),
    ),
    control(
      '5.27',
      'Health check at run time',
      'partly',
      'Drone containers; not of steps, proxies and engines.',
      words('unhardened-container'),
    ),
    manual(
      '5.28',
      'Age of images',
      'partly',
      'Age of versions. Pulling the newest tag each time, as CIS words it, contradicts pinning: report the version, not the habit.',
      words('outdated-server outdated-runner obsolete-drone-image outdated-extension'),
    ),
    control(
      '5.29',
      'Process limit',
      'partly',
      'Drone containers; not of steps, proxies and engines.',
      words('unhardened-container'),
    ),
    manual('5.30', 'Default bridge', 'no', 'Membership in docker0 is in the engine answer; no rule reads it.', []),
    control('5.31', 'User ids of the host', 'yes', 'userns host.', words('host-namespace')),
    control(
      '5.32',
      'Socket of the engine in containers',
      'partly',
      'Drone containers, steps, all builds. The socket in a proxy that stands before it is not counted; permissive-socket-proxy judges what the proxy lets through.',
      words('docker-socket-for-builds docker-socket-volume docker-socket-mount'),
    ),
  ],
};

const cisSupplyChain: ControlStandard = {
  name: 'CIS Software Supply Chain Security Guide',
  version: '1.0',
  publisher: 'Center for Internet Security',
  hasTitles: false,
  controls: [
    control(
      '1.3.1',
      'Idle accounts are removed',
      'partly',
      'Drone accounts only, not the SCM. Needs --server.',
      words('dormant-account blocked-account-with-token'),
    ),
    control(
      '1.3.3',
      'Few administrators',
      'partly',
      'Drone administrators only. Needs --server.',
      words('machine-administrator many-administrators'),
    ),
    control(
      '1.4.2',
      'Idle applications are removed',
      'partly',
      'Leftovers in Drone only.',
      words('archived-repository stale-cron'),
    ),
    control('1.4.3', 'Applications have few rights', 'partly', 'Scope of Drone at the SCM.', words('broad-scm-scope')),
    control(
      '1.5.1',
      'Search for secrets in code',
      'partly',
      'In the files that drone-audit reads; a run of it is itself part of this control.',
      words(`
        shared-env-file hardcoded-secret plaintext-secret-document inline-secret sample-secret
        readable-secret-file
      `),
    ),
    control(
      '1.5.2',
      'Checks of pipeline definitions',
      'partly',
      'A run of drone-audit as a gate is the evidence; rules listed are what it looks for.',
      pipelineRules,
    ),
    control(
      '1.5.3',
      'Checks of infrastructure definitions',
      'partly',
      'As 1.5.2, for compose, env, systemd and Kubernetes files of Drone.',
      deploymentRules,
    ),
    control('2.1.1', 'One purpose for each pipeline', 'no', 'Purpose of a pipeline is not judged.', []),
    control(
      '2.1.2',
      'Pipeline infrastructure does not change',
      'partly',
      'Pinned versions and drift; immutability of hosts is not seen.',
      words('unpinned-container-image running-differs-from-declared automatic-image-updates'),
    ),
    control(
      '2.1.3',
      'Logs of the build environment',
      'partly',
      'Log driver, event feed, lost database; the central store is not seen.',
      words('misplaced-data-directory missing-event-feed unkept-logs'),
    ),
    control('2.1.4', 'Build environments made automatically', 'no', 'How hosts come to be is not seen.', []),
    control(
      '2.1.5',
      'Few may use the build environment',
      'partly',
      'Drone accounts, trust, reach of runners.',
      words(`
        open-registration machine-administrator unclaimed-administrator many-administrators dormant-account
        blocked-account-with-token foreign-account public-read-access trusted-by-default builds-on-the-server
        unrestricted-runner debug-shell control-plane-network-for-builds shared-kubernetes-namespace
        server-and-runner-together runner-reachable-by-label foreign-drone shared-data-volume
      `),
    ),
    control(
      '2.1.6',
      'Login to the build environment',
      'partly',
      "Doors that open without login; method of login (SSO, MFA) is the SCM's.",
      words(`
        public-read-access profiler-enabled reachable-profiler anonymous-metrics readable-metrics
        exposed-dashboard reachable-dashboard missing-extension-token unauthenticated-extension
        exposed-docker-daemon
      `),
    ),
    control(
      '2.2.1',
      'Workers used once',
      'partly',
      "What survives a build is found. Drone's docker runner reuses its host: absence of findings is no proof of single use.",
      words(`
        docker-socket-for-builds host-path-for-builds unrestricted-exec-runner host-volume exec-pipeline
        cached-mutable-image poisoned-cache overdue-step-container
      `),
    ),
    control('2.2.2', 'Work is pushed to workers', 'no', 'Drone runners poll by design.', []),
    control(
      '2.2.3',
      'Workers with separate duties',
      'partly',
      'Separation of server and builds, reach of special runners.',
      words(`
        builds-on-the-server unrestricted-runner control-plane-network-for-builds shared-kubernetes-namespace
        server-and-runner-together runner-reachable-by-label foreign-drone shared-data-volume
      `),
    ),
    control(
      '2.2.4',
      'Workers with little network',
      'partly',
      'Networks that builds join; egress rules are not seen.',
      words('control-plane-network-for-builds host-network-step host-network exposed-port metadata-credentials'),
    ),
    control(
      '2.2.5',
      'Protection of running workers',
      'partly',
      'Confinement that is switched off; run-time detection is not seen.',
      words(`
        privileged-step implicitly-privileged-step broad-privileged-image extra-privileged-image
        privileged-container security-profile-off daemon-confinement-off
      `),
    ),
    control(
      '2.2.6',
      'Workers searched for vulnerabilities',
      'partly',
      'Known versions; no vulnerability scan of hosts.',
      words('outdated-docker-engine vulnerable-runtime outdated-runner'),
    ),
    control(
      '2.2.7',
      'Worker deployment under version control',
      'partly',
      'Drift shows what runs without being written; whether the file is under version control is not decided.',
      words('running-differs-from-declared'),
    ),
    control(
      '2.2.8',
      'Resources of workers are watched',
      'no',
      'Limits are judged (unlimited-build-resources), monitoring is not.',
      [],
    ),
    control(
      '2.3.1',
      'Steps defined as code',
      'partly',
      'Drone pipelines are code; what scripts do is not judged.',
      words('config-changes-after-validation unusual-config-path'),
    ),
    control('2.3.2', 'Clear input and output of stages', 'no', 'Not judged.', []),
    control('2.3.3', 'Output stored apart and safely', 'no', 'Not judged.', []),
    control(
      '2.3.4',
      'Changes of pipelines are reviewed',
      'partly',
      "Signature and protected flag (--server); review rules are the SCM's.",
      words(`
        missing-build-policy config-changes-after-validation ambiguous-signed-document missing-signature
        unprotected-repository unchecked-builds
      `),
    ),
    control(
      '2.3.5',
      'Few may start builds',
      'partly',
      "Events of Drone; rights to push and to promote are the SCM's.",
      words(`
        late-merge-key missing-trigger dropped-condition branch-without-event ignored-condition open-event-list
        unknown-event ineffective-pattern deploy-without-promotion promotion-without-target promotion-of-any-ref
        unnamed-cron publish-on-pull-request trusted-repository-open-to-forks fork-builds
      `),
    ),
    control(
      '2.3.6',
      'Pipelines searched for misconfiguration',
      'partly',
      'As 1.5.2: the run is the evidence.',
      pipelineRules,
    ),
    control(
      '2.3.7',
      'Pipelines searched for vulnerabilities',
      'partly',
      'Known images only.',
      words('unmaintained-image known-bad-image'),
    ),
    control(
      '2.3.8',
      'Search for secrets in pipeline files',
      'partly',
      'Patterns and settings known to be secret; no entropy search of whole repositories.',
      words(`
        shared-env-file hardcoded-secret printed-secret traced-secret plaintext-secret-document inline-secret
        sample-secret readable-secret-file
      `),
    ),
    control(
      '2.4.1',
      'Signed artefacts',
      'partly',
      'A hint where a published image is neither scanned nor signed.',
      words('unattested-release'),
    ),
    control(
      '2.4.2',
      'Locked dependencies of builds',
      'partly',
      'Images, foreign repositories, lock flags of package managers.',
      words(`
        floating-clone-image unpinned-container-image unpinned-image image-from-variable unlocked-dependency
        unpinned-repository-code
      `),
    ),
    control(
      '2.4.3',
      'Dependencies are validated',
      'partly',
      'Commands and plugin settings in pipelines.',
      words(`
        remote-script unverified-download tls-check-off plugin-tls-check-off clone-tls-check-off
        unverified-ssh-host scanned-host-key
      `),
    ),
    control('2.4.4', 'Reproducible artefacts', 'no', 'Not judged.', []),
    control('2.4.5', 'SBOM from the pipeline', 'no', 'Not judged.', []),
    control('2.4.6', 'Signed SBOM', 'no', 'Not judged.', []),
    control(
      '3.1.1',
      'Third-party artefacts are verified',
      'partly',
      'In pipelines.',
      words('misspelt-image known-bad-image remote-script unverified-download'),
    ),
    control(
      '3.1.5',
      'Trusted registries come first',
      'partly',
      'Registries of images only.',
      words('plain-registry-allowed image-from-variable image-outside-policy'),
    ),
    control(
      '3.1.7',
      'Pinned versions',
      'partly',
      'In pipelines and deployment files of Drone.',
      words(`
        floating-clone-image unpinned-container-image unpinned-image image-from-variable unlocked-dependency
        unpinned-repository-code
      `),
    ),
    control('5.1.1', 'Deployment definitions apart from code', 'no', 'Layout of repositories is not judged.', []),
    control(
      '5.1.2',
      'Changes of deployments are tracked',
      'partly',
      'Drift of Drone containers.',
      words('running-differs-from-declared'),
    ),
    control(
      '5.1.3',
      'Search for secrets in deployments',
      'partly',
      'Deployment files of Drone.',
      words(`
        shared-env-file hardcoded-secret plaintext-secret-document inline-secret sample-secret
        readable-secret-file
      `),
    ),
    control(
      '5.1.4',
      'Few may read deployment definitions',
      'partly',
      'File modes on the host.',
      words('readable-secret-file readable-data-directory'),
    ),
    control('5.1.5', 'Checks of infrastructure definitions in deployments', 'partly', 'As 1.5.3.', deploymentRules),
    control('5.1.6', 'Deployment manifests are verified', 'no', 'Not judged.', []),
    control(
      '5.1.7',
      'Deployment manifests are pinned',
      'partly',
      'Deployment files of Drone.',
      words('unpinned-container-image'),
    ),
    control('5.2.1', 'Automated deployments', 'no', 'Not judged.', []),
    control('5.2.2', 'Reproducible deployment environment', 'no', 'Not judged.', []),
    control(
      '5.2.3',
      'Few may reach production',
      'partly',
      'Who can deploy through Drone.',
      words('deploy-without-promotion promotion-without-target promotion-of-any-ref publish-on-pull-request'),
    ),
    control(
      '5.2.4',
      'No default passwords',
      'yes',
      'Documented, sample, empty and short secrets of Drone and its parts, declared and probed.',
      words(`
        weak-account-token weak-rpc-secret accepted-sample-rpc-secret weak-cookie-secret weak-database-secret
        default-database-password secret-fallback sample-secret weak-dashboard-password
        default-build-machine-access weak-extension-token accepted-sample-extension-token
      `),
    ),
  ],
};

const ssdf: ControlStandard = {
  name: 'NIST SP 800-218 (SSDF)',
  version: '1.1',
  publisher: 'NIST',
  hasTitles: true,
  controls: [
    control(
      'PO.1.1',
      'Identify and document all security requirements for the organization’s software development infrastructures and processes, and maintain the requirements over time.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PO.1.2',
      'Identify and document all security requirements for organization-developed software to meet, and maintain the requirements over time.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PO.1.3',
      'Communicate requirements to all third parties who will provide commercial software components to the organization for reuse by the organization’s own software. [Formerly PW.3.1]',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PO.2.1',
      'Create new roles and alter responsibilities for existing roles as needed to encompass all parts of the SDLC. Periodically review and maintain the defined roles and responsibilities, updating them as needed.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PO.2.2',
      'Provide role-based training for all personnel with responsibilities that contribute to secure development. Periodically review personnel proficiency and role-based training, and update the training as needed.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PO.2.3',
      'Obtain upper management or authorizing official commitment to secure development, and convey that commitment to all with development-related roles and responsibilities.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PO.3.1',
      'Specify which tools or tool types must or should be included in each toolchain to mitigate identified risks, as well as how the toolchain components are to be integrated with each other.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PO.3.2',
      'Follow recommended security practices to deploy, operate, and maintain tools and toolchains.',
      'partly',
      'Settings, containers and versions of Drone and its engine.',
      words(`
        open-registration ineffective-user-create malformed-user-create weak-account-token logged-account-token
        machine-administrator obsolete-registration-setting missing-rpc-secret weak-rpc-secret
        rpc-secret-mismatch plain-http-rpc unverified-rpc-certificate rpc-dump missing-rpc-host
        plain-http-server certificate-without-key http-links-behind-tls cookie-over-http weak-cookie-secret
        response-headers-off public-read-access trusted-by-default builds-on-the-server
        unverified-scm-certificate plain-http-scm broad-scm-scope shared-webhook-secret
        clone-credential-in-every-step clone-credential-for-public-repositories shared-clone-credential
        missing-scm unencrypted-database weak-database-secret mixed-encryption unencrypted-user-tokens
        plain-storage-connection default-database-password misplaced-data-directory unknown-setting
        obsolete-setting setting-without-effect ignored-secret-file invalid-setting-value spaced-list-item
        shared-env-file secret-fallback inline-secret sample-secret reused-secret trace-logging debug-logging
        traffic-dump profiler-enabled anonymous-metrics usage-statistics exposed-dashboard
        weak-dashboard-password missing-event-feed docker-socket-for-builds host-path-for-builds
        unrestricted-runner unrestricted-exec-runner exec-runner-as-root secret-in-runner-environment
        misused-runner-env-file global-runner-secrets shared-registry-credentials debug-shell
        unlimited-build-resources control-plane-network-for-builds floating-clone-image nomad-job-secrets
        default-build-machine-access broad-privileged-image extra-privileged-image plugin-volumes-allowed
        plain-http-extension unverified-extension-certificate missing-extension-token weak-extension-token
        secret-extension-on-server unfiltered-secret-extension static-vault-token published-extension
        unprotected-event-receiver missing-build-policy config-changes-after-validation privileged-container
        docker-socket-mount host-path-mount host-network host-namespace dangerous-capability
        security-profile-off unhardened-container exposed-port shared-mount-propagation host-device-mount
        unpinned-container-image unkept-logs permissive-socket-proxy plain-docker-daemon plain-docker-host
        outdated-docker-engine vulnerable-runtime readable-secret-file outdated-server outdated-runner
        obsolete-drone-image outdated-extension unmaintained-image known-bad-image missing-kubernetes-policy
        shared-kubernetes-namespace powerful-runner-account unmasked-environment-extension
        service-link-collision server-and-runner-together runner-reachable-by-label unserved-pipeline
        shared-data-volume
      `),
    ),
    control(
      'PO.3.3',
      'Configure tools to generate artifacts of their support of secure software development practices as defined by the organization.',
      'partly',
      'Whether Drone leaves a trail.',
      words('missing-event-feed missing-build-policy unkept-logs'),
    ),
    control(
      'PO.4.1',
      'Define criteria for software security checks and track throughout the SDLC.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PO.4.2',
      'Implement processes, mechanisms, etc. to gather and safeguard the necessary information in support of the criteria.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PO.5.1',
      'Separate and protect each environment involved in software development.',
      'partly',
      'Build environment of Drone only.',
      words(`
        trusted-by-default builds-on-the-server docker-socket-for-builds host-path-for-builds
        unrestricted-runner unrestricted-exec-runner exec-runner-as-root control-plane-network-for-builds
        privileged-step docker-socket-volume host-volume host-device exec-pipeline plugin-volumes-allowed
        privileged-container shared-kubernetes-namespace server-and-runner-together runner-reachable-by-label
        foreign-drone shared-data-volume
      `),
    ),
    control(
      'PO.5.2',
      'Secure and harden development endpoints (i.e., endpoints for software designers, developers, testers, builders, etc.) to perform development-related tasks using a risk-based approach.',
      'partly',
      'Build hosts as far as the engine tells.',
      words(`
        host-namespace dangerous-capability security-profile-off unhardened-container daemon-confinement-off
        unhardened-docker-daemon outdated-docker-engine vulnerable-runtime outdated-server outdated-runner
        obsolete-drone-image outdated-extension unmaintained-image known-bad-image
      `),
    ),
    control(
      'PS.1.1',
      'Store all forms of code – including source code, executable code, and configuration-as-code – based on the principle of least privilege so that only authorized personnel, tools, services, etc. have access.',
      'partly',
      'Pipeline definitions and credentials for code.',
      words(`
        clone-credential-in-every-step clone-credential-for-public-repositories shared-clone-credential
        forwarded-clone-credential missing-build-policy config-changes-after-validation
        ambiguous-signed-document missing-signature push-from-build submodule-with-credential
        unprotected-repository unchecked-builds
      `),
    ),
    control(
      'PS.2.1',
      'Make software integrity verification information available to software acquirers.',
      'partly',
      'A hint only.',
      words('unattested-release'),
    ),
    control(
      'PS.3.1',
      'Securely archive the necessary files and supporting data (e.g., integrity verification information, provenance data) to be retained for each software release.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PS.3.2',
      'Collect, safeguard, maintain, and share provenance data for all components of each software release (e.g., in a software bill of materials [SBOM]).',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.1.1',
      'Use forms of risk modeling – such as threat modeling, attack modeling, or attack surface mapping – to help assess the security risk for the software.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.1.2',
      'Track and maintain the software’s security requirements, risks, and design decisions.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.1.3',
      'Where appropriate, build in support for using standardized security features and services (e.g., enabling software to integrate with existing log management, identity management, access control, and vulnerability management systems) instead of creating proprietary implementations of security features and services. [Formerly PW.4.3]',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.2.1',
      'Have 1) a qualified person (or people) who were not involved with the design and/or 2) automated processes instantiated in the toolchain review the software design to confirm and enforce that it meets all of the security requirements and satisfactorily addresses the identified risk information.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.4.1',
      'Acquire and maintain well-secured software components (e.g., software libraries, modules, middleware, frameworks) from commercial, open-source, and other third-party developers for use by the organization’s software.',
      'partly',
      'Components that builds fetch.',
      words(`
        floating-clone-image unpinned-container-image unpinned-image image-from-variable misspelt-image
        unmaintained-image known-bad-image unlocked-dependency unpinned-repository-code
      `),
    ),
    control(
      'PW.4.2',
      'Create and maintain well-secured software components in-house following SDLC processes to meet common internal software development needs that cannot be better met by third-party software components.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.4.4',
      'Verify that acquired commercial, open-source, and all other third-party software components comply with the requirements, as defined by the organization, throughout their life cycles.',
      'partly',
      'Verification at the time of the build.',
      words(`
        image-outside-policy remote-script unverified-download tls-check-off plugin-tls-check-off
        clone-tls-check-off
      `),
    ),
    control(
      'PW.5.1',
      'Follow all secure coding practices that are appropriate to the development languages and environment to meet the organization’s requirements.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.6.1',
      'Use compiler, interpreter, and build tools that offer features to improve executable security.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.6.2',
      'Determine which compiler, interpreter, and build tool features should be used and how each should be configured, then implement and use the approved configurations.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.7.1',
      'Determine whether code review (a person looks directly at the code to find issues) and/or code analysis (tools are used to find issues in code, either in a fully automated way or in conjunction with a person) should be used, as defined by the organization.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.7.2',
      'Perform the code review and/or code analysis based on the organization’s secure coding standards, and record and triage all discovered issues and recommended remediations in the development team’s workflow or issue tracking system.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.8.1',
      'Determine whether executable code testing should be performed to find vulnerabilities not identified by previous reviews, analysis, or testing and, if so, which types of testing should be used.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.8.2',
      'Scope the testing, design the tests, perform the testing, and document the results, including recording and triaging all discovered issues and recommended remediations in the development team’s workflow or issue tracking system.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.9.1',
      'Define a secure baseline by determining how to configure each setting that has an effect on security or a security-related setting so that the default settings are secure and do not weaken the security functions provided by the platform, network infrastructure, or services.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'PW.9.2',
      'Implement the default settings (or groups of default settings, if applicable), and document each setting for software administrators.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'RV.1.1',
      'Gather information from software acquirers, users, and public sources on potential vulnerabilities in the software and third-party components that the software uses, and investigate all credible reports.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'RV.1.2',
      'Review, analyze, and/or test the software’s code to identify or confirm the presence of previously undetected vulnerabilities.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'RV.1.3',
      'Have a policy that addresses vulnerability disclosure and remediation, and implement the roles, responsibilities, and processes needed to support that policy.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'RV.2.1',
      'Analyze each vulnerability to gather sufficient information about risk to plan its remediation or other risk response.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'RV.2.2',
      'Plan and implement risk responses for vulnerabilities.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'RV.3.1',
      'Analyze identified vulnerabilities to determine their root causes.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'RV.3.2',
      'Analyze the root causes over time to identify patterns, such as a particular secure coding practice not being followed consistently.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'RV.3.3',
      'Review the software for similar vulnerabilities to eradicate a class of vulnerabilities, and proactively fix them rather than waiting for external reports.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
    control(
      'RV.3.4',
      'Review the SDLC process, and update it if appropriate to prevent (or reduce the likelihood of) the root cause recurring in updates to the software or in new software that is created.',
      'no',
      'Outside of what a CI installation shows.',
      [],
    ),
  ],
};

const slsa: ControlStandard = {
  name: 'SLSA Build track',
  version: '1.1',
  publisher: 'SLSA, OpenSSF',
  hasTitles: true,
  controls: [
    control(
      'Build L1',
      'Provenance exists',
      'partly',
      'Drone makes no provenance; a rule hints where nothing attests. A level is never shown as reached.',
      words('unattested-release'),
    ),
    control(
      'Build L2',
      'Hosted build platform',
      'no',
      'Signing of provenance by the platform is not something Drone has.',
      [],
    ),
    control(
      'Build L3',
      'Hardened builds',
      'partly',
      'A finding shows that builds can influence one another or reach signing material: level not reached. Silence does not show that it is.',
      words(`
        builds-on-the-server docker-socket-for-builds host-path-for-builds unrestricted-runner
        unrestricted-exec-runner exec-runner-as-root control-plane-network-for-builds privileged-step
        docker-socket-volume host-volume host-device exec-pipeline plugin-volumes-allowed privileged-container
        poisoned-cache shared-kubernetes-namespace trusted-repository-open-to-forks server-and-runner-together
        runner-reachable-by-label foreign-drone shared-data-volume
      `),
    ),
  ],
};

const iso27001: ControlStandard = {
  name: 'ISO/IEC 27001 Annex A',
  version: '2022',
  publisher: 'ISO, IEC',
  hasTitles: false,
  controls: [
    control(
      'A.5.9',
      'List of assets',
      'no',
      'The list of files and containers seen is material for it, not the control.',
      [],
    ),
    control(
      'A.5.15',
      'Rules of access',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words('open-registration public-read-access trusted-by-default unrestricted-runner global-runner-secrets'),
    ),
    control(
      'A.5.16',
      'Life of identities',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        open-registration ineffective-user-create malformed-user-create machine-administrator
        obsolete-registration-setting unclaimed-administrator many-administrators dormant-account
        blocked-account-with-token foreign-account
      `),
    ),
    control(
      'A.5.17',
      'Handling of credentials',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        weak-account-token logged-account-token weak-rpc-secret rpc-dump accepted-sample-rpc-secret
        weak-cookie-secret unencrypted-database weak-database-secret mixed-encryption unencrypted-user-tokens
        default-database-password secret-fallback hardcoded-secret secret-on-pull-request
        external-secret-on-pull-request printed-secret traced-secret secret-in-build-argument
        secret-with-repository-code nested-secret-reference forwarded-clone-credential plaintext-secret-document
        broken-secret-document drone-credential-in-step inline-secret sample-secret reused-secret
        secret-sent-out widely-shared-secret ssh-password-login credentials-sent-out secret-left-in-workspace
        trace-logging debug-logging traffic-dump token-in-log weak-dashboard-password
        default-build-machine-access weak-extension-token accepted-sample-extension-token secret-in-build-log
      `),
    ),
    control(
      'A.5.18',
      'Granting of rights',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        open-registration machine-administrator unclaimed-administrator many-administrators dormant-account
        blocked-account-with-token foreign-account broad-scm-scope broad-organization-secret
        ownerless-repository personal-owner
      `),
    ),
    control(
      'A.5.21',
      'Supply chain',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        unpinned-container-image unpinned-image image-from-variable image-outside-policy misspelt-image
        cached-mutable-image unmaintained-image known-bad-image unattested-release remote-script
        unverified-download unpinned-repository-code
      `),
    ),
    control(
      'A.8.2',
      'Privileged accounts',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        machine-administrator many-administrators docker-socket-for-builds host-path-for-builds
        unrestricted-exec-runner exec-runner-as-root privileged-step docker-socket-volume host-volume
        host-device implicitly-privileged-step exec-pipeline broad-privileged-image extra-privileged-image
        plugin-volumes-allowed privileged-container chosen-service-account powerful-runner-account
      `),
    ),
    control(
      'A.8.3',
      'Limits of access',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        public-read-access secret-on-pull-request external-secret-on-pull-request readable-secret-file
        readable-data-directory secret-for-pull-requests organization-secret-for-pull-requests
        public-logs-of-private-repository
      `),
    ),
    control(
      'A.8.4',
      'Access to code',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        clone-credential-in-every-step clone-credential-for-public-repositories shared-clone-credential
        forwarded-clone-credential push-from-build submodule-with-credential
      `),
    ),
    control(
      'A.8.5',
      'Safe login',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        weak-account-token missing-rpc-secret weak-rpc-secret accepted-sample-rpc-secret cookie-over-http
        weak-cookie-secret public-read-access weak-database-secret default-database-password secret-fallback
        sample-secret profiler-enabled reachable-profiler anonymous-metrics readable-metrics exposed-dashboard
        weak-dashboard-password reachable-dashboard default-build-machine-access missing-extension-token
        weak-extension-token unauthenticated-extension accepted-sample-extension-token exposed-docker-daemon
      `),
    ),
    control(
      'A.8.8',
      'Known vulnerabilities',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        outdated-docker-engine vulnerable-runtime outdated-server outdated-runner obsolete-drone-image
        outdated-extension unmaintained-image known-bad-image
      `),
    ),
    control(
      'A.8.9',
      'Configurations',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        unknown-setting obsolete-setting setting-without-effect ignored-secret-file invalid-setting-value
        spaced-list-item shared-env-file secret-fallback missing-build-policy running-differs-from-declared
      `),
    ),
    control(
      'A.8.12',
      'Leaks',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        logged-account-token rpc-dump printed-secret traced-secret secret-sent-out credentials-sent-out
        trace-logging debug-logging traffic-dump usage-statistics token-in-log secret-in-build-log
      `),
    ),
    control(
      'A.8.15',
      'Logs',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        logged-account-token rpc-dump misplaced-data-directory printed-secret traced-secret trace-logging
        debug-logging traffic-dump token-in-log missing-event-feed unkept-logs secret-in-build-log
      `),
    ),
    control(
      'A.8.16',
      'Monitoring',
      'partly',
      'What the logs of this run show; monitoring itself is not seen.',
      words('rejected-runner refused-attempts fork-build-with-secrets debug-build unknown-runner'),
    ),
    control(
      'A.8.19',
      'Installed software',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words('unpinned-container-image running-differs-from-declared automatic-image-updates'),
    ),
    control(
      'A.8.20',
      'Networks',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        control-plane-network-for-builds host-network-step published-extension host-network exposed-port
        plain-docker-daemon exposed-docker-daemon
      `),
    ),
    control(
      'A.8.21',
      'Network services',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        plain-http-rpc unverified-rpc-certificate rpc-secret-sent-in-clear plain-http-server plain-http-address
        certificate-without-key http-links-behind-tls response-headers-off missing-security-headers weak-tls
        unverified-scm-certificate plain-http-scm plain-storage-connection exposed-dashboard reachable-dashboard
        plain-http-extension unverified-extension-certificate unprotected-event-receiver plain-docker-daemon
        plain-docker-host plain-registry-allowed unverified-download tls-check-off plugin-tls-check-off
        clone-tls-check-off
      `),
    ),
    control(
      'A.8.22',
      'Separated networks',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words('control-plane-network-for-builds host-network-step host-network server-and-runner-together'),
    ),
    control(
      'A.8.24',
      'Cryptography',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        plain-http-rpc unverified-rpc-certificate rpc-secret-sent-in-clear plain-http-server plain-http-address
        certificate-without-key http-links-behind-tls response-headers-off missing-security-headers weak-tls
        unverified-scm-certificate plain-http-scm unencrypted-database weak-database-secret mixed-encryption
        unencrypted-user-tokens plain-storage-connection exposed-dashboard reachable-dashboard
        plain-http-extension unverified-extension-certificate unprotected-event-receiver plain-docker-daemon
        plain-docker-host plain-registry-allowed unverified-download tls-check-off plugin-tls-check-off
        clone-tls-check-off
      `),
    ),
    control(
      'A.8.25',
      'Secure development',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        missing-build-policy config-changes-after-validation ambiguous-signed-document missing-signature
        skipped-gate ignored-gate unprotected-repository unchecked-builds
      `),
    ),
    control(
      'A.8.31',
      'Separated environments',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        builds-on-the-server unrestricted-runner control-plane-network-for-builds deploy-without-promotion
        promotion-without-target shared-kubernetes-namespace server-and-runner-together
        runner-reachable-by-label foreign-drone shared-data-volume
      `),
    ),
    control(
      'A.8.32',
      'Changes',
      'partly',
      'Technical side of the control, for the CI installation only.',
      words(`
        missing-build-policy config-changes-after-validation late-merge-key ambiguous-signed-document
        missing-signature missing-trigger dropped-condition branch-without-event ignored-condition
        open-event-list unknown-event ineffective-pattern deploy-without-promotion promotion-without-target
        promotion-of-any-ref unnamed-cron publish-on-pull-request trusted-repository-open-to-forks
        unprotected-repository unchecked-builds fork-builds running-differs-from-declared
      `),
    ),
  ],
};

const soc2: ControlStandard = {
  name: 'Trust Services Criteria (SOC 2)',
  version: '2017, points of focus 2022',
  publisher: 'AICPA',
  hasTitles: false,
  controls: [
    control(
      'CC6.1',
      'Logical access',
      'partly',
      'Technical side of the criterion, for the CI installation only.',
      words(`
        open-registration weak-account-token machine-administrator unclaimed-administrator many-administrators
        dormant-account blocked-account-with-token foreign-account weak-rpc-secret accepted-sample-rpc-secret
        weak-cookie-secret public-read-access trusted-by-default weak-database-secret default-database-password
        secret-fallback sample-secret profiler-enabled reachable-profiler anonymous-metrics readable-metrics
        exposed-dashboard weak-dashboard-password reachable-dashboard default-build-machine-access
        missing-extension-token weak-extension-token unauthenticated-extension accepted-sample-extension-token
        exposed-docker-daemon
      `),
    ),
    control(
      'CC6.2',
      'Accounts and their approval',
      'partly',
      'Technical side of the criterion, for the CI installation only.',
      words(`
        open-registration machine-administrator unclaimed-administrator many-administrators dormant-account
        blocked-account-with-token foreign-account
      `),
    ),
    control(
      'CC6.3',
      'Roles and least privilege',
      'partly',
      'Technical side of the criterion, for the CI installation only.',
      words(`
        machine-administrator many-administrators builds-on-the-server broad-scm-scope docker-socket-for-builds
        host-path-for-builds unrestricted-runner unrestricted-exec-runner exec-runner-as-root
        control-plane-network-for-builds privileged-step docker-socket-volume host-volume host-device
        exec-pipeline plugin-volumes-allowed privileged-container shared-kubernetes-namespace
        server-and-runner-together runner-reachable-by-label foreign-drone shared-data-volume
      `),
    ),
    control(
      'CC6.6',
      'Threats from outside',
      'partly',
      'Technical side of the criterion, for the CI installation only.',
      words(`
        reachable-rpc missing-security-headers credentialed-cors reachable-profiler exposed-dashboard
        reachable-dashboard published-extension exposed-port plain-docker-daemon exposed-docker-daemon
        late-merge-key missing-trigger dropped-condition branch-without-event ignored-condition open-event-list
        unknown-event ineffective-pattern deploy-without-promotion promotion-without-target promotion-of-any-ref
        unnamed-cron publish-on-pull-request trusted-repository-open-to-forks fork-builds
      `),
    ),
    control(
      'CC6.7',
      'Data in transit',
      'partly',
      'Technical side of the criterion, for the CI installation only.',
      words(`
        plain-http-rpc unverified-rpc-certificate rpc-secret-sent-in-clear plain-http-server plain-http-address
        certificate-without-key http-links-behind-tls response-headers-off missing-security-headers weak-tls
        unverified-scm-certificate plain-http-scm plain-storage-connection secret-sent-out credentials-sent-out
        exposed-dashboard reachable-dashboard plain-http-extension unverified-extension-certificate
        unprotected-event-receiver plain-docker-daemon plain-docker-host plain-registry-allowed
        unverified-download tls-check-off plugin-tls-check-off clone-tls-check-off
      `),
    ),
    control(
      'CC6.8',
      'Unauthorised software',
      'partly',
      'Technical side of the criterion, for the CI installation only.',
      words(`
        unpinned-image image-from-variable image-outside-policy misspelt-image cached-mutable-image
        unmaintained-image known-bad-image unattested-release remote-script unverified-download remote-shell
        obfuscated-command automatic-image-updates
      `),
    ),
    control(
      'CC7.1',
      'New vulnerabilities and changed configurations',
      'partly',
      'A scheduled run with a kept report is evidence for the detection part.',
      words(`
        outdated-docker-engine vulnerable-runtime outdated-server outdated-runner obsolete-drone-image
        outdated-extension unmaintained-image known-bad-image running-differs-from-declared
      `),
    ),
    control(
      'CC7.2',
      'Anomalies',
      'partly',
      'Monitoring itself is not seen.',
      words('refused-attempts missing-event-feed unkept-logs fork-build-with-secrets debug-build unknown-runner'),
    ),
    control(
      'CC8.1',
      'Approved changes',
      'partly',
      'Approval lives in the SCM.',
      words(`
        missing-build-policy config-changes-after-validation late-merge-key ambiguous-signed-document
        missing-signature missing-trigger dropped-condition branch-without-event ignored-condition
        open-event-list unknown-event ineffective-pattern skipped-gate deploy-without-promotion
        promotion-without-target promotion-of-any-ref unnamed-cron publish-on-pull-request ignored-gate
        trusted-repository-open-to-forks unprotected-repository unchecked-builds fork-builds
      `),
    ),
  ],
};

export const controlStandards: Readonly<Record<StandardName, ControlStandard>> = {
  owasp,
  'cis-docker': cisDocker,
  'cis-supply-chain': cisSupplyChain,
  ssdf,
  slsa,
  iso27001,
  soc2,
};

function control(
  id: string,
  title: string,
  assessed: Control['assessed'],
  why: string,
  rules: readonly string[],
): Control {
  return { id, title, isManual: false, assessed, why, rules };
}

function manual(...fields: Parameters<typeof control>): Control {
  return { ...control(...fields), isManual: true };
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
