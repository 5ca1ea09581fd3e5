/*
 * Ways in which programs are told not to check certificates or host keys, from their manuals.
 */

/** Variables that switch a check off, with the values that do. */
export const tlsVariables: readonly { readonly name: string; readonly off: RegExp }[] = [
  { name: 'GIT_SSL_NO_VERIFY', off: /^(?!(?:0|false|no|off)?$)/i },
  { name: 'NODE_TLS_REJECT_UNAUTHORIZED', off: /^0$/ },
  { name: 'PYTHONHTTPSVERIFY', off: /^0$/ },
  { name: 'ANSIBLE_HOST_KEY_CHECKING', off: /^(?:0|false|no|off)$/i },
  { name: 'GOINSECURE', off: /\S/ },
  { name: 'GONOSUMDB', off: /^\*$/ },
  { name: 'NPM_CONFIG_STRICT_SSL', off: /^false$/i },
  { name: 'PIP_TRUSTED_HOST', off: /\S/ },
];

/** Options of programs: all patterns must be found, each in some word after the name. */
export interface TlsOption {
  readonly programs: RegExp;
  readonly words: readonly RegExp[];
  /** How people write it. */
  readonly as: string;
}

export const tlsOptions: readonly TlsOption[] = [
  { programs: /^wget$/, words: [/^--no-check-certificate$/], as: '--no-check-certificate' },
  { programs: /^git$/, words: [/^http\.(?:.*\.)?sslverify(?:=(?:false|0|no|off))$/i], as: 'http.sslVerify=false' },
  {
    programs: /^git$/,
    words: [/^config$/, /^http\.(?:.*\.)?sslverify$/i, /^(?:false|0|no|off)$/i],
    as: 'http.sslVerify false',
  },
  { programs: /^(?:pip[\d.]*|python[\d.]*|pipenv|poetry)$/, words: [/^--trusted-host(?:=|$)/], as: '--trusted-host' },
  { programs: /^pip[\d.]*$/, words: [/^config$/, /^set$/, /^\w+\.trusted-host$/], as: 'config trusted-host' },
  { programs: /^(?:npm|yarn|pnpm)$/, words: [/^--(?:no-strict-ssl|strict-ssl=false)$/], as: 'strict-ssl false' },
  {
    programs: /^(?:npm|yarn|pnpm)$/,
    words: [/^(?:config|set)$/, /^strict-ssl(?:=false)?$/, /^(?:false|strict-ssl=false)$/],
    as: 'strict-ssl false',
  },
  {
    programs: /^(?:helm3?|kubectl|oc|argocd|kubeadm|flux)$/,
    words: [/^--(?:kube-)?insecure-skip-tls-verify(?:=true)?$/],
    as: '--insecure-skip-tls-verify',
  },
  { programs: /^argocd$/, words: [/^--insecure$/], as: '--insecure' },
  { programs: /^go$/, words: [/^get$/, /^-insecure$/], as: '-insecure' },
  { programs: /^(?:apt|apt-get)$/, words: [/^--allow-unauthenticated$/], as: '--allow-unauthenticated' },
  { programs: /^docker$/, words: [/^--tlsverify=false$/], as: '--tlsverify=false' },
  { programs: /^(?:skopeo|buildah|podman)$/, words: [/^--(?:src-|dest-)?tls-verify=false$/], as: '--tls-verify=false' },
];

/** The text that makes OpenSSH accept any host key. */
export const anyHostKey = /(?:\b|-o)StrictHostKeyChecking(?:\s*=\s*|\s+)["']?(?:no|off|accept-any)\b/i;

/** Words of which each command with such a switch has at least one. */
export const tlsSwitchWords = [
  'curl',
  'insecure',
  'certificate',
  'sslverify',
  'tlsverify',
  'verify',
  'trusted',
  'pip_trusted_host',
  'strict',
  'npm_config_strict_ssl',
  'git_ssl_no_verify',
  'node_tls_reject_unauthorized',
  'pythonhttpsverify',
  'ansible_host_key_checking',
  'stricthostkeychecking',
  'ostricthostkeychecking',
  'goinsecure',
  'gonosumdb',
  'unauthenticated',
] as const;

/** Text that each command with such a switch has. */
export const tlsSwitchText =
  /\bcurl\b[^\n]{0,300}\s(?:-\w{0,20}k|--insecure)|no-check-certificate|sslverify|ssl_no_verify|tls_reject|httpsverify|trusted-host|trusted_host|strict-ssl|strict_ssl|tls-verify|tlsverify|stricthostkey|host_key_checking|goinsecure|gonosum|-insecure|allow-unauthenticated/i;

/** Settings of plugins that switch a check off when they are off. */
export const checksWhenOn = /^(?:verify_ssl|ssl_verify|verify|tls_verify|verify_tls)$/;

/** Settings of plugins that switch a check off when they are on. */
export const checksWhenOff =
  /^(?:skip_verify|insecure|skip_tls_verify|skip_tls|insecure_registry|tls_skip_verify|insecure_skip_verify|insecure_skip_tls_verify|kube_skip_tls|skip_ssl_verify|ssl_skip_verify)$/;

/** Settings of plugins that say where they connect to. */
export const hostSettings =
  /^(?:registry|repo|server|url|host|hosts|endpoint|base_url|api_server|kubernetes_server|gitea_base_url|kube_api_server|webhook|address|remote|urls|insecure_registry|mirror)$/;
