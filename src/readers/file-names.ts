import { fileName } from '../model/file-name.ts';

/* What the name of a file says about its form. */

/** Endings of files in a known form, which may be followed by another one (`.env.example`, `.yml.j2`). */
const ending = /(?:\.(?:ya?ml|json|env|sh|bash|md|markdown|service|conf|star|starlark|jsonnet)|^\.?env)(?:[-.@~].*)?$/i;

/** Whether a file in a folder is worth opening, by its name alone. */
export function couldBeRead(file: string): boolean {
  return ending.test(file) || /drone/i.test(file);
}

/** Meshes, pictures and data that are named after what they show. */
const foreignEnding = /\.(?:stl|obj|dae|fbx|gltf|png|jpe?g|gif|svg|pdf|npy|npz|bag|mcap|csv)$/i;
const archiveEnding = /\.(?:gz|tgz|zip|tar|xz|bz2|zst|7z)$/i;
/** A chart that Helm has packed, with its version (helm.sh/docs/topics/charts). */
const packedChart = /^drone(?:-runner-(?:docker|kube)|-kubernetes-secrets)?-\d+\.\d[^/]*\.tgz$/;

/** Whether a file in a folder is named like one of a Drone installation; its content is not known. Takes the path. */
export function isNamedLikeDrone(name: string): boolean {
  const file = fileName(name);
  if (packedChart.test(file) || /^DRONE_[A-Z0-9_]+$/.test(file)) return true;
  const inner = file.replace(archiveEnding, '');
  // `env.1.gz` is a page of a manual.
  const isEnv = inner === file ? envName.test(file) : /\.env$/i.test(inner);
  return ending.test(inner) && !foreignEnding.test(file) && (/drone/i.test(inner) || composeName.test(inner) || isEnv);
}

/** Whether the name of a link, which may be one to a folder, is Drone's. */
export function isLinkNamedLikeDrone(name: string): boolean {
  return /drone/i.test(fileName(name)) || isNamedLikeDrone(name);
}

/** Whether a file is a picture, a mesh or data, by its name. */
export function isMediaName(name: string): boolean {
  return foreignEnding.test(name) || archiveEnding.test(name);
}

export function isArchiveName(name: string): boolean {
  return archiveEnding.test(name);
}

/** Whether a file is an archive with Drone in its name, whatever it holds. */
export function isArchiveOfDrone(name: string): boolean {
  return archiveEnding.test(name) && /(?<![a-z])drone(?![a-z])/i.test(fileName(name));
}

/** Whether a file is named as Compose files and env files are, whosever they are. */
export function isNamedAsDeployment(name: string): boolean {
  return composeName.test(fileName(name)) || envName.test(fileName(name));
}

const composeName = /^(?:docker-)?compose(?:[-.][\w-]+)*\.ya?ml$/i;

/** Whether a path can only be that of a pipeline, or of a program that makes one. */
export function isPipelineName(name: string): boolean {
  return pipelineName.test(fileName(name)) || scriptedPipeline.test(fileName(name));
}

/** `.drone.yml`, `.drone.windows.yml`, `.drone-release.yml`: these can only be Drone's. */
export const pipelineName = /(?:^|[^a-z0-9])\.drone[\w-]*\.(?:[\w-]+\.)*ya?ml(?:[@~].*)?$/i;
export const scriptedPipeline = /(?:^|[^a-z0-9])drone\.(star|starlark|script|jsonnet)$/i;
export const envName = /(?:^|[/.])env(?:[-.@~][^/]*)?$|\.env(?:[-.@~][^/]*)?$/i;

/** Whether a file is a page of prose: its text is shown, and only its commands are read. */
export function isPage(file: string): boolean {
  return /\.(?:md|markdown|mdx)(?:[@~.].*)?$/i.test(file);
}

/** `.woodpecker.yml`, `.woodpecker/build.yml`: older ones look as Drone 0.8's do. */
export function isWoodpecker(name: string): boolean {
  return /(?:^|\/)\.woodpecker(?:\/|\.ya?ml$)/.test(name);
}

export function isKustomization(name: string): boolean {
  return /(?:^|\/)kustomization(?:\.ya?ml)?$/i.test(name);
}
