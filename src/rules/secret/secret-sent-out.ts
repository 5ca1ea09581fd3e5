import { unwrittenIn } from '../../analysis/named-values.ts';
import { credentialsSent } from '../../analysis/sent-credentials.ts';
import { everyCommandOf } from '../../analysis/step-commands.ts';
import { isPublicHost } from '../../model/hosts.ts';
import { rule, say } from '../../model/rule.ts';
import { hitsOfSecretSteps } from './_secret-variables.ts';
import { sendingsOf } from './_sending.ts';

export default rule({
  id: 'secret-sent-out',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Secret is sent to a host outside',
  why: 'This is how stolen credentials leave a build. If it is intended, the host gets the secret with every build, and over plain HTTP so does everyone on the way.',
  fix: `Use the client of the service, with a secret that serves nothing else, and never plain HTTP. Name the hosts that are meant to get it:

\`\`\`yaml
# drone-audit.yml
site:
  secretHosts: [api.example.com]
\`\`\``,
  refs: ['https://docs.drone.io/secret/', 'https://owasp.org/www-project-top-10-ci-cd-security-risks/'],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-200'] },
  since: '0.1.0',
  *judge(pipeline, { site }) {
    const neighbours = new Set([...pipeline.services, ...pipeline.steps].map(({ name }) => name.toLowerCase()));
    const known = [...site.secretHosts, ...site.registries, ...site.networks].map((each) => each.toLowerCase());
    /** Not on this machine, in the pipeline or on a private network, and not named in the site section. */
    const isOutside = (host: string): boolean =>
      isPublicHost(host) &&
      !neighbours.has(host) &&
      !known.some((each) => host === each || host.endsWith(each.replace(/^\*?\.?/, '.')));
    yield* hitsOfSecretSteps(pipeline, function* (step, variables) {
      const all = everyCommandOf(pipeline, step);
      // credentials-sent-out tells of these.
      const told = new Set(credentialsSent(pipeline, step, site).map(({ command }) => command.at.span.start));
      for (const index of all.keys())
        for (const { command, secret, hosts, to, by, isInClear } of sendingsOf(all, index, pipeline, step, variables)) {
          const { at } = command;
          if (told.has(at.span.start)) continue;
          // printed-secret reports queries.
          if ((hosts && !hosts.some(isOutside)) || (by === 'query' && !isInClear)) continue;
          const severity = isInClear ? 'high' : by === 'header' ? 'low' : 'medium';
          const fills = { 'api.example.com': hosts?.find(isOutside) ?? 'api.example.com' };
          const about = unwrittenIn(pipeline, step, command, [...(hosts ?? []), variables.get(secret)?.name]);
          yield { at, message: say`"${step.name}" sends secret ${secret} to ${to}`, severity, fills, about };
          break;
        }
    });
  },
});
