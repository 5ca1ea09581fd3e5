import { isComponent, settingFor, typeOf } from '../../facts/settings.ts';
import { itemsOf } from '../../model/location-within.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'spaced-list-item',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'List item contains a space and will not match',
  why: 'Drone splits lists at commas and trims nothing (`DRONE_USER_FILTER` is the exception), so an item with a space names something that does not exist: a repository that the runner then refuses, an image that never runs privileged, a scope that the SCM refuses.',
  fix: 'Remove the spaces around the commas of `DRONE_LIMIT_REPOS`. Look at the items first: those that matched nothing until now take effect.',
  refs: ['kelseyhightower/envconfig envconfig.go (processField)', 'harness/drone plugin/admission/account.go:25-28'],
  standards: { owasp: ['CICD-SEC-7'] },
  since: '0.1.0',
  *judge({ role, variables }) {
    if (!isComponent(role)) return;
    for (const variable of variables.values()) {
      const { name } = variable;
      if (!name.startsWith('DRONE_') || name === 'DRONE_USER_FILTER') continue;
      const fact = settingFor(name, role);
      if (!fact || fact.legacy || fact.noEffectIn?.includes(role) || typeOf(fact, role) !== 'list') continue;
      const spaced = itemsOf(variable).filter(({ text }) => text !== text.trim() && text.trim() !== '');
      const [first, ...others] = spaced;
      if (!first) continue;
      yield {
        at: first.at,
        subject: name,
        message: say`an item of ${name} has a space around it and matches nothing`,
        fills: { DRONE_LIMIT_REPOS: name },
        related: others.map(({ at }) => alsoAt(at, say`this one too`)),
      };
    }
  },
});
