// Pipeline files as many teams write them, every name made up. What is usual and what is wrong is spread by the weights below,
// so that a file is about as long as in public repositories and has about as many findings.
import { choices } from './random.js';
import { styleOf, yamlOf } from './yaml.js';

const teams = ['payments', 'search', 'web', 'data', 'mobile', 'platform', 'billing', 'maps', 'media', 'identity'];
const products = [
  'api',
  'worker',
  'frontend',
  'gateway',
  'importer',
  'reports',
  'scheduler',
  'mailer',
  'client',
  'docs',
];

/** What each kind of project is built with. */
const toolchains = {
  go: {
    images: ['golang:1.21', 'golang:1.22-alpine', 'golang', 'registry.example.com/ci/go:1.22.4'],
    check: ['go vet ./...', 'go test -race -cover ./...'],
    build: ['go build -trimpath -ldflags "-s -w -X main.version=$DRONE_COMMIT_SHA" -o bin/$DRONE_REPO_NAME ./cmd/...'],
  },
  node: {
    images: ['node:20', 'node:22-alpine', 'node:lts', 'node'],
    check: ['npm ci', 'npm run lint', 'npm test -- --coverage'],
    build: ['npm ci --omit=dev', 'npm run build', 'tar -czf dist.tar.gz -C dist .'],
  },
  python: {
    images: ['python:3.11-slim', 'python:3.12', 'python:3'],
    check: ['pip install -r requirements.txt', 'ruff check src tests', 'pytest -q --junitxml=report.xml'],
    build: ['python -m build --wheel', 'ls -l dist/'],
  },
  java: {
    images: ['maven:3.9-eclipse-temurin-17', 'gradle:8.5-jdk17', 'maven:3-jdk-8'],
    check: ['mvn -B -ntp verify'],
    build: ['mvn -B -ntp -DskipTests package', 'cp target/*.jar out/'],
  },
  rust: {
    images: ['rust:1.79', 'rust:1', 'rust:slim'],
    check: ['cargo fmt --all -- --check', 'cargo clippy --all-targets -- -D warnings', 'cargo test --locked'],
    build: ['cargo build --release --locked'],
  },
  php: {
    images: ['php:8.2-cli', 'composer:2', 'php:7.4-fpm'],
    check: ['composer install --no-interaction --no-progress', 'vendor/bin/phpunit', 'vendor/bin/phpstan analyse src'],
    build: ['composer install --no-dev --optimize-autoloader'],
  },
  docs: {
    images: ['klakegg/hugo:0.111.3-ext', 'squidfunk/mkdocs-material:9', 'alpine:3.19'],
    check: ['apk add --no-cache git make', 'make links'],
    build: ['hugo --minify', 'find public -name "*.html" | wc -l'],
  },
  infrastructure: {
    images: ['hashicorp/terraform:1.7', 'alpine/helm:3.14.0', 'bitnami/kubectl:latest'],
    check: ['terraform init -backend=false', 'terraform validate', 'terraform fmt -check -recursive'],
    build: ['terraform init', 'terraform plan -out plan.bin'],
  },
};

const services = {
  postgres: { image: 'postgres:15', environment: { POSTGRES_DB: 'test', POSTGRES_PASSWORD: 'test' } },
  redis: { image: 'redis:7-alpine' },
  mysql: { image: 'mysql:8', environment: { MYSQL_ROOT_PASSWORD: 'test', MYSQL_DATABASE: 'test' } },
  rabbitmq: { image: 'rabbitmq:3' },
  elasticsearch: { image: 'elasticsearch:8.11.1', environment: { 'discovery.type': 'single-node' } },
};

const secretOf = (name) => ({ from_secret: name });
const cacheMount = { name: 'cache', path: '/root/.cache' };

/** Steps by what they do, each for a repository and one author's choices. */
const steps = {
  check: ({ kit, image, slug }) => ({
    name: 'test',
    image,
    environment: { PROJECT: slug },
    commands: [...kit.check],
  }),
  build: ({ kit, image, slug }) => ({
    name: 'build',
    image,
    environment: { CI: 'true', PROJECT: slug },
    commands: [...kit.build],
  }),
  image: ({ choose, slug, product }) => ({
    name: 'image',
    image: choose.pick(['plugins/docker', 'plugins/docker:20.14', 'plugins/kaniko:1.8']),
    settings: {
      repo: `registry.example.com/${slug}`,
      registry: 'registry.example.com',
      ...(choose.chance(0.5) ? { auto_tag: true } : { tags: ['latest', '${DRONE_TAG##v}', '${DRONE_COMMIT_SHA:0:8}'] }),
      dockerfile: choose.chance(0.3) ? `build/${product}.Dockerfile` : undefined,
      cache_from: choose.chance(0.2) ? `registry.example.com/${slug}:latest` : undefined,
      username: secretOf('docker_username'),
      password: secretOf('docker_password'),
    },
    when: choose.chance(0.6) ? { branch: ['main'], event: ['push', 'tag'] } : { branch: ['main'] },
  }),
  release: ({ choose }) => ({
    name: 'release',
    image: choose.pick(['plugins/github-release', 'plugins/gitea-release:1', 'plugins/github-release:1']),
    settings: { api_key: secretOf('release_token'), files: ['dist/*'], checksum: ['sha256'], title: '${DRONE_TAG}' },
    when: { event: ['tag'] },
  }),
  upload: ({ choose, slug }) => ({
    name: 'upload',
    image: choose.pick(['plugins/s3', 'plugins/s3:1', 'amazon/aws-cli:2.15.0']),
    settings: {
      bucket: `artifacts-${choose.pick(['eu', 'us'])}`,
      region: 'eu-central-1',
      source: 'dist/**/*',
      target: `/${slug}/\${DRONE_BRANCH}`,
      access_key: secretOf('aws_access_key_id'),
      secret_key: secretOf('aws_secret_access_key'),
    },
  }),
  deploy: ({ choose, product }) => ({
    name: 'deploy',
    image: choose.pick(['alpine/k8s:1.28.4', 'bitnami/kubectl:latest', 'registry.example.com/ci/deploy:3']),
    environment: { KUBE_CONFIG: secretOf('kube_config'), TARGET: '${DRONE_DEPLOY_TO}' },
    commands: [
      'mkdir -p ~/.kube && echo "$KUBE_CONFIG" | base64 -d > ~/.kube/config',
      `kubectl set image deployment/${product} ${product}=registry.example.com/${product}:$DRONE_COMMIT_SHA`,
      `kubectl rollout status deployment/${product} --timeout=5m`,
    ],
  }),
  remote: ({ choose, product }) => ({
    name: 'restart',
    image: choose.pick(['appleboy/drone-ssh', 'appleboy/drone-ssh:1.7']),
    settings: {
      host: `${product}.example.com`,
      username: choose.pick(['deploy', 'root']),
      ...(choose.chance(0.5) ? { key: secretOf('ssh_key') } : { password: secretOf('ssh_password') }),
      script: [`cd /srv/${product}`, 'docker compose pull', 'docker compose up -d --remove-orphans'],
    },
  }),
  notify: ({ choose }) => ({
    name: 'notify',
    image: choose.pick(['plugins/slack', 'plugins/slack:1.4', 'drillster/drone-email']),
    settings: {
      webhook: secretOf('slack_webhook'),
      channel: choose.pick(teams),
      template:
        '{{#success build.status}}build {{build.number}} is fine{{else}}build {{build.number}} failed{{/success}}\n',
    },
    when: { status: ['success', 'failure'] },
  }),
  cache: ({ choose }) => ({
    name: choose.pick(['restore-cache', 'rebuild-cache']),
    image: choose.pick(['meltwater/drone-cache', 'drillster/drone-volume-cache']),
    settings: { restore: true, mount: ['node_modules', '.cache'] },
    volumes: [{ name: 'cache', path: '/cache' }],
  }),
};

/** What a pipeline is for: its steps, and when it is meant to run. */
const purposes = {
  verify: { steps: ['check', 'build'], trigger: { event: ['push', 'pull_request'] } },
  publish: { steps: ['build', 'image'], trigger: { branch: ['main'], event: ['push', 'tag'] } },
  release: { steps: ['build', 'release', 'upload'], trigger: { event: ['tag'], ref: ['refs/tags/v*'] } },
  deploy: { steps: ['deploy', 'notify'], trigger: { event: ['promote'], target: ['production', 'staging'] } },
  nightly: { steps: ['check', 'upload'], trigger: { event: ['cron'], cron: ['nightly'] } },
  site: { steps: ['build', 'remote', 'notify'], trigger: { branch: ['main'] } },
};

/** What people get wrong, each with the words that tell it in a list of rules; every one changes the pipeline it is given. */
const faults = {
  'privileged step': (pipeline) => stepIn(pipeline, (step) => Object.assign(step, { privileged: true })),
  'socket of the host': (pipeline) => {
    pipeline.volumes = [...(pipeline.volumes ?? []), { name: 'docker', host: { path: '/var/run/docker.sock' } }];
    stepIn(pipeline, (step) => mount(step, { name: 'docker', path: '/var/run/docker.sock' }));
  },
  'folder of the host': (pipeline) => {
    pipeline.volumes = [...(pipeline.volumes ?? []), { name: 'data', host: { path: '/srv/ci' } }];
    stepIn(pipeline, (step) => mount(step, { name: 'data', path: '/data' }));
  },
  'no trigger': (pipeline) => void delete pipeline.trigger,
  'branch alone': (pipeline) => void Object.assign(pipeline, { trigger: { branch: ['main'] } }),
  'listed by what is left out': (pipeline) =>
    void Object.assign(pipeline, { trigger: { event: { exclude: ['pull_request'] } } }),
  'event that does not exist': (pipeline) =>
    void Object.assign(pipeline, { trigger: { event: ['push', 'merge_request'] } }),
  'pattern for ref as a branch': (pipeline) =>
    void Object.assign(pipeline, { trigger: { branch: ['refs/heads/release/*'], event: ['push'] } }),
  'text of outsiders': (pipeline) => command(pipeline, 'echo "building ${DRONE_COMMIT_MESSAGE}"'),
  'name of a tag': (pipeline) => command(pipeline, 'echo ${DRONE_TAG} > VERSION'),
  'branch in a command': (pipeline) => command(pipeline, 'git checkout ${DRONE_SOURCE_BRANCH}'),
  'unknown variable': (pipeline) => command(pipeline, 'echo ${BUILD_FLAVOUR} ${VERSION}'),
  'variable as code': (pipeline) => command(pipeline, 'eval "$BUILD_ARGS"'),
  'script from the network': (pipeline) => command(pipeline, 'curl -sSL https://get.example.com/install.sh | sh'),
  'download without check': (pipeline) =>
    command(
      pipeline,
      'wget -q https://downloads.example.com/tool-1.4.0.tar.gz && tar -xzf tool-1.4.0.tar.gz -C /usr/local/bin',
    ),
  'certificates not checked': (pipeline) =>
    command(pipeline, 'curl -k https://files.example.com/schema.json -o schema.json'),
  'host keys not checked': (pipeline) =>
    command(pipeline, 'ssh -o StrictHostKeyChecking=no deploy@build.example.com uptime'),
  'host key as it comes': (pipeline) => command(pipeline, 'ssh-keyscan build.example.com >> ~/.ssh/known_hosts'),
  'secret is printed': (pipeline) => {
    stepIn(pipeline, (step) => Object.assign(step.environment, { API_TOKEN: secretOf('api_token') }));
    command(pipeline, 'echo $API_TOKEN');
  },
  'secret is sent out': (pipeline) => {
    stepIn(pipeline, (step) => Object.assign(step.environment, { COVERAGE_TOKEN: secretOf('coverage_token') }));
    command(
      pipeline,
      'curl -X POST -H "Authorization: $COVERAGE_TOKEN" https://coverage.example.net/upload -d @report.xml',
    );
  },
  'secret in a trace': (pipeline) => {
    stepIn(pipeline, (step) => Object.assign(step.environment, { DEPLOY_TOKEN: secretOf('deploy_token') }));
    command(pipeline, 'set -x', true);
  },
  'secret stays in the workspace': (pipeline) => {
    stepIn(pipeline, (step) => Object.assign(step.environment, { NPM_TOKEN: secretOf('npm_token') }));
    command(pipeline, 'echo "//registry.npmjs.org/:_authToken=$NPM_TOKEN" > .npmrc');
  },
  'secret as build argument': (pipeline) => {
    stepIn(pipeline, (step) => Object.assign(step.environment, { NPM_TOKEN: secretOf('npm_token') }));
    command(pipeline, 'docker build --build-arg NPM_TOKEN=$NPM_TOKEN -t app .');
  },
  'credential in the file': (pipeline, choose) =>
    stepIn(pipeline, (step) => Object.assign(step.environment, { DB_PASSWORD: `made-up-${choose.hex(6)}-password` })),
  'push from a build': (pipeline) => command(pipeline, 'git push origin HEAD:main'),
  'gate is ignored': (pipeline) => command(pipeline, 'trivy fs --exit-code 1 . || true'),
  'dependencies are not locked': (pipeline) => command(pipeline, 'npm install', true),
  'files open to all': (pipeline) => command(pipeline, 'chmod -R 777 .'),
  'network of the host': (pipeline) => stepIn(pipeline, (step) => Object.assign(step, { network_mode: 'host' })),
  'image without a tag': (pipeline) => stepIn(pipeline, (step) => Object.assign(step, { image: 'ubuntu' })),
  'mutable image from the cache': (pipeline) =>
    stepIn(pipeline, (step) =>
      Object.assign(step, { image: 'registry.example.com/ci/base:latest', pull: 'if-not-exists' }),
    ),
  'image from a variable': (pipeline) =>
    stepIn(pipeline, (step) => Object.assign(step, { image: 'registry.example.com/ci/base:${DRONE_BRANCH}' })),
  'old image': (pipeline) => stepIn(pipeline, (step) => Object.assign(step, { image: 'node:10' })),
  'docker in docker': (pipeline) => {
    pipeline.services = [
      ...(pipeline.services ?? []),
      { name: 'docker', image: 'docker:dind', privileged: true, environment: { DOCKER_TLS_CERTDIR: '' } },
    ];
    stepIn(pipeline, (step) => Object.assign(step.environment, { DOCKER_HOST: 'tcp://docker:2375' }));
  },
  'unknown key': (pipeline) => stepIn(pipeline, (step) => Object.assign(step, { retries: 3 })),
  'settings and commands': (pipeline) =>
    stepIn(pipeline, (step) => Object.assign(step, { settings: { path: 'dist' } })),
  'clone without checks': (pipeline) => void Object.assign(pipeline, { clone: { skip_verify: true } }),
  'misspelt architecture': (pipeline) => void Object.assign(pipeline, { platform: { os: 'linux', arch: 'amd46' } }),
  'dependency that is not there': (pipeline) => void Object.assign(pipeline, { depends_on: ['lint-and-test'] }),
  'login for an image': (pipeline) => void Object.assign(pipeline, { image_pull_secrets: ['dockerconfigjson'] }),
};
const faultNames = Object.keys(faults);

/** The first step with commands, which takes most faults. */
function stepIn(pipeline, change) {
  const step = pipeline.steps.find(({ commands }) => commands);
  if (!step) return;
  step.environment ??= {};
  change(step);
  if (Object.keys(step.environment).length === 0) delete step.environment;
}

function command(pipeline, line, isFirst = false) {
  stepIn(pipeline, (step) => {
    step.commands = isFirst ? [line, ...step.commands] : [...step.commands, line];
  });
}

function mount(step, volume) {
  step.volumes = [...(step.volumes ?? []), volume];
}

/** The files of a repository, by their paths. `dense` gives each step of a long file several faults. */
export function pipelineFiles(seed, index, { dense = false } = {}) {
  const choose = choices(seed, dense ? 'dense' : 'pipeline', index);
  const team = choose.pick(teams);
  const product = choose.pick(products);
  const repository = { choose, team, product, slug: `${team}/${product}-${index}` };
  return { '.drone.yml': dense ? denseFile(repository) : usualFile(repository) };
}

function usualFile(repository) {
  const { choose } = repository;
  const style = styleOf(choose);
  const kit = toolchains[choose.pick(Object.keys(toolchains))];
  const image = choose.pick(kit.images);
  if (choose.chance(0.05)) return legacyFile(repository, kit, image, style);
  const wanted = Number(choose.weighted({ 1: 58, 2: 17, 3: 10, 4: 7, 5: 5, 6: 3 }));
  const names = choose.some(Object.keys(purposes), wanted);
  const pipelines = names.map((name, place) => pipelineOf({ ...repository, kit, image }, name, names[place - 1]));
  for (const name of faultsOf(choose)) faults[name](choose.pick(pipelines), choose);
  const documents = [...pipelines.map((each) => yamlOf(each, style)), ...others(repository, style)];
  const text = `${choose.chance(0.4) ? '---\n' : ''}${documents.join('---\n')}${choose.chance(0.2) ? '...\n' : ''}`;
  return spoiled(choose, text);
}

/** Most authors make few mistakes, some make many. */
function faultsOf(choose) {
  return choose.some(faultNames, Number(choose.weighted({ 0: 30, 1: 25, 2: 20, 3: 12, 5: 9, 9: 4 })));
}

function pipelineOf(repository, name, before) {
  const { choose, kit, image } = repository;
  const { trigger } = purposes[name];
  const type = choose.weighted({ docker: 70, none: 12, kubernetes: 11, exec: 4, ssh: 3 });
  const isHost = type === 'exec' || type === 'ssh';
  const hasCache = !isHost && choose.chance(0.12);
  const made = purposes[name].steps.map((step) => steps[step]({ ...repository, kit, image }));
  const pipeline = {
    kind: 'pipeline',
    type: type === 'none' ? undefined : type,
    name,
    ...(type === 'ssh' ? { server: server(choose) } : {}),
    ...(choose.chance(0.35)
      ? { platform: { os: 'linux', arch: choose.weighted({ amd64: 70, arm64: 22, arm: 8 }) } }
      : {}),
    ...(choose.chance(0.1) ? { clone: choose.chance(0.5) ? { depth: 50 } : { disable: true } } : {}),
    ...(choose.chance(0.08) ? { workspace: { path: `/drone/src/${repository.product}` } } : {}),
    steps: isHost ? made.filter(({ commands }) => commands).map(({ image: _, volumes: __, ...step }) => step) : made,
    ...(!isHost && choose.chance(0.2) ? { services: someServices(choose) } : {}),
    ...(choose.chance(0.12)
      ? { node: { [choose.pick(['zone', 'pool', 'size'])]: choose.pick(['large', 'eu', 'gpu']) } }
      : {}),
    ...(choose.chance(0.08) ? { concurrency: { limit: 1 } } : {}),
    ...(choose.chance(0.8) ? { trigger: structuredClone(trigger) } : {}),
    ...(before !== undefined && choose.chance(0.6) ? { depends_on: [before] } : {}),
  };
  if (pipeline.steps.length === 0) pipeline.steps = [{ name: 'run', commands: [...kit.check] }];
  if (hasCache) {
    pipeline.steps.unshift(steps.cache({ ...repository, kit, image }));
    mount(pipeline.steps[1], cacheMount);
    pipeline.volumes = [
      { name: 'cache', ...(choose.chance(0.6) ? { temp: {} } : { host: { path: '/var/cache/ci' } }) },
    ];
  }
  if (!isHost && choose.chance(0.25)) pipeline.steps.push(extraStep(choose, pipeline.steps[0]));
  return pipeline;
}

/** A further step, as files have that several people added to. */
function extraStep(choose, first) {
  return {
    name: choose.pick(['lint', 'licences', 'coverage', 'report', 'integration']),
    image: choose.pick(['alpine:3.19', 'docker:24', 'bash:5', 'curlimages/curl:8.5.0']),
    environment: { LEVEL: choose.pick(['info', 'debug']), RETRIES: '3' },
    commands: [
      'for file in $(find . -name "*.yml" -not -path "./vendor/*"); do echo "checking $file"; done',
      'if [ "$DRONE_BUILD_EVENT" = "pull_request" ]; then echo "pull request $DRONE_PULL_REQUEST"; fi',
      'make report > report.txt 2>&1 && tail -n 20 report.txt',
    ],
    ...(choose.chance(0.3) ? { failure: 'ignore' } : {}),
    ...(choose.chance(0.5) ? { depends_on: [first.name] } : {}),
    ...(choose.chance(0.3) ? { when: { event: ['pull_request'] } } : {}),
  };
}

function someServices(choose) {
  return choose
    .some(Object.keys(services), 1 + choose.below(2))
    .map((name) => ({ name, ...structuredClone(services[name]) }));
}

function server(choose) {
  return {
    host: `build-${1 + choose.below(20)}.example.com`,
    user: choose.pick(['drone', 'root']),
    ...(choose.chance(0.6) ? { ssh_key: secretOf('ssh_key') } : { password: secretOf('ssh_password') }),
  };
}

/** Documents that are no pipelines. */
function others({ choose, team }, style) {
  const made = [];
  if (choose.chance(0.12))
    made.push({
      kind: 'secret',
      name: 'docker_password',
      get: { path: `secret/data/${team}/registry`, name: 'password' },
    });
  if (choose.chance(0.05))
    made.push({ kind: 'secret', name: 'release_token', data: `made-up-ciphertext-${choose.hex(24)}` });
  if (choose.chance(0.08)) made.push({ kind: 'signature', hmac: choose.hex(64) });
  return made.map((each) => yamlOf(each, style));
}

/** The format before 1.0, which nobody converted. */
function legacyFile({ choose, slug }, kit, image, style) {
  return yamlOf(
    {
      ...(choose.chance(0.4) ? { workspace: { base: '/go', path: `src/git.example.com/${slug}` } } : {}),
      pipeline: {
        test: { image, commands: kit.check },
        publish: {
          image: 'plugins/docker',
          repo: `registry.example.com/${slug}`,
          secrets: ['docker_username', 'docker_password'],
          ...(choose.chance(0.5) ? { when: { branch: 'master', event: 'push' } } : {}),
        },
      },
      ...(choose.chance(0.3) ? { services: { database: { image: 'postgres:9.6' } } } : {}),
    },
    style,
  );
}

/** What shows in the text alone. */
function spoiled(choose, text) {
  if (choose.chance(0.01)) return text.replaceAll('\n', '\r\n');
  if (choose.chance(0.01)) return text.replace(/^( *)(?:- )?image: (.*)$/m, '$&\n$1  image: $2');
  if (choose.chance(0.005)) return text.replace(/^steps:$/m, 'steps:\n  - name: "unfinished');
  if (choose.chance(0.1)) return `# Ask the team before you change this: it is used by several repositories.\n${text}`;
  return text;
}

/** One pipeline of many steps, each with faults of its own: for reports with very many findings. */
function denseFile({ choose, slug }) {
  const count = 24;
  const made = Array.from({ length: count }, (_, place) => ({
    name: `step-${place}`,
    image: `registry.example.com/${slug}/tool-${place}:latest`,
    pull: 'if-not-exists',
    environment: { TOKEN: secretOf(`token_${place}`) },
    commands: [
      `curl -sSL https://get.example.com/${slug}/${place}.sh | sh`,
      `echo "release \${DRONE_TAG} of ${place}"`,
      `curl -k https://files.example.com/${place} -o file-${place}`,
    ],
  }));
  return yamlOf({ kind: 'pipeline', type: 'docker', name: 'all', steps: made }, styleOf(choose));
}
