// What npm run new-rule writes: for each kind of artefact a rule that works, for each form the fixtures that show it.
// SWITCH is "true" in the bad fixture and "false" in the good one; MARK and MARK[+1] become what the bad one expects.

const container = `*judge({ label, privileged }) {
    if (privileged?.value !== true) return;
    yield { at: privileged.at, message: say\`\${label} is privileged\` };
  },`;

const settings = `*judge(settings) {
    const variable = settings.variables.get('DRONE_DEBUG');
    if (!variable || isOn(settings, variable.name) !== true) return;
    yield { at: variable.at, subject: variable.name, message: say\`\${settings.label} logs at debug level\` };
  },`;

const pipeline = `*judge(pipeline) {
    for (const step of allSteps(pipeline)) {
      if (step.privileged?.value !== true) continue;
      yield { at: step.privileged.at, subject: subjectOf(step), message: say\`step "\${step.name}" runs privileged\` };
    }
  },`;

const runnerDeployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: drone-runner
spec:
  selector: { matchLabels: { app: drone-runner } }
  template:
    metadata: { labels: { app: drone-runner } }
    spec:
      containers:
        - name: runner
          image: drone/drone-runner-docker:1.8.5
`;

/** What a rule judges, with a `judge` to begin from and what it imports. */
export const kinds = {
  pipeline: { judge: pipeline, imports: ["import { allSteps, subjectOf } from '../../model/pipeline.ts';"] },
  container: { judge: container, imports: [] },
  settings: { judge: settings, imports: ["import { isOn } from '../../analysis/setting-state.ts';"] },
};

/** Of each form the ending of its fixtures, and a text for each kind that it can show; the first is the usual one. */
export const forms = {
  drone: {
    ending: 'drone.yml',
    fixtures: {
      pipeline: `kind: pipeline
type: docker
name: default

steps:
  - name: test
    image: golang:1.25.4
    privileged: SWITCH # MARK
    commands:
      - go test ./...
`,
    },
  },
  compose: {
    ending: 'compose.yml',
    fixtures: {
      container: `services:
  runner:
    image: drone/drone-runner-docker:1.8.5
    privileged: SWITCH # MARK
    environment:
      DRONE_RPC_HOST: ci.example.com
`,
      settings: `services:
  runner:
    image: drone/drone-runner-docker:1.8.5
    environment:
      DRONE_RPC_HOST: ci.example.com
      DRONE_DEBUG: "SWITCH" # MARK
`,
    },
  },
  env: {
    ending: 'env',
    fixtures: {
      settings: `DRONE_RPC_HOST=ci.example.com
DRONE_DEBUG=SWITCH # MARK
`,
    },
  },
  'docker-env': {
    ending: 'docker.env',
    fixtures: {
      settings: `DRONE_RPC_HOST=ci.example.com
# MARK[+1]
DRONE_DEBUG=SWITCH
`,
    },
  },
  systemd: {
    ending: 'service',
    fixtures: {
      settings: `[Service]
User=drone
Environment=DRONE_RPC_HOST=ci.example.com
# MARK[+1]
Environment=DRONE_DEBUG=SWITCH
ExecStart=/usr/local/bin/drone-runner-exec daemon
`,
      container: `[Service]
# MARK[+1]
ExecStart=/usr/bin/docker run --name=runner --privileged=SWITCH --env=DRONE_RPC_HOST=ci.example.com drone/drone-runner-docker:1.8.5
`,
    },
  },
  kubernetes: {
    ending: 'k8s.yml',
    fixtures: {
      container: `${runnerDeployment}          securityContext:
            privileged: SWITCH # MARK
`,
      settings: `${runnerDeployment}          env:
            - name: DRONE_DEBUG
              value: "SWITCH" # MARK
`,
    },
  },
  values: {
    ending: 'values.yml',
    fixtures: {
      settings: `# Values of the chart drone-runner-kube.
env:
  DRONE_RPC_HOST: ci.example.com
  DRONE_DEBUG: "SWITCH" # MARK
`,
      container: `# Values of the chart drone-runner-kube.
env:
  DRONE_RPC_HOST: ci.example.com
securityContext:
  privileged: SWITCH # MARK
`,
    },
  },
  'docker-run': {
    ending: 'sh',
    fixtures: {
      container: `#!/bin/sh
# MARK[+1]
docker run --detach --name=runner --privileged=SWITCH \\
  --env=DRONE_RPC_HOST=ci.example.com \\
  drone/drone-runner-docker:1.8.5
`,
      settings: `#!/bin/sh
# MARK[+1]
docker run --detach --name=runner --env=DRONE_DEBUG=SWITCH \\
  --env=DRONE_RPC_HOST=ci.example.com \\
  drone/drone-runner-docker:1.8.5
`,
    },
  },
  inspect: {
    ending: 'inspect.yml',
    fixtures: {
      container: `- Id: 3b1f0a6ce2d94b70a1cbe5f7d0897766554433221100ffeeddccbbaa99887766
  Name: /runner
  State: { Status: running, Running: true }
  HostConfig:
    Privileged: SWITCH # MARK
  Config:
    Image: drone/drone-runner-docker:1.8.5
    Env:
      - DRONE_RPC_HOST=ci.example.com
`,
      settings: `- Id: 3b1f0a6ce2d94b70a1cbe5f7d0897766554433221100ffeeddccbbaa99887766
  Name: /runner
  State: { Status: running, Running: true }
  HostConfig: { Privileged: false }
  Config:
    Image: drone/drone-runner-docker:1.8.5
    Env:
      - DRONE_RPC_HOST=ci.example.com
      - DRONE_DEBUG=SWITCH # MARK
`,
    },
  },
};

/** The file of a rule. What its reader must be told is empty; the catalogue test names what is missing. */
export function ruleText(id, kind, since) {
  const { judge, imports } = kinds[kind];
  return `${[...imports, "import { rule, say } from '../../model/rule.ts';"].join('\n')}

export default rule({
  id: '${id}',
  on: '${kind}',
  severity: 'medium',
  confidence: 'high',
  title: '',
  why: '',
  fix: '',
  refs: [],
  standards: {},
  since: '${since}',
  ${judge}
});
`;
}

export function fixtureText(form, kind, expected) {
  const text = forms[form].fixtures[kind].replace('SWITCH', String(expected !== undefined));
  return expected === undefined
    ? text.replace(/^# MARK.*\n| # MARK.*$/m, '')
    : text.replace(/# MARK(\[\+1\])?/, (_, offset = '') => `# expect${offset}: ${expected}`);
}
