import type { Container } from '../model/container.ts';
import { fileName } from '../model/file-name.ts';
import type { Problem } from '../model/report.ts';
import type { Role } from '../model/role.ts';
import type { Settings } from '../model/settings.ts';
import { type Location, lineOf } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';

/*
 * What was recognised, and of which nothing was understood: its text is a template, or says that everything is elsewhere.
 */

/** Whether a role is that of a part of Drone, or may be. */
export function isOfDrone(role: Role): boolean {
  return role !== 'other' && role !== 'proxy' && role !== 'docker';
}

/** The problems of components without a known setting, and of containers that may be one. */
export function notKnown(containers: readonly Container[], settings: readonly Settings[]): readonly Problem[] {
  const known = new Set(settings.filter(({ role }) => isOfDrone(role)).map(({ at }) => at.source));
  return [
    ...settings.filter(isWithoutSettings).map(({ at, label, gaps: [gap] }) => {
      const reason = gap ? say`: ${gap}` : say``;
      return problem(at, say`no setting of ${label} is known${reason}`);
    }),
    ...containers
      .filter((container) => isNameless(container) && !known.has(container.at.source))
      .map(({ at, label }) => problem(at, say`the image of ${label} is not known, and it is named after Drone`)),
  ];
}

function isWithoutSettings({ role, live, complete, variables }: Settings): boolean {
  if (!isOfDrone(role) || live || complete) return false;
  return [...variables.values()].every(({ origin }) => origin === 'unresolved');
}

/** Whether only the names around a container say what it is. */
function isNameless({ role, live, image, imageText, at, name }: Container): boolean {
  if (role !== 'other' || live || image || !imageText) return false;
  return [fileName(at.source.name), name, imageText.value].some((text) => /drone/i.test(text ?? ''));
}

function problem(at: Location, message: Text): Problem {
  return { kind: 'unsupported', source: at.source.name, line: lineOf(at), message, incomplete: true };
}
