import { hostOfEndpoint, portOfEndpoint } from '../../analysis/endpoints.ts';
import { joinTexts, rule, say, type Text } from '../../model/rule.ts';
import { clockOf } from '../../model/source.ts';

/** What shows the certificate that an address sends. */
const show = `\`\`\`sh
openssl s_client -connect ci.example.com:443 -servername ci.example.com </dev/null | openssl x509 -noout -subject -ext subjectAltName -enddate
\`\`\``;

const certificate = `Install a certificate that is valid, for the name that clients use, and send the intermediate certificates with it:

${show}

If your own CA signed it, name its certificate in \`NODE_EXTRA_CA_CERTS\` for the audit. Runners need it in the system's certificates of their image; do not switch verification off (\`DRONE_RPC_SKIP_VERIFY\`).`;

const renewal = `Renew the certificate before it expires, and see why that did not happen by itself:

${show}

Whatever renews it has to make the proxy, or the server, read the new file.`;

const protocols = `Switch off what is older than TLS 1.2, in the proxy:

\`\`\`nginx
ssl_protocols TLSv1.2 TLSv1.3;
\`\`\`

A server that terminates TLS itself, with \`DRONE_TLS_CERT\`, has no setting for this: put a proxy before it. Afterwards this must fail:

\`\`\`sh
openssl s_client -connect ci.example.com:443 -tls1_1 -cipher DEFAULT@SECLEVEL=0 </dev/null
\`\`\``;

export default rule({
  id: 'weak-tls',
  on: 'endpoint',
  severity: 'high',
  confidence: 'high',
  title: 'TLS of this address is not sound',
  why: 'What TLS promises does not hold here, or soon will not: clients and runners fail, or are told not to verify, and then anybody on the way can answer in the place of the server. They are sent tokens and the RPC secret, and read what builds read.',
  fix: `${certificate}

An address that accepts TLS 1.0 or 1.1 is another fault. ${protocols}`,
  refs: ['https://docs.drone.io/server/https/', 'harness/drone server/server.go:126-131', 'RFC 8996'],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-295', 'CWE-326'] },
  since: '0.1.0',
  effort: 'hours',
  *judge(endpoint) {
    const { tls, label } = endpoint;
    if (!tls) return;
    const host = hostOfEndpoint(endpoint);
    const fills = { 'ci.example.com:443': host && `${host}:${portOfEndpoint(endpoint)}`, 'ci.example.com': host };
    const until = tls.validTo?.value.slice(0, 10) ?? '';
    if (tls.distrust) {
      const { value, at } = tls.distrust;
      const why = faults.get(value) ?? say`is not trusted (${value})`;
      const when = value === 'CERT_HAS_EXPIRED' && until !== '' ? say`, on ${until}` : '';
      yield {
        ...{ at, subject: 'certificate', fills, fix: certificate },
        message: say`the certificate of ${label} ${why}${when}: clients fail, or do not verify who answers`,
      };
    } else if (tls.validTo) {
      const { value, at } = tls.validTo;
      const now = clockOf(at.source);
      const end = Date.parse(value);
      if (now === undefined) yield { at, inconclusive: say`the clock of ${label} is not known` };
      else if (end - now <= soon)
        yield {
          ...{ at, subject: 'certificate', fills, fix: renewal, severity: 'low' },
          message: say`the certificate of ${label} expires on ${until}, and has not been renewed yet`,
        };
    }
    const [first] = tls.oldProtocols;
    if (!first) return;
    const names = joinTexts(
      tls.oldProtocols.map(({ value }) => say`${value === 'TLSv1' ? 'TLSv1.0' : value}`),
      ' and ',
    );
    const isAll = tls.oldProtocols.some(({ value }) => value === tls.protocol?.value);
    yield {
      ...{ at: first.at, subject: 'protocols', fills, fix: protocols },
      message: isAll
        ? say`${label} speaks nothing newer than ${names}, which can be broken: current clients refuse to talk to it`
        : say`${label} accepts ${names}, which can be broken and which no current client needs`,
    };
  },
});

/** Time for somebody to notice that a renewal fails. */
const soon = 21 * 24 * 3600 * 1000;

/** Codes of OpenSSL and Node for a certificate that is not trusted. */
const faults: ReadonlyMap<string, Text> = new Map([
  ['CERT_HAS_EXPIRED', say`has expired`],
  ['CERT_NOT_YET_VALID', say`is not valid yet`],
  ['ERR_TLS_CERT_ALTNAME_INVALID', say`is for another name`],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', say`is signed by itself alone`],
  ['SELF_SIGNED_CERT_IN_CHAIN', say`is signed by a CA that is not trusted here`],
  ['UNABLE_TO_GET_ISSUER_CERT', say`is signed by a CA that is not trusted here`],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', say`is signed by a CA that is not trusted here`],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', say`comes without the intermediate certificates, or its CA is not trusted here`],
  ['CERT_REVOKED', say`was revoked`],
]);
