import { rule, say } from '../../model/rule.ts';
import { isPlaceholder } from '../../secrets/placeholders.ts';
import { bytesOfBase64 } from '../../secrets/variety.ts';

export default rule({
  id: 'plaintext-secret-document',
  on: 'document',
  severity: 'high',
  confidence: 'medium',
  title: 'Secret document holds plain text',
  why: '`drone encrypt` prints base64 of a nonce, the ciphertext and a tag. This is not: everyone who can read the repository can read the value as it stands. Drone cannot decrypt it either, so steps get an empty string.',
  fix: `Have the value replaced where it was issued, and encrypt the new one:

\`\`\`sh
drone encrypt octocat/app @value.txt
\`\`\`

\`\`\`yaml
kind: secret
name: api_key
data: <what it printed>
\`\`\`

\`drone encrypt\` takes the file as it is, with the line break at its end.`,
  refs: ['https://docs.drone.io/secret/encrypted/', 'drone/runner-go secret/encrypted.go:91-111'],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-798', 'CWE-312'] },
  supersedes: ['hardcoded-secret', 'broken-secret-document'],
  since: '0.1.0',
  withoutBuild: true,
  *judge({ secrets }) {
    for (const { name, data, at } of secrets) {
      if (!data || data.value.trim() === '') continue;
      const fault = faultOf(data.value);
      if (fault === undefined || isPlaceholder(data.value)) continue;
      yield {
        at: data.at,
        subject: at.path,
        fills: { api_key: name?.value ?? 'api_key' },
        message: say`the data of secret "${name?.value ?? ''}" ${fault}, so it is not encrypted`,
      };
    }
  },
});

/** Nonce and tag of AES-GCM, which every ciphertext has. */
const leastBytes = 28;

function faultOf(data: string): string | undefined {
  const bytes = bytesOfBase64(data);
  if (bytes === undefined) return 'is not base64';
  return bytes < leastBytes ? `has ${bytes} bytes, fewer than a nonce and a tag` : undefined;
}
