import { unlessWritten } from '../../analysis/named-values.ts';
import { hitsByStep, isOfTheBuild, type StepHit } from '../../analysis/step-hits.ts';
import { deploymentsOf, isPlugin } from '../../drone/deployment.ts';
import { checksWhenOff, checksWhenOn } from '../../facts/tls-switches.ts';
import { hostOf, isPublicHost } from '../../model/hosts.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { type Located, rule, say } from '../../model/rule.ts';
import { hostsOf, hostsOfSetting } from './_plugin-hosts.ts';

export default rule({
  id: 'plugin-tls-check-off',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Plugin is told not to check certificates',
  why: 'The plugin hands its credential to whoever answers, and trusts whatever it pulls from there. Anyone on the path can answer for a registry without TLS.',
  fix: "Remove the setting, and give the host a certificate that the plugin's image trusts. A public CA issues them for internal hosts, too, by DNS challenge. A CA of your own has to be built into the image; a rebuilt `plugins/docker` no longer runs privileged by itself, kaniko need not:\n\n```dockerfile\nFROM plugins/kaniko:1.13.9@sha256:...\nCOPY ca.crt /kaniko/ssl/certs/additional-ca-cert-bundle.crt\n```",
  refs: [
    'https://plugins.drone.io/plugins/docker',
    'https://docs.docker.com/reference/cli/dockerd/#insecure-registries',
  ],
  standards: { owasp: ['CICD-SEC-3', 'CICD-SEC-7'], cwe: ['CWE-295', 'CWE-319'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsByStep(pipeline, 'medium', function* (step) {
      for (const { at, what, hosts } of switchesOf(step)) {
        const isNear = hosts.length > 0 && hosts.every((host) => isNearby(host, pipeline));
        yield {
          at,
          message: say`${what}${hosts.length > 0 ? say` towards "${hosts[0] ?? ''}"` : ''}${isNear ? say`, which is local` : ''}`,
          severity: isNear ? 'low' : undefined,
          fills: fillsOf(step, hosts[0]),
          about: hosts.filter((host) => unlessWritten(at, host)).join(' ') || undefined,
        };
      }
    });
  },
});

interface Switch {
  readonly at: StepHit['at'];
  readonly what: string;
  readonly hosts: readonly string[];
}

function* switchesOf(step: Step): Iterable<Switch> {
  if (!isPlugin(step)) {
    for (const word of [...step.command, ...step.entrypoint]) yield* daemonFlag(word);
    return;
  }
  const hosts = [...new Set(step.settings.flatMap(hostsOfSetting))];
  for (const { name, text, scalars } of step.settings) {
    const key = name.value.toLowerCase().replaceAll('-', '_');
    const value = text?.value.toLowerCase() ?? '';
    const isOff =
      (checksWhenOff.test(key) && /^(?:true|yes|on|1|t)$/.test(value)) ||
      (checksWhenOn.test(key) && /^(?:false|no|off|0)$/.test(value));
    if (text && isOff) yield { at: text.at, what: `setting "${name.value}" switches certificate checks off`, hosts };
    else if (/^insecure_registr(?:y|ies)$/.test(key))
      for (const { value: registry, at } of scalars) {
        const host = hostOf(registry);
        if (host !== undefined && !/^(?:false|no|off|0|)$/i.test(registry))
          yield { at, what: 'a registry is used without TLS or without checking its certificate', hosts: [host] };
      }
    else if (key === 'registry' && text && /^http:\/\//i.test(text.value))
      yield { at: text.at, what: 'the registry is used over http, without TLS', hosts: hostsOf(text.value) };
    else for (const scalar of scalars) yield* daemonFlag(scalar);
  }
}

/** `--insecure-registry=HOST` of dockerd. */
function* daemonFlag({ value, at }: Located<string>): Iterable<Switch> {
  const found = /(?:^|\s)--insecure-registr(?:y|ies)(?:[=\s]+["']?([^\s"']+))?/.exec(value);
  if (found) yield { at, what: 'dockerd uses a registry without TLS', hosts: hostsOf(found[1] ?? '') };
}

function isNearby(host: string, pipeline: Pipeline): boolean {
  return isOfTheBuild(host, pipeline) || (!isPublicHost(host) && host.endsWith('.svc'));
}

/** In place of kaniko, a plugin that builds no images or a daemon, and where these look for certificates. */
function fillsOf(step: Step, host = 'registry.example.com'): StepHit['fills'] {
  if (isPlugin(step) && deploymentsOf(step).some(({ does }) => does === 'image')) return {};
  return {
    'plugins/kaniko:1.13.9': step.image?.value.text ?? '',
    '/kaniko/ssl/certs/additional-ca-cert-bundle.crt': isPlugin(step)
      ? `/etc/ssl/certs/${host}.crt`
      : `/etc/docker/certs.d/${host}/ca.crt`,
  };
}
