import { credentialsSent } from '../../analysis/sent-credentials.ts';
import { commandsWith, hitsByStep, type StepHit } from '../../analysis/step-hits.ts';
import { metadataCredentials, metadataHosts, metadataToken } from '../../facts/credential-places.ts';
import { httpClients } from '../../facts/secret-handling.ts';
import type { Step } from '../../model/pipeline.ts';
import { rule, type Severity, say } from '../../model/rule.ts';
import { programOf, type SimpleCommand } from '../../shell/commands.ts';

export default rule({
  id: 'metadata-credentials',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Command asks for the credentials of the build machine',
  why: "The metadata service of the cloud gives the credentials of the machine to every process on it. What the machine may do in the cloud, every build on it may do, that of a stranger's pull request included.",
  fix: "Remove the command, and give the step an identity of its own, such as a key from a secret. Then keep all builds away from the service. On a docker runner's host this lasts until the next reboot, and holds for the runner's own container, too:\n\n```sh\niptables -I DOCKER-USER -d 169.254.169.254 -j DROP\n```\n\nOn AWS, a hop limit of 1 keeps containers away from IMDSv2, and `--http-tokens required` turns IMDSv1 off:\n\n```sh\naws ec2 modify-instance-metadata-options --instance-id i-0123456789abcdef0 --http-tokens required --http-put-response-hop-limit 1\n```\n\nIn Kubernetes a network policy that leaves the address out of `egress` does the same.",
  refs: [
    'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html',
    'https://cloud.google.com/compute/docs/access/authenticate-workloads',
    'https://docs.docker.com/engine/network/firewall-iptables/',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(pipeline, { site }) {
    yield* hitsByStep(pipeline, 'medium', function* (step) {
      const commands = commandsWith(pipeline, step, services);
      // credentials-sent-out tells where the answer goes.
      if (commands.length === 0 || credentialsSent(pipeline, step, site).length > 0) return;
      for (const command of commands) yield* requestOf(command, step);
    });
  },
});

/** Words of the hosts. */
const services = [
  ['169', '254'],
  ['fd00', 'ec2', '254'],
  ['metadata', 'google', 'internal'],
  ['100', '200'],
];

/** What a command asks a metadata service for. */
function* requestOf(command: SimpleCommand, step: Step): Iterable<StepHit> {
  const program = programOf(command);
  if (!program || !(httpClients.has(program.name) || /^(?:python[\d.]*|node|ruby|perl|php)$/.test(program.name)))
    return;
  const words = [...program.arguments.map(({ pattern }) => pattern), ...textsOf(command)];
  let severity: Severity | undefined;
  let asked = '';
  for (const word of words)
    for (const [url, host = ''] of word.slice(0, maxLength).matchAll(address)) {
      if (!metadataHosts.has(host.toLowerCase())) continue;
      const isCredential = metadataCredentials.test(url) || metadataToken.test(url) || isOfTask(url);
      if (severity !== undefined && (!isCredential || severity !== 'low')) continue;
      severity = isCredential ? (step.reach.pullRequest ? 'high' : 'medium') : 'low';
      asked = host;
    }
  if (severity === undefined) return;
  const what = severity === 'low' ? say`the metadata service` : say`the metadata service for credentials`;
  yield {
    at: command.at,
    message: say`step "${step.name}" asks ${what} of its machine (${asked})`,
    severity,
    fills: fillsOf(asked),
  };
}

/** `iptables` takes addresses of IPv4; Google's name stands for the usual one. */
function fillsOf(host: string): StepHit['fills'] {
  return /^[\d.]+$/.test(host) ? { '169.254.169.254': host } : {};
}

/** The address of ECS answers with credentials, but for what its numbered versions tell of the task. */
function isOfTask(url: string): boolean {
  return url.includes('169.254.170.2') && !/\/v[234](?:\/|$)/.test(url);
}

/** The code that an interpreter reads. */
function textsOf({ documents }: SimpleCommand): readonly string[] {
  return documents.flatMap(({ parts }) => parts.map((part) => (part.kind === 'text' ? part.text : '…')));
}

const maxLength = 20_000;
const address =
  /(?<![\w.-])(?:https?:\/\/)?(169\.254\.169\.254|\[fd00:ec2::254\]|169\.254\.170\.2|metadata\.google\.internal|metadata(?=\/computeMetadata\/)|100\.100\.100\.200)(?![\w.-])(?::\d{1,5})?(?:\/[^\s"'`)]{0,500})?/gi;
