/** How a program is given the certificate of a CA, or the keys of hosts; the files lie in the repository. */
interface TlsFix {
  /** The names of programs and variables, as findings have them. */
  readonly of: RegExp;
  readonly says?: string;
  readonly lines: readonly string[];
}

const commands = (...lines: readonly string[]): readonly string[] => [
  'commands:',
  ...lines.map((line) => `  - ${line}`),
];

const fixes: readonly TlsFix[] = [
  { of: /^curl\b/, lines: commands('curl --cacert ca.pem https://ci.example.com/') },
  { of: /^wget\b/, lines: commands('wget --ca-certificate=ca.pem https://ci.example.com/') },
  { of: /^(?:git\b|GIT_SSL)/, lines: commands('git config --global http.sslCAInfo "$PWD/ca.pem"') },
  { of: /^(?:npm|yarn|pnpm|NPM_CONFIG)/, lines: commands('npm config set cafile "$PWD/ca.pem"') },
  { of: /^NODE_/, lines: ['environment:', '  NODE_EXTRA_CA_CERTS: /drone/src/ca.pem'] },
  { of: /^(?:PYTHONHTTPSVERIFY|GOINSECURE|go )/, lines: ['environment:', '  SSL_CERT_FILE: /drone/src/ca.pem'] },
  {
    of: /^(?:pip|python|poetry|PIP_)/,
    lines: commands('pip install --cert ca.pem --require-hashes --requirement requirements.txt'),
  },
  { of: /^helm3? --kube/, lines: commands('helm upgrade --kube-ca-file ca.pem app ./chart') },
  { of: /^helm/, lines: commands('helm pull --ca-file ca.pem oci://registry.example.com/charts/app --version 1.4.2') },
  { of: /^(?:kubectl|oc) /, lines: commands('kubectl --certificate-authority=ca.pem apply -f deploy/') },
  { of: /^flux /, lines: commands('flux --certificate-authority=ca.pem get all') },
  { of: /^argocd /, lines: commands('argocd --server-crt ca.pem app sync app') },
  {
    of: /^docker /,
    lines: commands('docker --tlsverify --tlscacert=ca.pem --tlscert=cert.pem --tlskey=key.pem version'),
  },
  {
    of: /^(?:skopeo|buildah|podman) /,
    lines: commands(
      'mkdir -p /etc/containers/certs.d/registry.example.com',
      'cp ca.pem /etc/containers/certs.d/registry.example.com/ca.crt',
    ),
  },
  {
    of: /^apt/,
    says: 'Remove the option, and name the key that signs the packages:',
    lines: commands(
      'cp tools.asc /usr/share/keyrings/tools.asc',
      'echo "deb [signed-by=/usr/share/keyrings/tools.asc] https://apt.example.com stable main" > /etc/apt/sources.list.d/tools.list',
    ),
  },
  {
    of: /^GONOSUMDB/,
    says: 'Remove the variable, and name only your own modules, which the public checksum database does not know:',
    lines: ['environment:', '  GOPRIVATE: git.example.com'],
  },
  {
    of: /^(?:StrictHostKeyChecking|ANSIBLE_HOST_KEY)/,
    says: 'Remove the switch, and commit the keys of the hosts: what `ssh-keyscan` prints, compared once with the hosts themselves:',
    lines: commands('mkdir -p ~/.ssh && cp known_hosts ~/.ssh/known_hosts'),
  },
];

const first =
  'Remove the switch, and give the program the certificate of the CA that it is to trust, `ca.pem` of the repository:';

/** The fix for a switch, as the messages of findings name it (`curl --insecure`, `GIT_SSL_NO_VERIFY`). */
export function tlsFixOf(what: string): string {
  const { says = first, lines } = fixes.find(({ of }) => of.test(what)) ?? {};
  if (!lines) return 'Remove the switch, and add the certificate of the CA to those that the image trusts.';
  return `${says}\n\n\`\`\`yaml step\n${lines.join('\n')}\n\`\`\``;
}
