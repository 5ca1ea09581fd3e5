import { type Listed, listedAccounts } from '../../analysis/server-repository.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { type Location, rule, say } from '../../model/rule.ts';
import type { Site } from '../../model/site.ts';

export default rule({
  id: 'foreign-account',
  on: 'account',
  severity: 'medium',
  confidence: 'medium',
  title: 'Account from outside',
  why: 'DRONE_USER_FILTER and the like are checked when somebody signs in for the first time, and never again. Accounts from before the filter, and those of people who have left, stay, and so do their tokens.',
  fix: `Delete the account if it should not be there:

\`\`\`sh
drone user rm octocat
\`\`\`

If it should, say so:

\`\`\`yaml
# drone-audit.yml
site:
  accounts: [octocat]
\`\`\``,
  refs: [
    'harness/drone plugin/admission/account.go:45-49',
    'https://docs.drone.io/server/reference/drone-user-filter/',
  ],
  standards: { owasp: ['CICD-SEC-2'] },
  since: '0.1.0',
  *judge({ at, login, machine, listed }, { site, installation }) {
    if (!listed || machine) return;
    const outside = outsideOfSite(login, listed.email, site);
    const filter = outside ? undefined : loginsOfFilter(installation);
    if (!outside && (!filter || filter.logins.has(login.toLowerCase()))) return;
    yield {
      at,
      subject: `account ${login}`,
      message: outside
        ? say`account "${login}" is not among those that this site names${outside === 'domain' ? say`, and its e-mail address is in another domain` : ''}`
        : say`account "${login}" is not among the logins of DRONE_USER_FILTER`,
      fills: { octocat: login },
      related: filter ? [{ at: filter.at, message: say`the filter, which is checked only at the first sign-in` }] : [],
    };
  },
});

/** Whether an account is none of those that the site names; false too where the site names none, or its address is not known. */
function outsideOfSite(
  login: string,
  email: string,
  { accounts, accountDomains, administrators }: Site,
): 'login' | 'domain' | false {
  if (accounts.length === 0 && accountDomains.length === 0) return false;
  const isNamed = [...accounts, ...administrators].some((name) => name.toLowerCase() === login.toLowerCase());
  if (isNamed) return false;
  if (accountDomains.length === 0) return 'login';
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  if (domain === '') return false;
  return accountDomains.some((each) => each.toLowerCase().replace(/^@/, '') === domain) ? false : 'domain';
}

/**
 * The logins of a DRONE_USER_FILTER that holds nothing else, in lower case as the server compares them (plugin/admission/account.go:25-28),
 * with those that configuration creates; undefined where a word of it may be an organisation. SCMs give a name to an account or to
 * an organisation, not to both.
 */
const loginsOfFilter = memoizePer(
  (installation: Installation): { readonly logins: ReadonlySet<string>; readonly at: Location } | undefined => {
    const filters = installation.settings.flatMap(({ role, variables }) => {
      const filter = role === 'server' ? variables.get('DRONE_USER_FILTER') : undefined;
      return filter ? [filter] : [];
    });
    const [filter, ...others] = filters;
    if (filter?.value === undefined || others.some(({ value }) => value !== filter.value)) return undefined;
    const words = filter.value.split(',').map((word) => word.trim().toLowerCase());
    const known = new Set(listedAccounts(installation).map(lowerLogin));
    if (!words.every((word) => known.has(word))) return undefined;
    const created = installation.accounts.filter(({ listed }) => !listed).map(({ login }) => login.toLowerCase());
    return { logins: new Set([...words, ...created]), at: filter.at };
  },
);

function lowerLogin({ login }: Listed): string {
  return login.toLowerCase();
}
