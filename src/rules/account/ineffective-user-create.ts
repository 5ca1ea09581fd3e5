import { registrationOf } from '../../analysis/registration.ts';
import { createdUser } from '../../drone/user-create.ts';
import { rule, say } from '../../model/rule.ts';
import { isTemplateFile } from '../../secrets/weakness.ts';

const booleanWord = /^\s*(?:true|false|yes|no|on|off|t|f|1|0)\s*$/i;

export default rule({
  id: 'ineffective-user-create',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'DRONE_USER_CREATE names no account',
  why: 'Without a username the server ignores DRONE_USER_CREATE. Some guides claim that `false` closes registration; it does not. The variable only creates or updates one account when the server starts.',
  fix: `Remove \`DRONE_USER_CREATE\`, or let it name the first administrator:

\`\`\`env
DRONE_USER_CREATE=username:octocat,admin:true
\`\`\`

The account outlives the variable, and the server writes the token of an account that it creates to its log. So once the account exists, rotate the token and remove the variable. \`DRONE_REGISTRATION_CLOSED=true\` closes registration, \`DRONE_USER_FILTER\` limits it.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-user-create/',
    'harness/drone cmd/drone-server/bootstrap/bootstrap.go:45-48',
    'harness/drone cmd/drone-server/config/config.go:630-650',
  ],
  standards: { owasp: ['CICD-SEC-2'] },
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server' && settings.role !== 'unknown') return;
    const variable = settings.variables.get('DRONE_USER_CREATE');
    if (variable?.value === undefined || createdUser(variable)) return;
    if (variable.value === '' && isTemplateFile(variable.at.source.name)) return;
    const isBoolean = booleanWord.test(variable.value);
    const isName = !isBoolean && /^[\w.-]+$/.test(variable.value);
    const open = registrationOf(settings).state === 'open';
    const what = isBoolean
      ? `"${variable.value.trim()}" neither creates an account nor closes registration`
      : 'it has no "username:NAME" item, so no account is created';
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`DRONE_USER_CREATE has no effect: ${variable.value === '' ? say`it is empty` : what}`,
      severity: isBoolean && open ? 'medium' : undefined,
      fills: isName ? { octocat: variable.value } : undefined,
    };
  },
});
