import { isOn, whyUnknown } from '../../analysis/setting-state.ts';
import { settingOf } from '../../facts/settings.ts';
import { alsoAt, type Hit, type Location, rule, say, type Text } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

export default rule({
  id: 'default-build-machine-access',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Build machines are reached with default access',
  why: 'By default the macstadium runner signs in to its machines as admin with the password admin and talks to Orka over plain http, and the aws runner in distributed mode uses a database with a known password and without TLS. Neighbours on the network can log in to the machines or the database, or read the login.',
  fix: `Use credentials of your own, and TLS. On the macstadium runner:

\`\`\`env
DRONE_VM_USERNAME=drone
DRONE_VM_PASSWORD=<output of: openssl rand -hex 16>
DRONE_ORKA_ENDPOINT=https://orka.example.com
\`\`\`

The runner only signs in: make the account in the image of the machines first, or every build fails. On the aws runner, name your own database; a private CA needs \`sslrootcert=\` too:

\`\`\`ini
DRONE_DISTRIBUTED_DATASOURCE=host=db.example.com user=runner password=<output of: openssl rand -hex 16> dbname=runner sslmode=verify-full
\`\`\``,
  refs: [
    'drone-runners/drone-runner-macstadium command/daemon/config.go:60-73',
    'drone-runners/drone-runner-aws command/config/config.go:568-573',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-1392'] },
  since: '0.1.0',
  *judge(settings) {
    const faults =
      settings.role === 'runner-macstadium'
        ? [passwordFault(settings), endpointFault(settings)]
        : settings.role === 'runner-aws'
          ? [datasourceFault(settings)]
          : [];
    const known = faults.flatMap((fault) => (fault && 'message' in fault ? [fault] : []));
    for (const fault of faults) if (fault && 'inconclusive' in fault) yield fault;
    const [first, ...others] = known;
    if (first)
      yield {
        ...first,
        related: others.map(({ at, message, severity }) => alsoAt(at, message, { message, severity })),
      };
  },
});

type Fault = Hit | { readonly at: Location; readonly inconclusive: Text } | undefined;

function passwordFault(settings: Settings): Fault {
  const name = 'DRONE_VM_PASSWORD';
  const variable = settings.variables.get(name);
  if (!variable && !settings.complete) return { at: settings.at, inconclusive: whyUnknown(settings, name) };
  if (variable && variable.secret?.kind !== 'word' && variable.secret?.kind !== 'sample') return undefined;
  return {
    at: variable?.at ?? settings.at,
    subject: name,
    message: say`${settings.label} signs in to its machines with ${variable ? say`a default password` : say`admin/admin, the default without DRONE_VM_PASSWORD`}`,
  };
}

function endpointFault(settings: Settings): Fault {
  const name = 'DRONE_ORKA_ENDPOINT';
  const variable = settings.variables.get(name);
  if (variable ? variable.value === undefined : !settings.complete)
    return { at: variable?.at ?? settings.at, inconclusive: whyUnknown(settings, name) };
  if (variable && !/^http:\/\//i.test(variable.value ?? '')) return undefined;
  return {
    at: variable?.at ?? settings.at,
    subject: name,
    message: say`${settings.label} talks to Orka over plain http${variable ? '' : say`, the default without DRONE_ORKA_ENDPOINT`}`,
    severity: 'medium',
  };
}

function datasourceFault(settings: Settings): Fault {
  if (!isOn(settings, 'DRONE_DELEGATE_DISTRIBUTED_MODE')) return undefined;
  const name = 'DRONE_DISTRIBUTED_DATASOURCE';
  const variable = settings.variables.get(name);
  if (!variable && !settings.complete) return { at: settings.at, inconclusive: whyUnknown(settings, name) };
  if (variable && variable.value !== settingOf(name)?.default) return undefined;
  const mode = settings.variables.get('DRONE_DELEGATE_DISTRIBUTED_MODE');
  return {
    at: variable?.at ?? mode?.at ?? settings.at,
    subject: name,
    message: say`${settings.label} uses the default data source, with a known password and without TLS`,
    severity: 'medium',
  };
}
