import { count, listed } from '../model/prose.ts';
import type { Report } from '../model/report.ts';
import { baselineWords } from './baseline.ts';
import { configAsWritten } from './config-in-force.ts';
import { tallyOf } from './tally.ts';

/** How many places are named one by one; JSON has all of them. */
const mostPlaces = 20;

/**
 * The written scope of a report, in sentences: first what makes it less than a full assessment, then what was asked for,
 * what was read, left out and not looked at. It gives no verdict.
 */
export function scopeOf(report: Report): readonly string[] {
  const { controls, problems, asked, coverage, population, config, date } = report;
  const missing = problems.filter(({ incomplete }) => incomplete).length;
  const accepted = problems.filter((problem) => problem.accepted).length;
  const { accepted: suppressed } = tallyOf(report);
  const { repositories } = population;
  const { files, pipelines, containers, components, notAsked, mentions } = coverage;
  const leftOut = [
    ...(config && config.excluded > 0 ? [`${count(config.excluded, 'file')} by the config`] : []),
    ...(accepted > 0 ? [`${count(accepted, 'problem')} that the config accepts`] : []),
    ...(suppressed > 0 ? [`${count(suppressed, 'finding')} that somebody accepted`] : []),
    ...baselineWords(report),
  ];
  const places = (asked?.places ?? []).map(({ place, option }) =>
    option === undefined ? folderName(place) : `${place} (${option})`,
  );
  const more = places.length - mostPlaces;
  return [
    ...(controls.limits.length > 0 ? ['This run is not a full assessment.', ...controls.limits] : []),
    ...(missing > 0 ? [`This run is incomplete: ${count(missing, 'place')} could not be looked at.`] : []),
    'Evidence, not an assessment: what rules found, and what they could not look at.',
    ...(places.length > 0
      ? [`Asked for: ${places.slice(0, mostPlaces).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`]
      : []),
    ...(asked && asked.options.length > 0 ? [`Options: ${asked.options.join(', ')}.`] : []),
    ...(config ? [`Config: ${configAsWritten(config)}.`] : []),
    `Read: ${read(files)}${repositories > 0 ? ` in ${repositories === 1 ? '1 repository' : `${repositories} repositories`}` : ''}, none sampled; ${count(pipelines, 'pipeline')}, ${count(containers, 'container')} and ${components === 1 ? '1 component' : `${components} components`} of Drone.`,
    ...(leftOut.length > 0 ? [`Left out on purpose: ${listed(leftOut)}.`] : []),
    ...(notAsked.length > 0 ? [`Not asked: ${listed(notAsked)}.`] : []),
    ...(mentions.length > 0
      ? [
          `Not read: ${count(mentions.length, 'file')} that only ${mentions.length === 1 ? 'speaks' : 'speak'} of Drone.`,
        ]
      : []),
    date === undefined ? 'Date: not in the report.' : `Date: ${date}.`,
  ];
}

function read(files: number): string {
  if (files === 0) return 'no file';
  return files === 1 ? 'the one file that was recognised' : `all ${files} files that were recognised`;
}

/** A folder as people name it. */
export function folderName(name: string): string {
  if (name === '.') return 'the current folder';
  return /^\.\.(?:\/\.\.)*$/.test(name) ? 'the repository around it' : name;
}
