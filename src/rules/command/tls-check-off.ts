import { unwrittenIn } from '../../analysis/named-values.ts';
import { secretNames, secretsOf } from '../../analysis/step-assets.ts';
import { hitsByStep } from '../../analysis/step-hits.ts';
import { ownWords, rule, say, type Text } from '../../model/rule.ts';
import { tlsFixOf } from './_tls-fixes.ts';
import { isTlsOff, tlsSwitchesOf } from './_tls-switches.ts';

export default rule({
  id: 'tls-check-off',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Certificate checks are switched off in commands',
  why: 'Without the check, anyone on the path can answer in place of the host: they read the credential that is sent, and decide what is downloaded.',
  fix: 'Remove the switch, and give the image what it needs for the check:\n\n```yaml step\ncommands:\n  - curl --cacert ca.pem https://ci.example.com/\n  - mkdir -p ~/.ssh && cp known_hosts ~/.ssh/known_hosts   # from ssh-keyscan, compared once and committed\n```',
  refs: [
    'https://curl.se/docs/sslcerts.html',
    'https://man.openbsd.org/ssh_config#StrictHostKeyChecking',
    'https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpsslVerify',
  ],
  standards: { owasp: ['CICD-SEC-3', 'CICD-SEC-7'], cwe: ['CWE-295'] },
  since: '0.1.0',
  *judge(pipeline) {
    for (const { name, text } of pipeline.environment)
      if (text && isTlsOff(name.value, text.value))
        yield {
          at: text.at,
          subject: 'environment',
          message: messageOf(name.value, []),
          fix: tlsFixOf(name.value.toUpperCase()),
          reach: pipeline.reach,
        };
    yield* hitsByStep(pipeline, 'medium', function* (step) {
      const secrets = secretsOf(pipeline, step);
      for (const { at, what, of } of tlsSwitchesOf(pipeline, step))
        yield {
          at,
          message: messageOf(what, secrets),
          severity: secrets.length > 0 ? 'high' : undefined,
          about: of && unwrittenIn(pipeline, step, of.command, of.hosts, at),
          fix: tlsFixOf(/^\w+$/.test(what) ? what.toUpperCase() : what),
        };
    });
  },
});

function messageOf(what: string, secrets: readonly string[]): Text {
  const checked = /key/i.test(what) ? 'host keys' : what === 'GONOSUMDB' ? 'checksums of modules' : 'certificates';
  const held = secrets.length > 0 ? say` in a step that holds ${secretNames(secrets)}` : '';
  return say`"${what}" switches the check of ${ownWords(checked)} off${held}`;
}
