import { isOn } from '../../analysis/setting-state.ts';
import { shareHost } from '../../drone/topology.ts';
import { parseGoBool } from '../../facts/go-values.ts';
import { type UpdaterFacts, updaterImage, updaters } from '../../facts/updaters.ts';
import { type Container, describeImage, namesOf } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { isRunner } from '../../model/role.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';
import { settingsOf } from '../../model/settings.ts';
import { originOf } from '../../model/source.ts';

const ofAutoscaler = `Remove the variable, or switch it off:

\`\`\`env
DRONE_WATCHTOWER_ENABLED=false
\`\`\`

Name the image of the runner by version or digest instead, and replace the machines to update them:

\`\`\`env
DRONE_AGENT_IMAGE=drone/drone-runner-docker:1.8.5
\`\`\``;

export default rule({
  id: 'automatic-image-updates',
  on: 'installation',
  severity: 'low',
  confidence: 'high',
  title: 'Images replace themselves',
  why: 'Whoever can push that tag, by a stolen account or a broken release, has their program running with all secrets at the next check of the updater, and nobody looks. The updater itself holds the Docker socket, so it is root on the host.',
  fix: `Update on purpose: name the image by its digest, and change that when you have read the notes of the release.

\`\`\`yaml
image: drone/drone:2.28.2@sha256:...
\`\`\`

Take the containers of Drone away from the updater until then, or remove it:

\`\`\`yaml
labels:
  com.centurylinklabs.watchtower.enable: "false"
\`\`\``,
  refs: [
    'https://containrrr.dev/watchtower/container-selection/',
    'https://containrrr.dev/watchtower/arguments/',
    'drone/autoscaler engine/install.go:211-214',
  ],
  standards: { owasp: ['CICD-SEC-3', 'CICD-SEC-5'] },
  since: '0.1.0',
  *judge(installation) {
    for (const updater of updatersIn(installation)) {
      const { image } = updater;
      const facts = factsOf(updater);
      if (!image || !facts || isSwitchedOn(updater, facts.monitor)) continue;
      const watched = componentsIn(installation).filter((each) => watches(updater, facts, each));
      const [first, ...others] = [...watched].sort((one, other) => Number(isRisky(other)) - Number(isRisky(one)));
      if (!first) continue;
      yield {
        at: image.at,
        subject: 'updater',
        of: updater,
        message: say`${updater.label} replaces ${describeImage(first)}${others.length === 0 ? '' : say` and ${others.length} more of Drone`} whenever a newer one is pushed`,
        severity: isRisky(first) ? 'medium' : undefined,
        related: watched.map((each) =>
          alsoAt(each.image?.at ?? each.at, say`it watches ${each.label}`, {
            message: say`${updater.label} replaces ${describeImage(each)} whenever a newer one is pushed`,
            severity: isRisky(each) ? 'medium' : 'low',
            follows: true,
          }),
        ),
      };
    }
    for (const settings of installation.settings) {
      const variable = settings.variables.get('DRONE_WATCHTOWER_ENABLED');
      if (settings.role !== 'autoscaler' || !variable || isOn(settings, variable.name) !== true) continue;
      const image = settings.variables.get('DRONE_WATCHTOWER_IMAGE');
      yield {
        at: variable.at,
        subject: variable.name,
        of: settings,
        fix: ofAutoscaler,
        message: say`${settings.label} puts an updater beside the runner on each machine`,
        related: image ? [{ at: image.at, message: say`its image` }] : undefined,
      };
    }
  },
});

const updatersIn = memoizePer(({ containers }: Installation) =>
  containers.filter((each) => each.role !== 'step' && factsOf(each) !== undefined),
);

/** The server, runners, extensions and the autoscaler, if an updater could replace them. */
const componentsIn = memoizePer(({ containers }: Installation) =>
  containers.filter(
    ({ role, image, built }) =>
      (role === 'server' || role === 'extension' || role === 'autoscaler' || isRunner(role)) &&
      image !== undefined &&
      image.value.digest === undefined &&
      !built,
  ),
);

function factsOf({ image }: Container): UpdaterFacts | undefined {
  return updaters.get(updaterImage.exec(image?.value.name ?? '')?.[1] ?? '');
}

/** The server has everything, and `latest` moves with every push. */
function isRisky({ role, image }: Container): boolean {
  const tag = image?.value.tag;
  return role === 'server' || tag === undefined || tag === 'latest';
}

function watches(updater: Container, facts: UpdaterFacts, target: Container): boolean {
  if (!shareHost(settingsOf(updater), settingsOf(target))) return false;
  if (updater.live && originOf(updater.at.source.name) !== originOf(target.at.source.name)) return false;
  const label = target.labels.get(facts.label)?.value.toLowerCase();
  if (label === 'false' || (label !== 'true' && isSwitchedOn(updater, facts.labelled))) return false;
  if (facts.monitorLabel && target.labels.get(facts.monitorLabel)?.value.toLowerCase() === 'true') return false;
  const scope = facts.scope && optionOf(updater, facts.scope[0], facts.scope[1]);
  if (facts.scope && scope && target.labels.get(facts.scope[2])?.value !== scope) return false;
  const names = namesOf(target);
  const isNamed = (list: readonly string[]): boolean => list.some((each) => names.has(each.toLowerCase()));
  if (isNamed(listOf(optionOf(updater, ...facts.except)))) return false;
  const only = [...wordsOf(updater, facts), ...(facts.only ? listOf(optionOf(updater, ...facts.only)) : [])];
  return only.length === 0 || isNamed(only);
}

function listOf(text: string | undefined): readonly string[] {
  return text?.split(/[\s,]+/).filter((each) => each !== '') ?? [];
}

function isSwitchedOn(updater: Container, [variable, options]: readonly [string, readonly string[]]): boolean {
  const value = updater.environment.variables.get(variable)?.value;
  if (value !== undefined) return parseGoBool(value) === true;
  return updater.command.some((word) => options.includes(word.value.replace(/=true$/, '')));
}

/** The value of an option, `--scope=drone` or `--scope drone`, or of its variable. */
function optionOf(
  { command, environment }: Container,
  variable: string,
  options: readonly string[],
): string | undefined {
  for (const [index, { value }] of command.entries()) {
    const equals = value.indexOf('=');
    if (equals > 0 && options.includes(value.slice(0, equals))) return value.slice(equals + 1);
    if (options.includes(value)) return command[index + 1]?.value;
  }
  return environment.variables.get(variable)?.value;
}

/** The words that are neither options nor their values: the only containers that watchtower looks at. */
function wordsOf({ command }: Container, { switches }: UpdaterFacts): readonly string[] {
  return command
    .map(({ value }) => value)
    .filter((word, index, words) => {
      const before = words[index - 1] ?? '';
      const isValue = before.startsWith('-') && !before.includes('=') && !switches.has(before);
      return !word.startsWith('-') && !word.startsWith('/') && !isValue;
    });
}
