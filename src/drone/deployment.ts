import {
  type DeploymentKind,
  deploymentCommands,
  deploymentNames,
  deploymentPlugins,
  namesOfOthers,
  rehearsal,
} from '../facts/deployment.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Step } from '../model/pipeline.ts';
import type { Location } from '../model/source.ts';

/** One sign that a step deploys or publishes. */
export interface Deployment {
  readonly does: DeploymentKind;
  /** `plugin`, `command`, or only the `name` of the step, which is a hint. */
  readonly by: 'plugin' | 'command' | 'name';
  /** For messages: `"plugins/docker"`, `"kubectl apply"`, `its name`. */
  readonly what: string;
  readonly at: Location;
}

/** Longer commands are cut: no tool is named that far in. */
const maxCommandLength = 500;
/** How many commands of one step are looked at. */
const maxCommands = 2_000;

/** What a step deploys or publishes, by its plugin and commands, or else by its name. Each tool is listed once. */
export const deploymentsOf = memoizePer((step: Step): readonly Deployment[] => {
  const deployments = [...pluginOf(step), ...commandsOf(step)];
  const { nameAt: at, name } = step;
  const isNamed = deploymentNames.test(name) && !namesOfOthers.test(name);
  if (deployments.length === 0 && isNamed && !isDryRun(step))
    deployments.push({ does: 'deploy', by: 'name', what: 'its name', at });
  return deployments;
});

/** Whether a plugin is set not to publish, by `dry_run` or its counterpart. */
export function isDryRun(step: Step): boolean {
  return step.settings.some(
    ({ name, text }) => /^(?:dry_run|dryrun|dry-run|no_push|skip_push)$/i.test(name.value) && isYes(text?.value ?? ''),
  );
}

function isYes(text: string): boolean {
  return /^(?:true|yes|on|y|t|1)$/i.test(text);
}

/** Whether a step runs its image as it is, without commands, command or entrypoint. */
export function isPlugin(step: Step): boolean {
  return !step.hasCommands && step.command.length === 0 && step.entrypoint.length === 0;
}

/** An image name with its registry, without tag and digest. */
export function imageName(step: Step): string | undefined {
  const image = step.image?.value;
  return image && (image.registry === undefined ? image.name : `${image.registry}/${image.name}`);
}

/**
 * The names by which a step's plugin may be known: its own, and that without the registry and folders of a mirror. A
 * copy does what the original does; for privileges, Drone compares the whole name (drone-runner-docker
 * engine/compiler/compiler.go:549-595).
 */
export function pluginNames(step: Step): readonly string[] {
  const name = isPlugin(step) ? imageName(step) : undefined;
  if (name === undefined) return [];
  return step.image?.value.registry === undefined ? [name] : [name, name.split('/').slice(-2).join('/')];
}

/** Whether `plugins/ansible` reads its playbook without running it (github.com/drone-plugins/drone-ansible main.go). */
function onlyChecks({ settings }: Step, name: string | undefined): boolean {
  return (
    name === 'plugins/ansible' &&
    settings.some(
      (setting) =>
        /^(?:syntax_check|check|list_hosts|list_tasks)$/.test(setting.name.value) && isYes(setting.text?.value ?? ''),
    )
  );
}

function pluginOf(step: Step): Deployment[] {
  const name = pluginNames(step).find((each) => deploymentPlugins.has(each));
  const does = deploymentPlugins.get(name ?? '');
  return does && step.image && !isDryRun(step) && !onlyChecks(step, name)
    ? [{ does, by: 'plugin', what: `"${name}"`, at: step.image.at }]
    : [];
}

/** Matches every deploying command at once, because most commands match none of them. */
const anyDeployment = new RegExp(deploymentCommands.map(({ words }) => words.source).join('|'));

function commandsOf(step: Step): Deployment[] {
  const found = new Map<string, Deployment>();
  let looked = 0;
  for (const { value, at } of step.commands)
    for (const command of simpleCommands(value)) {
      if (++looked > maxCommands) return [...found.values()];
      const entry = anyDeployment.test(command)
        ? deploymentCommands.find(({ words }) => words.test(command))
        : undefined;
      if (!entry || rehearsal.test(command) || entry.unless?.test(command)) continue;
      const what = `"${entry.as}"`;
      if (!found.has(what)) found.set(what, { does: entry.does, by: 'command', what, at });
    }
  return [...found.values()];
}

/** The simple commands of a script, as found without a shell; leading variables and `sudo` are left out. */
function* simpleCommands(script: string): Iterable<string> {
  for (const line of script.replaceAll(/\\\r?\n/g, ' ').split('\n')) {
    if (/^\s*#/.test(line)) continue;
    for (const part of line.slice(0, maxCommandLength).split(/&&|\|\|?|;|\$\(|`|\bthen\b|\bdo\b|\belse\b/)) {
      const command = part.trim().replace(/^(?:(?:sudo|exec|time|env|nohup)\s+|[A-Za-z_]\w*=\S*\s+)*/, '');
      if (command !== '') yield command;
    }
  }
}

/** Whether an image plugin takes its tags from the build: with `auto_tag`, it publishes tags and the default branch. */
export function isAutoTagged(step: Step): boolean {
  return step.settings.some(({ name, text }) => name.value === 'auto_tag' && isYes(text?.value ?? ''));
}
