import { commandsWith, hitsByStep } from '../../analysis/step-hits.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { rule, say, type Text } from '../../model/rule.ts';
import { programOf, type SimpleCommand } from '../../shell/commands.ts';

export default rule({
  id: 'loose-file-rights',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  pedantic: true,
  title: 'Command opens files to everyone',
  why: 'Other users can then change what a later command runs; so can other builds, if the folder is on the host.',
  fix: 'Grant only the rights each user needs:\n\n```yaml step\ncommands:\n  - chmod -R u+rwX,go+rX .\n  - chown -R 1000:1000 build\n```\n\n`1000` stands for the user of the step that writes there. Leave `/etc/sudoers` alone: install what needs root when the image is built.',
  refs: ['https://pubs.opengroup.org/onlinepubs/9799919799/utilities/chmod.html'],
  standards: { cwe: ['CWE-732'], owasp: ['CICD-SEC-5'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsByStep(pipeline, 'low', function* (step) {
      for (const command of commandsWith(pipeline, step, ['chmod', 'sudoers'])) {
        const what =
          openedBy(command, pipeline, step) ??
          (writesSudoers(command) ? say`root rights are granted in "/etc/sudoers"` : undefined);
        if (what !== undefined) yield { at: command.at, message: what };
      }
    });
  },
});

/** What `chmod -R` opens to everyone: the workspace, or a folder of the host. */
function openedBy(command: SimpleCommand, pipeline: Pipeline, step: Step): Text | undefined {
  const program = programOf(command);
  if (program?.name !== 'chmod') return undefined;
  const words = program.arguments.map(({ pattern }) => pattern);
  if (!words.some((word) => /^-[a-zA-Z]*R|^--recursive$/.test(word))) return undefined;
  const [mode = '', ...paths] = words.filter((word) => !/^-[a-zA-Z-]*[a-zA-Z]$/.test(word) || /^-[rwx]+$/.test(word));
  if (!/^[0-7]{0,3}[2367]$/.test(mode) && !/(?:^|,)[ug]*[ao][ugoa]*[+=][rxXst]*w/.test(mode)) return undefined;
  const mounts = hostMounts(pipeline, step);
  const mount = mounts.find((folder) => paths.some((path) => path === folder || path.startsWith(`${folder}/`)));
  if (mount !== undefined) return say`the host folder at "${mount}" is made writable by everyone`;
  return paths.some((path) =>
    isWorkspace(
      path,
      program.arguments.some(({ parts }) => parts.some(isWorkspaceVariable)),
    ),
  )
    ? say`the whole workspace is made writable by everyone`
    : undefined;
}

function isWorkspace(path: string, isVariable: boolean): boolean {
  return /^(?:\.|\.\/|\*|\.\/\*|\/drone\/src\/?\*?)$/.test(path) || (isVariable && /^\u2026\/?\*?$/.test(path));
}

function isWorkspaceVariable(part: SimpleCommand['words'][number]['parts'][number]): boolean {
  return part.kind === 'variable' && /^(?:DRONE_WORKSPACE|CI_WORKSPACE|PWD)$/.test(part.name);
}

/** Where a step mounts folders of the host. */
function hostMounts({ volumes }: Pipeline, { mounts }: Step): readonly string[] {
  const host = new Set(volumes.filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name));
  return mounts.flatMap(({ name, path }) => (host.has(name.value) && path ? [path.value.replace(/\/$/, '')] : []));
}

function writesSudoers(command: SimpleCommand): boolean {
  const isSudoers = (path: string | undefined): boolean => /^\/etc\/sudoers(?:\.d\/|$)/.test(path ?? '');
  const program = programOf(command);
  return (
    command.redirections.some(({ operator, target }) => operator.includes('>') && isSudoers(target?.pattern)) ||
    (program?.name === 'tee' && program.arguments.some(({ pattern }) => isSudoers(pattern)))
  );
}
