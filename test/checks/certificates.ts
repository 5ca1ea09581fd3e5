import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Certificates for `localhost` and 127.0.0.1, made for one run. */
export interface Certificates {
  /** File of the authority, for NODE_EXTRA_CA_CERTS. */
  readonly authority: string;
  readonly valid: { readonly key: string; readonly cert: string };
  readonly soon: { readonly key: string; readonly cert: string };
  readonly expired: { readonly key: string; readonly cert: string };
  readonly otherName: { readonly key: string; readonly cert: string };
  readonly selfSigned: { readonly key: string; readonly cert: string };
  remove(): void;
}

/** Makes certificates with the openssl program; undefined where there is none that can. */
export function makeCertificates(): Certificates | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'drone-audit-certificates-'));
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const signed = (name: string, subject: string, days: number) => {
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${subject}\n`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', 'server.csr', ...by, '-days', String(days), '-out', `${name}.pem`);
    return { key: text('server.key'), cert: text(`${name}.pem`) };
  };
  try {
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority', '-days', '30');
    openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
    openssl('req', '-x509', ...key, '-keyout', 'own.key', '-out', 'own.pem', '-subj', '/CN=localhost', '-days', '30');
    const here = 'DNS:localhost,IP:127.0.0.1';
    return {
      authority: join(folder, 'ca.pem'),
      valid: signed('valid', here, 300),
      soon: signed('soon', here, 10),
      expired: signed('expired', here, -1),
      otherName: signed('other', 'DNS:ci.example.com', 300),
      selfSigned: { key: text('own.key'), cert: text('own.pem') },
      remove: () => rmSync(folder, { recursive: true, force: true }),
    };
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
}
