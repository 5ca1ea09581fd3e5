import { scmOf } from '../drone/scm.ts';
import { parseGoBool } from '../facts/go-values.ts';
import { type Settings, setVariable } from '../model/settings.ts';
import { say, type Text } from '../model/text.ts';
import { isStoppedBy } from './setting-state.ts';

/** Whether strangers can register at a server; `undecided` names the variable whose value is not known. */
export type Registration =
  | { readonly state: 'open' | 'closed' }
  | { readonly state: 'undecided'; readonly because: Text };

/**
 * Registration is open unless it is closed, filtered or left to an admission extension (plugin/admission/open.go:38-49,
 * account.go:45-49). A filter that is set but blank is one blank item, which nobody is a member of (account.go:25-28). In
 * 0.8 it is the other way round: only DRONE_OPEN opens it.
 */
export function registrationOf(server: Settings): Registration {
  if (server.version?.startsWith('0.')) {
    const open = setVariable(server, 'DRONE_OPEN');
    if (open && open.value === undefined)
      return { state: 'undecided', because: say`the value of DRONE_OPEN is not known` };
    return { state: parseGoBool(open?.value ?? '') && !setVariable(server, 'DRONE_ORGS') ? 'open' : 'closed' };
  }
  const closed = setVariable(server, 'DRONE_REGISTRATION_CLOSED');
  const filter = server.variables.get('DRONE_USER_FILTER');
  if (parseGoBool(closed?.value ?? '')) return { state: 'closed' };
  if (isStoppedBy(server, 'DRONE_REGISTRATION_CLOSED'))
    return { state: 'undecided', because: say`the server does not start with this DRONE_REGISTRATION_CLOSED` };
  if (setVariable(server, 'DRONE_ADMISSION_PLUGIN_ENDPOINT')) return { state: 'closed' };
  if (filter?.value !== undefined) return { state: 'closed' };
  for (const variable of [closed, filter])
    if (variable && variable.value === undefined)
      return { state: 'undecided', because: say`the value of ${variable.name} is not known` };
  if (!server.complete)
    return { state: 'undecided', because: server.gaps[0] ?? say`the environment is not wholly known` };
  // main: source code management system not configured (cmd/drone-server/inject_client.go:51-69).
  if (!scmOf(server))
    return { state: 'undecided', because: say`no SCM is configured, and no server starts without one` };
  return { state: 'open' };
}
