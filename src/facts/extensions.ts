/** How an extension is configured at its caller. */
export interface ExtensionFact {
  /** For messages: `secret extension`. */
  readonly kind: 'secret' | 'registry' | 'environment' | 'configuration' | 'conversion' | 'validation' | 'admission';
  readonly caller: 'server' | 'runner';
  readonly endpoint: string;
  readonly token: string;
  readonly skipVerify: string;
  /** Names that look like the token, but that nothing reads. */
  readonly misnamed: readonly string[];
  /** The server calls it only for builds that it runs itself. */
  readonly embeddedOnly?: true;
}

/**
 * Extensions by their variables: of the server harness/drone cmd/drone-server/config/config.go:195-340, of the runners
 * drone-runner-docker command/daemon/config.go:82-103. Older names that a runner still accepts are aliases in the settings table.
 */
export const extensionFacts: readonly ExtensionFact[] = [
  {
    kind: 'secret',
    caller: 'runner',
    endpoint: 'DRONE_SECRET_PLUGIN_ENDPOINT',
    token: 'DRONE_SECRET_PLUGIN_TOKEN',
    skipVerify: 'DRONE_SECRET_PLUGIN_SKIP_VERIFY',
    misnamed: ['DRONE_SECRET_PLUGIN_SECRET'],
  },
  {
    kind: 'registry',
    caller: 'runner',
    endpoint: 'DRONE_REGISTRY_PLUGIN_ENDPOINT',
    token: 'DRONE_REGISTRY_PLUGIN_TOKEN',
    skipVerify: 'DRONE_REGISTRY_PLUGIN_SKIP_VERIFY',
    misnamed: [],
  },
  {
    kind: 'environment',
    caller: 'runner',
    endpoint: 'DRONE_ENV_PLUGIN_ENDPOINT',
    token: 'DRONE_ENV_PLUGIN_TOKEN',
    skipVerify: 'DRONE_ENV_PLUGIN_SKIP_VERIFY',
    misnamed: ['DRONE_ENV_PLUGIN_SECRET'],
  },
  {
    kind: 'configuration',
    caller: 'server',
    endpoint: 'DRONE_YAML_ENDPOINT',
    token: 'DRONE_YAML_SECRET',
    skipVerify: 'DRONE_YAML_SKIP_VERIFY',
    misnamed: ['DRONE_YAML_TOKEN'],
  },
  {
    kind: 'conversion',
    caller: 'server',
    endpoint: 'DRONE_CONVERT_PLUGIN_ENDPOINT',
    token: 'DRONE_CONVERT_PLUGIN_SECRET',
    skipVerify: 'DRONE_CONVERT_PLUGIN_SKIP_VERIFY',
    misnamed: ['DRONE_CONVERT_PLUGIN_TOKEN'],
  },
  {
    kind: 'validation',
    caller: 'server',
    endpoint: 'DRONE_VALIDATE_PLUGIN_ENDPOINT',
    token: 'DRONE_VALIDATE_PLUGIN_SECRET',
    skipVerify: 'DRONE_VALIDATE_PLUGIN_SKIP_VERIFY',
    misnamed: ['DRONE_VALIDATE_PLUGIN_TOKEN'],
  },
  {
    kind: 'admission',
    caller: 'server',
    endpoint: 'DRONE_ADMISSION_PLUGIN_ENDPOINT',
    token: 'DRONE_ADMISSION_PLUGIN_SECRET',
    skipVerify: 'DRONE_ADMISSION_PLUGIN_SKIP_VERIFY',
    misnamed: ['DRONE_ADMISSION_PLUGIN_TOKEN'],
  },
  {
    kind: 'secret',
    caller: 'server',
    endpoint: 'DRONE_SECRET_ENDPOINT',
    token: 'DRONE_SECRET_SECRET',
    skipVerify: 'DRONE_SECRET_SKIP_VERIFY',
    misnamed: [],
    embeddedOnly: true,
  },
  {
    kind: 'registry',
    caller: 'server',
    endpoint: 'DRONE_REGISTRY_ENDPOINT',
    token: 'DRONE_REGISTRY_SECRET',
    skipVerify: 'DRONE_REGISTRY_SKIP_VERIFY',
    misnamed: [],
    embeddedOnly: true,
  },
];

/** Ports on which the extensions of the drone organisation and their starter templates listen (boilr templates: `:3000`). */
export const extensionPorts: readonly string[] = ['3000', '8080'];
