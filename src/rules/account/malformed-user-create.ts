import { createdUser, type UserCreateItem, userCreateItems } from '../../drone/user-create.ts';
import type { Variable } from '../../model/environment.ts';
import { locationWithin } from '../../model/location-within.ts';
import { alsoAt, ownWords, rule, say, type Text } from '../../model/rule.ts';

export default rule({
  id: 'malformed-user-create',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Part of DRONE_USER_CREATE is dropped',
  why: 'The administrator or token meant here is not what the server applies. It splits the value at commas and colons without trimming, silently skips an item that has a space, more than one colon or an unknown key, and takes only the exact text `true` for true.',
  fix: `Write one list without spaces, with one colon in each item:

\`\`\`env
DRONE_USER_CREATE=username:octocat,admin:true
\`\`\`

The keys are \`username\`, \`token\`, \`machine\` and \`admin\`; a token must not hold a colon.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-user-create/',
    'harness/drone cmd/drone-server/config/config.go:630-650',
  ],
  standards: { owasp: ['CICD-SEC-2'] },
  since: '0.1.0',
  *judge(settings) {
    const variable = settings.variables.get('DRONE_USER_CREATE');
    const user = variable && createdUser(variable);
    if (!variable || !user) return;
    const faulty = userCreateItems(variable).flatMap((item) => {
      const fault = faultOf(item);
      return fault === undefined ? [] : [{ item, fault }];
    });
    const [first, ...others] = faulty;
    if (!first) return;
    yield {
      at: locationWithin(variable, first.item.start, first.item.end),
      subject: variable.name,
      message: say`part of DRONE_USER_CREATE does not work as written: ${first.fault}`,
      fills: { octocat: user.login, 'admin:true': flagMeant(variable) },
      related: others.map(({ item, fault }) =>
        alsoAt(locationWithin(variable, item.start, item.end), fault, {
          message: say`part of DRONE_USER_CREATE does not work as written: ${fault}`,
        }),
      ),
    };
  },
});

/** The flag that the author meant, however it is spelt: the fix must not make an administrator of anybody else. */
function flagMeant(variable: Variable): string {
  const items = userCreateItems(variable).map(({ text }) => {
    const [key = '', flag = 'true'] = text.toLowerCase().split(/[:=]/, 2);
    return { key: key.trim(), flag: flag.trim() };
  });
  const isMeant = (name: string): boolean =>
    items.some(({ key, flag }) => (key === name && !off.has(flag)) || (key === 'role' && flag === name));
  if (isMeant('admin')) return 'admin:true';
  return isMeant('machine') ? 'machine:true' : 'admin:false';
}

const off: ReadonlySet<string> = new Set(['false', 'f', 'no', 'off', '0', '']);

/** What makes the server skip or misread an item. Never quotes a value: it may be a token. */
function faultOf({ text, key, value, known }: UserCreateItem): Text | undefined {
  if (text === '' || !known) return undefined;
  if (key === undefined || value === undefined)
    return text.trimStart().startsWith('token:')
      ? say`the token contains a colon`
      : say`it does not have exactly one colon`;
  if (key !== key.trim()) return say`there is white space around "${key.trim()}"`;
  if (value !== value.trim()) return say`there is white space around the value of "${key}"`;
  if (!['username', 'token', 'machine', 'admin'].includes(key))
    return say`"${key}" is not a key; the keys are username, token, machine and admin`;
  if ((key === 'machine' || key === 'admin') && value !== 'true' && value !== 'false')
    return say`"${ownWords(key)}" is neither "true" nor "false", so it counts as false`;
  return undefined;
}
