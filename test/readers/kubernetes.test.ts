import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import { settingsOf } from '../../src/model/settings.ts';
import { type Location, lineOf, type Source } from '../../src/model/source.ts';
import { looksLikeHelmValues, readHelmValues } from '../../src/readers/kubernetes/helm-values.ts';
import { looksLikeKubernetes, readKubernetes } from '../../src/readers/kubernetes/manifests.ts';
import { quantity } from '../../src/readers/kubernetes/pods.ts';
import { affordable, expectProportional, Reference } from '../support/cost.ts';
import { plain } from '../support/text.ts';

function manifest(text: string, name = 'drone.yaml'): Source {
  return { name, form: 'kubernetes', text };
}

function read(...texts: readonly string[]) {
  return readKubernetes(texts.map((text, index) => manifest(text, index === 0 ? 'drone.yaml' : `part-${index}.yaml`)));
}

function only(reading: { readonly containers: readonly Container[] }): Container {
  expect(reading.containers).toHaveLength(1);
  const [container] = reading.containers;
  if (!container) throw new Error('no container');
  return container;
}

/** A Deployment of a server; `container` and `pod` are indented as they stand there. */
function server(container = '', pod = '', namespace = ''): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: drone
${namespace && `  namespace: ${namespace}\n`}spec:
  template:
    metadata:
      labels:
        app: drone
    spec:
${pod}
      containers:
      - name: server
        image: drone/drone:2.24.0
${container}`;
}

const env = (lines: string) => `        env:\n${lines.replace(/^/gm, '        ')}`;
const variable = (container: Container, name: string) => container.environment.variables.get(name);
const excerpt = (at: Location) => at.source.text.slice(at.span.start, at.span.end);

describe('workloads', () => {
  const spec = (indent: string) =>
    `spec:
  containers:
  - name: server
    image: drone/drone:2
    env: [{ name: DRONE_SERVER_HOST, value: ci.example.com }]`.replace(/^/gm, indent);
  it.each([
    ['Pod', spec('')],
    ['Deployment', `spec:\n  template:\n${spec('    ')}`],
    ['StatefulSet', `spec:\n  template:\n${spec('    ')}`],
    ['DaemonSet', `spec:\n  template:\n${spec('    ')}`],
    ['ReplicaSet', `spec:\n  template:\n${spec('    ')}`],
    ['Job', `spec:\n  template:\n${spec('    ')}`],
    ['CronJob', `spec:\n  jobTemplate:\n    spec:\n      template:\n${spec('        ')}`],
  ])('%s', (kind, body) => {
    const container = only(read(`apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ci\n${body}\n`));
    expect(container.owner).toBe(`drone.yaml#${kind}[ci].containers[server]`);
    expect(plain(container.label)).toBe(`container "server" of ${kind} "ci"`);
    expect(container.role).toBe('server');
    expect(excerpt(container.at)).toBe('server');
    expect(variable(container, 'DRONE_SERVER_HOST')?.value).toBe('ci.example.com');
    expect(settingsOf(container)).toMatchObject({ complete: true, gaps: [], live: false, version: '2' });
  });

  it('in a List and in a stream of documents', () => {
    const pod = `apiVersion: v1
  kind: Pod
  metadata: { name: NAME }
  spec: { containers: [{ name: c, image: drone/drone-runner-kube:1.0.0-rc.5 }] }`;
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${pod.replace('NAME', 'one')}\n- ${pod.replace('NAME', 'two')}\n`;
    const stream = `---\n${list}---\n${pod.replace('NAME', 'two').replace(/^ {2}/gm, '')}\n---\n# nothing\n`;
    expect(read(stream).containers.map((container) => container.owner)).toEqual([
      'drone.yaml#Pod[one].containers[c]',
      'drone.yaml#Pod[two].containers[c]',
      'drone.yaml#Pod[two]#2.containers[c]',
    ]);
  });

  it('as JSON', () => {
    const text = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'ci' },
      spec: { containers: [{ name: 'r', image: 'drone/drone-runner-docker:1' }] },
    });
    expect(looksLikeKubernetes(text)).toBe(true);
    expect(only(read(text)).role).toBe('runner-docker');
  });

  it('of others are left alone, unless they stand beside Drone or are named after it', () => {
    const other = (name: string, namespace: string) =>
      `---\napiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: { containers: [{ name: c, image: postgres }] }\n`;
    const reading = read(
      `${server('', '', 'ci')}\n${other('database', 'ci')}${other('shop', 'shop')}`,
      `${other('drone-db', 'x')}${other('wiki', 'ci')}${other('cache', 'drone')}`,
    );
    expect(reading.containers.map((container) => container.owner)).toEqual([
      'drone.yaml#Deployment[ci/drone].containers[server]',
      'drone.yaml#Pod[ci/database].containers[c]',
      'part-1.yaml#Pod[x/drone-db].containers[c]',
      'part-1.yaml#Pod[drone/cache].containers[c]',
    ]);
  });

  it('without an image are patches and not known as a whole', () => {
    const text = server(env('- { name: DRONE_GITEA_SERVER, value: "https://git.example.com" }'));
    const container = only(read(text.replace(/ +image: .*\n/, '')));
    expect(container.role).toBe('server');
    expect(container.environment.complete).toBe(false);
    expect(plain(container.gaps)).toEqual(['no image is written here; it may be a patch of another manifest']);
    expect(container.serviceAccount).toBeUndefined();
  });
});

const keep = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data:
  DRONE_SERVER_PROTO: https
  plain: from the map
---
apiVersion: v1
kind: Secret
metadata: { name: keys }
data:
  DRONE_RPC_SECRET: ${Buffer.from('correct horse battery staple').toString('base64')}
  binary: /////w==
  broken: bm90IGJhc2U2NA
stringData:
  DRONE_COOKIE_SECRET: "in clear text"
`;

describe('ways to give a variable', () => {
  const given = (lines: string, more = keep) => {
    const reading = read(server(env(lines)), more);
    return { reading, container: only(reading) };
  };

  it.each([
    ['a value', '- { name: X, value: text }', { value: 'text', origin: 'literal', heldBy: 'deployment' }],
    ['an empty value', '- { name: X, value: "" }', { value: '', origin: 'literal' }],
    ['nothing', '- name: X', { value: '', origin: 'literal' }],
    ['null', '- name: X\n  value: # later', { value: '', origin: 'literal' }],
    [
      'a key of a ConfigMap',
      '- { name: X, valueFrom: { configMapKeyRef: { name: settings, key: plain } } }',
      { value: 'from the map', origin: 'literal', heldBy: 'deployment' },
    ],
    [
      'a key of a Secret, in base64',
      '- { name: X, valueFrom: { secretKeyRef: { name: keys, key: DRONE_RPC_SECRET } } }',
      { value: 'correct horse battery staple', origin: 'literal', heldBy: 'secret-object' },
    ],
    [
      'a key of a Secret, as text',
      '- { name: X, valueFrom: { secretKeyRef: { name: keys, key: DRONE_COOKIE_SECRET } } }',
      { value: 'in clear text', origin: 'literal', heldBy: 'secret-object' },
    ],
    [
      'a key that is no text',
      '- { name: X, valueFrom: { secretKeyRef: { name: keys, key: binary } } }',
      { origin: 'unresolved', heldBy: 'secret-object' },
    ],
    [
      'a key that is no base64',
      '- { name: X, valueFrom: { secretKeyRef: { name: keys, key: broken } } }',
      { origin: 'unresolved', heldBy: 'secret-object' },
    ],
    [
      'a key that is not there',
      '- { name: X, valueFrom: { secretKeyRef: { name: keys, key: other } } }',
      { origin: 'unresolved', heldBy: 'secret-object' },
    ],
    [
      'a Secret that is not there',
      '- { name: X, valueFrom: { secretKeyRef: { name: elsewhere, key: other } } }',
      { origin: 'unresolved', heldBy: 'secret-object' },
    ],
    [
      'a field of the pod',
      '- { name: X, valueFrom: { fieldRef: { fieldPath: metadata.name } } }',
      { origin: 'unresolved' },
    ],
    [
      'a resource',
      '- { name: X, valueFrom: { resourceFieldRef: { resource: limits.cpu } } }',
      { origin: 'unresolved' },
    ],
    ['a template mark', '- { name: X, value: "{{ host }}" }', { origin: 'unresolved' }],
    ['a reference of envsubst', '- { name: X, value: "http://${HOST}/" }', { origin: 'unresolved' }],
    ['a reference of a secret tool', '- { name: X, value: "<path:kv/data/ci#x>" }', { origin: 'unresolved' }],
    [
      'a variable above',
      '- { name: H, value: git.example.com }\n- { name: X, value: "https://$(H)/$$(H)" }',
      { value: 'https://git.example.com/$(H)', origin: 'interpolated' },
    ],
    [
      'a variable below',
      '- { name: X, value: "https://$(H)/" }\n- { name: H, value: git.example.com }',
      { origin: 'unresolved' },
    ],
    ['an open bracket', '- { name: X, value: "a$(b" }', { value: 'a$(b', origin: 'literal' }],
    ['two values', '- { name: X, value: first }\n- { name: X, value: second }', { value: 'second' }],
  ])('%s', (_, lines, expected) => {
    const found = variable(given(lines).container, 'X');
    expect(found).toMatchObject(expected);
    if (!('value' in expected)) expect(found?.value).toBeUndefined();
  });

  it('an optional key that is not there sets nothing', () => {
    const { container } = given(
      '- { name: X, valueFrom: { secretKeyRef: { name: keys, key: other, optional: true } } }',
    );
    expect(container.environment.variables.has('X')).toBe(false);
    expect(container.environment.complete).toBe(true);
  });

  it('the namespace of the pod, where it is written', () => {
    const field = env('- { name: X, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }');
    expect(variable(only(read(server(field, '', 'ci'))), 'X')).toMatchObject({ value: 'ci', origin: 'interpolated' });
  });

  it('whole objects, in order, before env', () => {
    const from = `        envFrom:
        - configMapRef: { name: settings }
        - secretRef: { name: keys }
          prefix: S_
        - configMapRef: { name: settings }
          prefix: S_
${env('- { name: DRONE_SERVER_PROTO, value: http }')}`;
    const reading = read(server(from), keep);
    const { environment } = only(reading);
    expect(environment.variables.get('DRONE_SERVER_PROTO')?.value).toBe('http');
    expect(environment.variables.get('plain')?.value).toBe('from the map');
    expect(environment.variables.get('S_DRONE_COOKIE_SECRET')).toMatchObject({
      value: 'in clear text',
      heldBy: 'secret-object',
    });
    expect(environment.variables.get('S_DRONE_SERVER_PROTO')?.value).toBe('https');
    expect(environment.complete).toBe(true);
    expect(reading.settings).toEqual([]);
  });

  it('a value is located where it stands, with the place that uses it', () => {
    const { container } = given('- { name: X, valueFrom: { configMapKeyRef: { name: settings, key: plain } } }');
    const found = variable(container, 'X');
    expect(found && excerpt(found.at)).toBe('from the map');
    expect(found?.at.source.name).toBe('part-1.yaml');
    expect(found?.usedAt && excerpt(found.usedAt)).toBe('plain');
    expect(found?.usedAt?.source.name).toBe('drone.yaml');
    expect(found && excerpt(found.keyAt)).toBe('X');
  });

  it('objects outside the audit make the environment unknown', () => {
    const reading = read(server('        envFrom:\n        - secretRef: { name: elsewhere }\n'));
    const message = 'envFrom: Secret "elsewhere" is not in the audit';
    expect(plain(only(reading).environment)).toMatchObject({ complete: false, gaps: [message] });
    expect(reading.unknown.map((one) => plain(one.message))).toEqual([message]);
    expect(reading.unknown.map((one) => excerpt(one.at))).toEqual(['elsewhere']);
  });

  it('keys outside the audit are noted once for each object', () => {
    const { reading, container } = given(
      ['A', 'B'].map((name) => `- { name: ${name}, valueFrom: { secretKeyRef: { name: vault, key: k } } }`).join('\n'),
      '',
    );
    expect(container.environment.complete).toBe(true);
    expect(reading.unknown.map((one) => plain(one.message))).toEqual(['Secret "vault" is not in the audit (A, B)']);
  });

  it('merge keys are followed', () => {
    const text = server(env('- &base { name: X, value: merged }\n- { <<: *base, name: Y }'));
    expect(variable(only(read(text)), 'Y')?.value).toBe('merged');
  });
});

describe('what ConfigMaps and Secrets are made of', () => {
  const from = (reference: string) => server(`        envFrom:\n        - ${reference}\n`);

  it('SealedSecret: the names are known', () => {
    const sealed =
      'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: { name: keys }\nspec: { encryptedData: { DRONE_RPC_SECRET: AgBy8h } }\n';
    const { environment } = only(read(from('secretRef: { name: keys }'), sealed));
    expect(environment.complete).toBe(true);
    expect(environment.variables.get('DRONE_RPC_SECRET')).toMatchObject({
      origin: 'unresolved',
      heldBy: 'secret-object',
    });
  });

  it('ExternalSecret: the names are known unless they are all taken', () => {
    const external = (more: string) =>
      `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: x }\nspec:\n  target: { name: keys }\n  data: [{ secretKey: DRONE_RPC_SECRET, remoteRef: { key: a } }]\n${more}`;
    const known = only(read(from('secretRef: { name: keys }'), external('')));
    expect(known.environment.complete).toBe(true);
    expect(variable(known, 'DRONE_RPC_SECRET')?.origin).toBe('unresolved');
    const all = only(read(from('secretRef: { name: keys }'), external('  dataFrom: [{ extract: { key: b } }]\n')));
    expect(plain(all.environment.gaps)).toEqual(['the keys of ExternalSecret "x" are elsewhere']);
  });

  it('generators of kustomize', () => {
    const text = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
configMapGenerator:
- name: settings
  literals: ["DRONE_SERVER_PROTO=https", 'DRONE_LOGS_DEBUG="true"']
secretGenerator:
- name: keys
  envs: [secret.env]
  literals: [DRONE_RPC_SECRET=correct horse battery]
`;
    const container = only(read(from('configMapRef: { name: settings }\n        - secretRef: { name: keys }'), text));
    expect(variable(container, 'DRONE_LOGS_DEBUG')?.value).toBe('true');
    const secret = variable(container, 'DRONE_RPC_SECRET');
    expect(secret && excerpt(secret.at)).toBe('correct horse battery');
    expect(secret && excerpt(secret.keyAt)).toBe('DRONE_RPC_SECRET');
    expect(plain(container.environment.gaps)).toEqual(['Secret "keys" is made from files that were not read']);
  });

  it('SOPS', () => {
    const text =
      'apiVersion: v1\nkind: Secret\nmetadata: { name: keys }\ndata: { DRONE_RPC_SECRET: "ENC[AES256_GCM,data:abc]" }\n';
    expect(variable(only(read(from('secretRef: { name: keys }'), text)), 'DRONE_RPC_SECRET')?.origin).toBe(
      'unresolved',
    );
  });
});

describe('kustomize', () => {
  const patch = (image: string) =>
    `apiVersion: apps/v1
kind: Deployment
metadata: { name: drone }
spec: { template: { spec: { containers: [{ name: server${image}, env: [{ name: DRONE_GITEA_SERVER, value: x }] }] } } }
`;
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: more }\ndata: { DRONE_GITEA_CLIENT_ID: x }\n';
  const unrendered = 'is a kustomization that is not rendered; render it first (kustomize build)';
  const readFiles = (files: Readonly<Record<string, string>>) =>
    readKubernetes(Object.entries(files).map(([name, text]) => manifest(text, name)));

  it.each([
    ['patches: [{ path: patches/one.yaml }, { path: ./patches/map.yaml }]', ', image: drone/drone:2'],
    ['patchesStrategicMerge: [patches/one.yaml, patches/map.yaml]', ''],
    ['patchesJson6902: [{ path: patches/one.yaml }, { path: patches/map.yaml }]', ', image: drone/drone:2'],
  ])('patches are no components of their own: %s', (patches, image) => {
    const reading = readFiles({
      'base/kustomization.yaml': 'resources: [drone.yaml]\n',
      'base/drone.yaml': server(),
      'prod/kustomization.yaml': `resources: [../base]\n${patches}\n`,
      'prod/patches/one.yaml': patch(image),
      'prod/patches/map.yaml': map,
    });
    expect(reading.containers.map(({ role, environment }) => [role, environment.complete])).toEqual([
      ['server', true],
      ['unknown', false],
    ]);
    expect(reading.containers[1]?.environment.variables.get('DRONE_GITEA_SERVER')?.value).toBe('x');
    expect(reading.containers[1]?.serviceAccount).toBeUndefined();
    expect(reading.settings.map(({ role }) => role)).toEqual(['unknown']);
    expect(reading.problems.map(({ source, incomplete }) => [source, incomplete])).toEqual([
      ['base/kustomization.yaml', true],
      ['prod/kustomization.yaml', true],
    ]);
    expect(reading.problems.map(({ message }) => plain(message))).toEqual([unrendered, unrendered]);
  });

  it('what generators merge is a patch too', () => {
    const generator = (behavior: string) =>
      `configMapGenerator:\n- { name: more, behavior: ${behavior}, literals: [DRONE_GITEA_CLIENT_ID=x] }\n`;
    expect(readFiles({ 'kustomization.yml': generator('merge') }).settings.map(({ role }) => role)).toEqual([
      'unknown',
    ]);
    expect(readFiles({ Kustomization: generator('create') }).settings.map(({ role }) => role)).toEqual(['server']);
  });

  it('is not named where it has nothing to do with the manifests', () => {
    const files = { 'shop/kustomization.yaml': 'patches: [{ path: shop.yaml }]\n', 'ci/drone.yaml': server() };
    expect(readFiles(files).problems).toEqual([]);
  });

  it('is not what Flux calls so', () => {
    const text = 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nresources: [drone.yaml]\n';
    expect(readFiles({ 'kustomization.yaml': text, 'drone.yaml': server() }).problems).toEqual([]);
  });
});

describe('which object is meant', () => {
  const map = (value: string, namespace = '') =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n${namespace && `  namespace: ${namespace}\n`}data: { DRONE_SERVER_HOST: ${value} }\n`;
  const from = '        envFrom:\n        - configMapRef: { name: settings }\n';
  const host = (namespace: string, ...others: readonly (readonly [string, string])[]) => {
    const sources = [
      manifest(server(from, '', namespace), 'prod/drone.yaml'),
      ...others.map(([name, text]) => manifest(text, name)),
    ];
    const { environment } = only(readKubernetes(sources));
    return environment.variables.get('DRONE_SERVER_HOST')?.value ?? environment.gaps[0];
  };
  it.each([
    [
      'the one in the namespace',
      'a',
      [
        ['x.yaml', map('mine', 'a')],
        ['y.yaml', map('other', 'b')],
      ],
      'mine',
    ],
    ['one without namespace', 'a', [['x.yaml', map('mine')]], 'mine'],
    ['one with namespace for a pod without', '', [['x.yaml', map('mine', 'a')]], 'mine'],
    [
      'none in another namespace',
      'a',
      [['x.yaml', map('other', 'b')]],
      'envFrom: ConfigMap "settings" is not in the audit',
    ],
    [
      'the one in the folder',
      '',
      [
        ['prod/map.yaml', map('mine')],
        ['test/map.yaml', map('other')],
      ],
      'mine',
    ],
    [
      'neither of two',
      '',
      [
        ['a/map.yaml', map('x')],
        ['b/map.yaml', map('y')],
      ],
      'envFrom: more than one ConfigMap "settings" is in the audit',
    ],
  ] as const)('%s', (_, namespace, others, expected) => {
    expect(plain(host(namespace, ...others))).toBe(expected);
  });
});

describe('objects that no pod uses', () => {
  it('are settings of their own when they hold some', () => {
    const reading = read(keep);
    expect(reading.containers).toEqual([]);
    expect(reading.settings.map(({ owner, label, complete, gaps }) => plain({ owner, label, complete, gaps }))).toEqual(
      [
        {
          owner: 'drone.yaml#ConfigMap[settings]',
          label: 'ConfigMap "settings"',
          complete: false,
          gaps: ['the workload that uses it is not in the audit'],
        },
        {
          owner: 'drone.yaml#Secret[keys]',
          label: 'Secret "keys"',
          complete: false,
          gaps: ['the workload that uses it is not in the audit'],
        },
      ],
    );
    const secret = reading.settings[1]?.variables.get('DRONE_RPC_SECRET');
    expect(secret).toMatchObject({ heldBy: 'secret-object', secret: { length: 28 } });
  });

  it('are nothing when they have nothing to do with Drone', () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shop }\ndata: { DRONE_TAG: v1, COLOUR: red }\n';
    expect(read(text).settings).toEqual([]);
  });
});

describe('secrets are masked', () => {
  it('everything in a Secret, also where kubectl keeps it once more', () => {
    const canary = 'canary-of-the-yellow-kind';
    const text = `apiVersion: v1
kind: Secret
metadata:
  name: anything
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"whatever":"${canary}"}}'
data:
  whatever: ${Buffer.from(canary).toString('base64')}
stringData:
  also: ${canary}
`;
    const reading = read(text);
    let masked = text;
    for (const { span } of [...reading.secrets].sort((a, b) => b.span.start - a.span.start))
      masked = masked.slice(0, span.start) + masked.slice(span.end);
    expect(masked).not.toContain('canary');
    expect(masked).not.toContain(Buffer.from(canary).toString('base64'));
  });

  it('values of variables, also those that another overrides', () => {
    const text = server(
      env(
        '- { name: DRONE_RPC_SECRET, value: first-secret-text }\n- { name: DRONE_RPC_SECRET, value: second-secret-text }',
      ),
    );
    const texts = new Set(read(text).secrets.map(excerpt));
    expect(texts).toEqual(new Set(['first-secret-text', 'second-secret-text']));
  });
});

describe('confinement', () => {
  const context = (own: string, shared = '') =>
    only(
      read(
        server(
          own && `        securityContext:\n${own.replace(/^/gm, '          ')}`,
          shared && `      securityContext:\n${shared.replace(/^/gm, '        ')}`,
        ),
      ),
    );
  it.each([
    ['privileged', 'privileged: true', '', { privileged: true }],
    ['not privileged', 'privileged: false', '', { privileged: false }],
    ['read-only root', 'readOnlyRootFilesystem: true', '', { readOnlyRoot: true }],
    ['a user', 'runAsUser: 1000', 'runAsUser: 0', { user: '1000' }],
    ['a user of the pod', '', 'runAsUser: 1000\nrunAsGroup: 2000', { user: '1000:2000' }],
    ['no root', 'runAsNonRoot: true', '', { user: 'non-root' }],
  ])('%s', (_, own, shared, expected) => {
    const container = context(own, shared);
    for (const [key, value] of Object.entries(expected))
      expect(container).toHaveProperty(key, expect.objectContaining({ value }));
  });

  it.each([
    ['no new privileges', 'allowPrivilegeEscalation: false', '', ['no-new-privileges:true']],
    ['new privileges', 'allowPrivilegeEscalation: true', '', []],
    [
      'seccomp off',
      'seccompProfile: { type: Unconfined }',
      'seccompProfile: { type: RuntimeDefault }',
      ['seccomp=unconfined'],
    ],
    ['seccomp of the pod', '', 'seccompProfile: { type: RuntimeDefault }', ['seccomp=builtin']],
    [
      'a profile of the node',
      'seccompProfile: { type: Localhost, localhostProfile: ci.json }',
      '',
      ['seccomp=ci.json'],
    ],
    ['AppArmor off', 'appArmorProfile: { type: Unconfined }', '', ['apparmor=unconfined']],
    ['SELinux off', 'seLinuxOptions: { type: spc_t }', '', ['label=disable']],
    ['unmasked proc', 'procMount: Unmasked', '', ['systempaths=unconfined']],
  ])('%s', (_, own, shared, expected) => {
    expect(context(own, shared).securityOpt.map((option) => option.value)).toEqual(expected);
  });

  it('capabilities', () => {
    const container = context('capabilities: { add: [SYS_ADMIN, NET_RAW], drop: [ALL] }');
    expect(container.capAdd.map((one) => one.value)).toEqual(['SYS_ADMIN', 'NET_RAW']);
    expect(container.capDrop.map((one) => excerpt(one.at))).toEqual(['ALL']);
  });

  it('profiles in annotations', () => {
    const text = server().replace(
      '      labels:',
      '      annotations:\n        container.apparmor.security.beta.kubernetes.io/server: unconfined\n        seccomp.security.alpha.kubernetes.io/pod: runtime/default\n      labels:',
    );
    expect(only(read(text)).securityOpt.map((one) => one.value)).toEqual(['apparmor=unconfined', 'seccomp=builtin']);
  });

  it('namespaces of the host', () => {
    const container = only(read(server('', '      hostNetwork: true\n      hostPID: true\n      hostIPC: true')));
    expect(container).toMatchObject({
      networkMode: { value: 'host' },
      pidMode: { value: 'host' },
      ipcMode: { value: 'host' },
    });
    expect(container.networkMode && lineOf(container.networkMode.at)).toBe(11);
    expect(only(read(server('', '      shareProcessNamespace: true'))).pidMode?.value).toBe('pod');
    expect(only(read(server('', '      hostNetwork: false'))).networkMode).toBeUndefined();
  });

  it('limits, probes, pulls, accounts, restarts', () => {
    const container = only(
      read(
        server(
          `        command: [/bin/drone-server]
        args: ["--env-file", x]
        imagePullPolicy: Always
        resources: { limits: { memory: 512Mi, cpu: 500m } }
        readinessProbe: { httpGet: { path: /healthz } }
`,
          '      serviceAccountName: ci\n      automountServiceAccountToken: false\n      restartPolicy: OnFailure',
          'tools',
        ),
      ),
    );
    expect(container).toMatchObject({
      memoryLimit: { value: 536_870_912 },
      cpuLimit: { value: 0.5 },
      healthcheck: { value: true },
      pullPolicy: { value: 'Always' },
      serviceAccount: { value: 'ci' },
      accountToken: { value: false },
      restart: { value: 'on-failure' },
      project: 'tools',
      entrypoint: [{ value: '/bin/drone-server' }],
      command: [{ value: '--env-file' }, { value: 'x' }],
    });
    expect(container.labels.get('app')?.value).toBe('drone');
  });

  it('a service account may keep its token to itself', () => {
    const account =
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: default }\nautomountServiceAccountToken: false\n';
    const container = only(read(server(), account));
    expect(container.serviceAccount?.value).toBe('default');
    expect(container.accountToken?.value).toBe(false);
    expect(container.accountToken?.at.source.name).toBe('part-1.yaml');
  });

  it.each([
    ['128974848', 128_974_848],
    ['129e6', 129_000_000],
    ['129M', 129_000_000],
    ['123Mi', 128_974_848],
    ['100m', 0.1],
    ['.5', 0.5],
    ['2', 2],
    ['', undefined],
    ['many', undefined],
    ['1.2.3', undefined],
    ['1ki', undefined],
  ])('quantity %j', (text, expected) => {
    expect(quantity(text)).toBe(expected);
  });
});

describe('mounts', () => {
  it('of every kind', () => {
    const container = only(
      read(
        server(
          `        volumeMounts:
        - { name: sock, mountPath: /var/run/docker.sock, readOnly: true }
        - { name: host, mountPath: /data, subPath: drone, mountPropagation: Bidirectional }
        - { name: claim, mountPath: /claim }
        - { name: scratch, mountPath: /tmp }
        - { name: fast, mountPath: /run }
        - { name: keys, mountPath: /keys }
        - { name: gone, mountPath: /gone }
`,
          `      volumes:
      - { name: sock, hostPath: { path: /var/run/docker.sock } }
      - { name: host, hostPath: { path: /srv } }
      - { name: claim, persistentVolumeClaim: { claimName: drone-data } }
      - { name: scratch, emptyDir: {} }
      - { name: fast, emptyDir: { medium: Memory } }
      - { name: keys, secret: { secretName: keys } }`,
        ),
      ),
    );
    expect(container.mounts.map(({ type, source, target, readOnly }) => [type, source, target, readOnly])).toEqual([
      ['bind', '/var/run/docker.sock', '/var/run/docker.sock', true],
      ['bind', '/srv/drone', '/data', false],
      ['volume', 'drone-data', '/claim', false],
      ['volume', undefined, '/tmp', false],
      ['tmpfs', undefined, '/run', false],
      ['other', undefined, '/keys', false],
      ['other', undefined, '/gone', false],
    ]);
    expect(container.mounts[0] && excerpt(container.mounts[0].at)).toBe('/var/run/docker.sock');
    expect(container.mounts[1]?.propagation).toBe('rshared');
    expect(new Set(container.mounts.map((mount) => mount.at.path)).size).toBe(7);
  });

  it('of claim templates', () => {
    const text = server('        volumeMounts: [{ name: data, mountPath: /data }]\n')
      .replace('Deployment', 'StatefulSet')
      .replace('spec:\n', 'spec:\n  volumeClaimTemplates: [{ metadata: { name: data } }]\n');
    expect(only(read(text)).mounts).toMatchObject([{ type: 'volume', source: 'data', target: '/data' }]);
  });
});

describe('ports', () => {
  const ports =
    '        ports:\n        - { name: http, containerPort: 80 }\n        - { containerPort: 443, hostPort: 8443, hostIP: 10.0.0.1 }\n';
  const service = (spec: string, namespace = '') =>
    `apiVersion: v1\nkind: Service\nmetadata:\n  name: drone-web\n${namespace && `  namespace: ${namespace}\n`}spec:\n  selector: { app: drone }\n${spec.replace(/^/gm, '  ')}\n`;
  const published = (...texts: readonly string[]) =>
    only(read(...texts))
      .ports.filter((port) => port.hostAddress !== undefined)
      .map(({ hostAddress, hostPort, containerPort }) => [hostAddress, hostPort, containerPort]);

  it('of the host', () => {
    expect(published(server(ports))).toEqual([['10.0.0.1', '8443', '443']]);
    expect(only(read(server(ports))).ports).toHaveLength(2);
  });

  it.each([
    ['ClusterIP', 'ports: [{ port: 80 }]', []],
    ['NodePort', 'type: NodePort\nports: [{ port: 8080, targetPort: http, nodePort: 30080 }]', [['', '30080', '80']]],
    ['NodePort by chance', 'type: NodePort\nports: [{ port: 80 }]', [['', undefined, '80']]],
    ['LoadBalancer', 'type: LoadBalancer\nports: [{ port: 8080, targetPort: 80 }]', [['', '8080', '80']]],
    ['an address', 'externalIPs: [192.0.2.1]\nports: [{ port: 80 }]', [['192.0.2.1', '80', '80']]],
    ['not declared', 'type: LoadBalancer\nports: [{ port: 3000 }]', [['', '3000', '3000']]],
  ])('of a Service: %s', (_, spec, expected) => {
    expect(published(server(ports.replace(/.*hostPort.*\n/, '')), service(spec))).toEqual(expected);
  });

  it('of a Service go to the container that listens', () => {
    const runner = `${server('        ports: [{ containerPort: 80 }]\n')}      - name: dind\n        image: docker:27-dind\n        ports: [{ containerPort: 2375 }]\n`;
    const reading = read(runner, service('type: LoadBalancer\nports: [{ port: 2375 }]'));
    expect(reading.containers.map((container) => container.ports.filter((port) => port.hostPort).length)).toEqual([
      0, 1,
    ]);
  });

  it('of a Service in another namespace or for other labels are not its own', () => {
    const spec = 'type: LoadBalancer\nports: [{ port: 80 }]';
    expect(published(server('', '', 'a'), service(spec, 'b'))).toEqual([]);
    expect(published(server(), service(spec).replace('app: drone', 'app: drone, tier: web'))).toEqual([]);
    expect(published(server('', '', 'a'), service(spec))).toHaveLength(1);
  });

  it('Services give names', () => {
    expect(only(read(server('', '', 'ci'), service('ports: [{ port: 80 }]', 'ci'))).aliases).toEqual([
      'drone-web',
      'drone-web.ci',
      'drone-web.ci.svc',
      'drone-web.ci.svc.cluster.local',
    ]);
  });
});

describe('ingresses', () => {
  const ingress = (more: string) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: drone
${more}
`;
  const rule = (host: string) =>
    `  - host: ${host}\n    http: { paths: [{ backend: { service: { name: drone, port: { number: 80 } } } }] }\n`;
  it.each([
    ['none', '', false],
    ['the host', '  tls: [{ hosts: [ci.example.com], secretName: x }]\n', true],
    ['a pattern', '  tls: [{ hosts: ["*.example.com"], secretName: x }]\n', true],
    ['another host', '  tls: [{ hosts: [www.example.com], secretName: x }]\n', false],
    ['all hosts', '  tls: [{ secretName: x }]\n', true],
  ])('TLS: %s', (_, tls, expected) => {
    const { ingresses } = read(ingress(`spec:\n${tls}  rules:\n${rule('ci.example.com')}`));
    expect(ingresses).toMatchObject([{ host: 'ci.example.com', tls: expected, service: 'drone' }]);
    expect(ingresses?.[0] && excerpt(ingresses[0].at)).toBe('ci.example.com');
  });

  it('certificates of a cloud, old backends, any host', () => {
    const text = ingress(
      '  annotations: { alb.ingress.kubernetes.io/certificate-arn: "arn:x" }\nspec:\n  rules: [{ http: { paths: [{ backend: { serviceName: drone, servicePort: 80 } }] } }]',
    );
    expect(read(text).ingresses).toMatchObject([{ host: '*', tls: true, service: 'drone' }]);
  });
});

describe('rights of service accounts', () => {
  const roles = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: runner, namespace: ci }
rules:
- { apiGroups: [""], resources: [pods, pods/log], verbs: [get, create] }
- { apiGroups: [""], resources: [secrets], verbs: ["*"], resourceNames: [one] }
`;
  const binding = (kind: string, role: string, subject: string) => `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}
metadata: { name: bound${kind === 'RoleBinding' ? ', namespace: ci' : ''} }
roleRef: { apiGroup: rbac.authorization.k8s.io, ${role} }
subjects: [${subject}]
`;
  const account = '{ kind: ServiceAccount, name: drone-runner, namespace: ci }';

  it('a Role', () => {
    const [rights] = read(roles + binding('RoleBinding', 'kind: Role, name: runner', account)).rights ?? [];
    expect(rights).toMatchObject({
      account: { name: 'drone-runner', namespace: 'ci' },
      role: { kind: 'Role', name: 'runner' },
      complete: true,
      clusterWide: false,
      namespace: 'ci',
      boundBy: { value: 'bound' },
    });
    expect(rights?.rules.map(({ verbs, resources, resourceNames }) => [verbs, resources, resourceNames])).toEqual([
      [['get', 'create'], ['pods', 'pods/log'], []],
      [['*'], ['secrets'], ['one']],
    ]);
    expect(rights?.rules.map((rule) => lineOf(rule.at))).toEqual([5, 6]);
    expect(rights && excerpt(rights.boundBy.at)).toBe('runner');
  });

  it('a role of the cluster, across files', () => {
    const text = roles.replace('kind: Role', 'kind: ClusterRole').replace(', namespace: ci', '');
    const wide = binding('ClusterRoleBinding', 'kind: ClusterRole, name: runner', account);
    expect(read(wide, text).rights).toMatchObject([{ clusterWide: true, complete: true, rules: [{}, {}] }]);
    const narrow = binding('RoleBinding', 'kind: ClusterRole, name: runner', account);
    expect(read(narrow, text).rights).toMatchObject([{ clusterWide: false, namespace: 'ci', complete: true }]);
  });

  it('a built-in role', () => {
    const text = binding('ClusterRoleBinding', 'kind: ClusterRole, name: cluster-admin', account);
    expect(read(text).rights).toMatchObject([{ role: { name: 'cluster-admin' }, complete: false, rules: [] }]);
  });

  it.each([
    ['{ kind: Group, name: "system:serviceaccounts:ci" }', { name: '*', namespace: 'ci' }],
    ['{ kind: Group, name: "system:serviceaccounts" }', { name: '*' }],
    ['{ kind: User, name: "system:serviceaccount:ci:drone-runner" }', { name: 'drone-runner', namespace: 'ci' }],
    ['{ kind: ServiceAccount, name: drone-runner }', { name: 'drone-runner', namespace: 'ci' }],
  ])('%s', (subject, expected) => {
    const { rights } = read(binding('RoleBinding', 'kind: ClusterRole, name: edit', subject));
    expect(rights).toMatchObject([{ account: expected }]);
  });

  it('people are no accounts', () => {
    expect(read(binding('RoleBinding', 'kind: Role, name: x', '{ kind: User, name: alice }')).rights).toEqual([]);
  });
});

describe('templates', () => {
  const message = 'is a template; render it first (helm template)';
  it.each([
    [
      'Helm with control',
      server(
        `        envFrom:\n        {{- range .Values.names }}\n        - secretRef: { name: {{ . }} }\n        {{- end }}\n`,
      ),
    ],
    ['Jinja', server(`{% if tls %}\n${env('- { name: DRONE_TLS_AUTOCERT, value: "true" }')}\n{% endif %}\n`)],
    ['a key', server(env('- name: X\n  "{{ key }}": x'))],
  ])('%s', (_, text) => {
    const reading = read(text);
    expect(reading.containers).toEqual([]);
    expect(plain(reading.problems)).toEqual([{ kind: 'unsupported', source: 'drone.yaml', message, incomplete: true }]);
    expect(reading.unknown.map((one) => plain(one.message))).toEqual([message]);
  });

  it('expressions that fill in values leave the rest known', () => {
    const text = server(
      env('- { name: DRONE_SERVER_HOST, value: {{ host }} }\n- { name: DRONE_LOGS_DEBUG, value: "true" }'),
    ).replace('name: drone\n', 'name: {{ include "drone.fullname" . }}\n');
    const reading = read(text);
    expect(plain(reading.problems)).toEqual([{ kind: 'unsupported', source: 'drone.yaml', message, incomplete: true }]);
    const container = only(reading);
    expect(container.environment.complete).toBe(true);
    expect(variable(container, 'DRONE_SERVER_HOST')).toMatchObject({ value: undefined, origin: 'unresolved' });
    expect(variable(container, 'DRONE_LOGS_DEBUG')?.value).toBe('true');
    expect(reading.unknown.map((one) => excerpt(one.at))).toEqual(['{{', '{{ host }}']);
  });

  it('marks in values and comments leave the rest known', () => {
    const text = server(
      env(
        '# {{ a comment }}\n- { name: DRONE_SERVER_HOST, value: "{{ host }}" } # {{ and one }}\n- { name: DRONE_LOGS_DEBUG, value: "true" }',
      ),
    );
    const reading = read(text);
    expect(reading.problems).toEqual([]);
    const container = only(reading);
    expect(container.environment.complete).toBe(true);
    expect(variable(container, 'DRONE_SERVER_HOST')?.origin).toBe('unresolved');
    expect(variable(container, 'DRONE_LOGS_DEBUG')?.value).toBe('true');
    expect(reading.unknown.map((one) => excerpt(one.at))).toEqual(['{{ host }}']);
  });

  it('an image with a mark keeps its text', () => {
    const container = only(
      read(
        server(env('- { name: DRONE_USER_CREATE, value: x }')).replace('drone/drone:2.24.0', '"drone/drone:{{ tag }}"'),
      ),
    );
    expect(container.image).toBeUndefined();
    expect(container.imageText?.value).toBe('drone/drone:{{ tag }}');
  });
});

describe('HelmRelease', () => {
  const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: ci, namespace: flux }
spec:
  targetNamespace: tools
  chart: { spec: { chart: drone, version: 0.6.5 } }
  values:
    env:
      DRONE_SERVER_HOST: ci.example.com
      DRONE_RPC_SECRET: correct horse battery
`;
  it('is what its chart makes of it', () => {
    const container = only(read(release));
    expect(container).toMatchObject({ role: 'server', project: 'tools', image: { value: { name: 'drone/drone' } } });
    expect(container.aliases).toContain('ci-drone.tools');
    expect(variable(container, 'DRONE_SERVER_HOST')?.at.path).toBe(
      'HelmRelease[flux/ci].spec.values.env.DRONE_SERVER_HOST',
    );
    expect(container.environment.complete).toBe(true);
    expect(container.tagFrom).toBe('the default of chart "drone" 0.6.5');
    expect(lineOf(container.image?.at ?? container.at)).toBe(7);
  });

  it('with values elsewhere is not known as a whole', () => {
    const container = only(read(`${release}  valuesFrom: [{ kind: Secret, name: x }]\n`));
    expect(plain(container.environment.gaps)).toEqual(['valuesFrom names values that were not read']);
  });

  it('of other charts is left alone', () => {
    const text = release.replace('chart: drone,', 'chart: shop,').replace(/DRONE_\w+/g, 'SHOP');
    expect(read(text).containers).toEqual([]);
  });
});

describe('recognition', () => {
  it.each([
    ['a server', server(), true],
    ['a ConfigMap with its settings', 'apiVersion: v1\nkind: ConfigMap\ndata:\n  DRONE_RPC_SECRET: x\n', true],
    [
      'roles of its runner',
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: drone-runner\n',
      true,
    ],
    [
      'a template of its chart',
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ include "drone.fullname" . }}\n',
      true,
    ],
    [
      'an application that Drone deploys',
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: shop\nspec:\n  containers:\n  - env: [{ name: DRONE_TAG, value: x }]\n',
      false,
    ],
    ['a pipeline', 'kind: pipeline\nname: drone\nsteps:\n- name: x\n  image: drone/git\n', false],
    ['a chart', 'apiVersion: v1\nname: drone\nversion: 0.6.5\n', false],
    ['compose', 'services:\n  drone:\n    image: drone/drone\n', false],
    ['nothing', '', false],
  ])('%s', (_, text, expected) => {
    expect(looksLikeKubernetes(text)).toBe(expected);
  });
});

/** Servers of a namespace each, with their settings and a Service. */
function honestManifests(count: number) {
  return Array.from({ length: count }, (_, index) =>
    manifest(
      `${server(`        envFrom: [{ configMapRef: { name: map-${index} } }]\n`, '', `n${index}`)}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: map-${index} }\ndata: { DRONE_SERVER_HOST: h }\n---\napiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: { selector: { app: drone }, type: NodePort, ports: [{ port: 80 }] }\n`,
      `k/${index}.yaml`,
    ),
  );
}

describe('hostile input', () => {
  /** A fraction of a second; limits keep all else within some of these. */
  const honest = new Reference('two hundred honest manifests', () => readKubernetes(honestManifests(200)));

  it('malformed text is a problem and makes what is read unsure', () => {
    const reading = read(`${server()}\n---\napiVersion: v1\nkind: [\n`);
    expect(reading.problems.length).toBeGreaterThan(0);
    expect(plain(reading.containers[0]?.environment.gaps)).toEqual(['a part of the file is malformed']);
  });

  it('values that double', () => {
    const lines = ['- { name: V0, value: aaaaaaaaaaaaaaaa }'];
    for (let i = 1; i < 200; i++) lines.push(`- { name: V${i}, value: "$(V${i - 1})$(V${i - 1})" }`);
    affordable(
      () => {
        const container = only(read(server(env(lines.join('\n')))));
        expect(variable(container, 'V10')?.value).toHaveLength(16 * 1024);
        expect(variable(container, 'V199')?.origin).toBe('unresolved');
      },
      honest,
      10,
    );
  });

  it('many pods that each take a large object', () => {
    const data = Array.from({ length: 2000 }, (_, index) => `  K${index}: v`).join('\n');
    const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata:\n${data}\n`;
    const pods = Array.from(
      { length: 500 },
      (_, index) =>
        `---\napiVersion: v1\nkind: Pod\nmetadata: { name: drone-${index} }\nspec: { containers: [{ name: c, image: drone/drone, envFrom: [{ configMapRef: { name: settings } }] }] }\n`,
    );
    affordable(
      () => {
        const reading = read(map, pods.join(''));
        expect(reading.containers[0]?.environment.complete).toBe(true);
        expect(plain(reading.containers.at(-1)?.environment.gaps)).toEqual(['the manifests have too many variables']);
      },
      honest,
      10,
    );
  });

  it('a thousand manifests', () => {
    expectProportional((scale) => {
      const reading = readKubernetes(honestManifests(1000 * scale));
      expect(reading.containers).toHaveLength(1000 * scale);
      expect(reading.containers.every((container) => container.environment.complete)).toBe(true);
      expect(Math.max(...reading.containers.map((container) => container.ports.length))).toBeLessThanOrEqual(200);
    });
  });

  it('marks without end', () => {
    expectProportional((scale) => {
      const marks = '{{ '.repeat(100_000 * scale);
      read(`apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndata:\n  a: "${marks}"\n`);
    });
    expectProportional((scale) => read(`# ${'{{ # '.repeat(100_000 * scale)}`));
  });

  it('texts of any kind never throw, and every place lies in its text', () => {
    const fragment = fc.constantFrom(
      server(),
      keep,
      'apiVersion: v1\n',
      'kind: List\nitems:\n',
      'kind: Deployment\n',
      '- ',
      '  env: ',
      '    valueFrom: ',
      '{{ x }}',
      '---\n',
      '[',
      '}',
      '&a ',
      '*a',
      '<<: ',
      '\n',
      'metadata: { name: drone }\n',
      'spec: { template: { spec: { containers: [{ image: drone/drone }] } } }\n',
      ': ',
      '"',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fragment, fc.string({ maxLength: 20 })), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        looksLikeKubernetes(text);
        looksLikeHelmValues(text);
        for (const reading of [read(text), readHelmValues({ name: 'v.yaml', form: 'helm-values', text })])
          for (const at of [
            ...reading.secrets,
            ...reading.unknown.map((one) => one.at),
            ...reading.containers.flatMap((one) => [
              one.at,
              ...[...one.environment.variables.values()].map((v) => v.at),
            ]),
          ]) {
            expect(at.span.start).toBeGreaterThanOrEqual(0);
            expect(at.span.start).toBeLessThanOrEqual(at.span.end);
            expect(at.span.end).toBeLessThanOrEqual(at.source.text.length);
          }
      }),
      { numRuns: 300 },
    );
  });
});

describe('places', () => {
  it('hold what was read from them', () => {
    const word = fc
      .stringMatching(/^[A-Za-z][A-Za-z0-9./_-]{0,30}$/)
      .filter((text) => !/^(?:null|Null|NULL)$/.test(text));
    const name = fc.stringMatching(/^DRONE_X[A-Z_]{1,12}$/);
    const quote = fc.constantFrom('', '"', "'");
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, word, quote), { selector: ([key]) => key, minLength: 1 }), (given) => {
        const lines = given.map(([key, value, mark]) => `- name: ${key}\n  value: ${mark}${value}${mark}`);
        const data = given.map(([key, value, mark]) => `  FROM_${key}: ${mark}${value}${mark}\n`).join('');
        const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata:\n${data}`;
        const from = `\n        envFrom:\n        - configMapRef: { name: settings }\n`;
        const { environment } = only(read(server(env(lines.join('\n')) + from), map));
        expect(environment.variables.size).toBe(given.length * 2);
        for (const [key, value] of given)
          for (const full of [key, `FROM_${key}`]) {
            const found = environment.variables.get(full);
            expect(found?.value).toBe(value);
            expect(found && excerpt(found.at)).toBe(value);
            expect(found && excerpt(found.keyAt)).toBe(full);
          }
      }),
      { numRuns: 100 },
    );
  });
});

const corpus = '../shared/corpus/kubernetes';
describe.skipIf(!existsSync(corpus))('real manifests and values', () => {
  const files = existsSync(corpus) ? readdirSync(corpus) : [];
  it('are read without a problem, but for templates', () => {
    for (const file of files) {
      const text = readFileSync(join(corpus, file), 'utf8');
      const reading = looksLikeHelmValues(text)
        ? readHelmValues({ name: file, form: 'helm-values', text })
        : readKubernetes([manifest(text, file)]);
      expect(reading.problems.filter((problem) => problem.kind !== 'unsupported')).toEqual([]);
      expect(reading.problems.length > 0, file).toBe(/templates__/.test(file));
      for (const container of reading.containers)
        for (const { value, at, origin } of container.environment.variables.values())
          if (value && origin === 'literal') expect([value, `${value}`.toLowerCase()]).toContain(excerpt(at));
    }
  });

  it('hold the components that a reader of them finds', () => {
    const roles = files.flatMap((file) => {
      const text = readFileSync(join(corpus, file), 'utf8');
      if (looksLikeKubernetes(text)) return readKubernetes([manifest(text, file)]).containers;
      return looksLikeHelmValues(text) ? readHelmValues({ name: file, form: 'helm-values', text }).containers : [];
    });
    const count = (role: string) => roles.filter((container) => container.role === role).length;
    expect(count('server')).toBeGreaterThanOrEqual(8);
    expect(count('runner-docker')).toBeGreaterThanOrEqual(5);
    expect(count('runner-kube')).toBeGreaterThanOrEqual(3);
  });
});
