/** How much may change under the same image tag. */
export type TagGrade = 'floating' | 'partial' | 'full';

const full =
  /(?:^|[^\d])v?\d+\.\d+\.\d+|(?:^|[^\d])(?:19|20)\d{2}[-.]?\d{2}[-.]?\d{2}|(?:^|[-_.])[0-9a-f]{7,40}$|(?:^|[-_.])\d{5,}$/i;
/**
 * The system that an image is built for, with its release: `windows-1809`, `nanoserver-ltsc2022`, `alpine3.19`. Behind a
 * hyphen, only Windows is certain to be the system and not what the image is named after (`python-3.9`).
 */
const systems =
  /(?:windows(?:server(?:core)?)?|nanoserver|servercore)[-_.]?(?:ltsc[-_]?20\d\d|(?:1[6-9]|20)\d\d|20h2|10\.0\.\d{5}(?:\.\d{1,5})?)(?![\d.])|(?:^|[-_])(?:alpine|debian|ubuntu|centos|fedora|rhel|ubi|el)\d{1,2}(?:\.\d{1,2}){0,2}(?=$|[-_])|[-_]ltsc20\d\d/gi;
/** Names whose digits are not a version. */
const architectures = /amd64|arm64(?:v8)?|arm32v[567]|armv?[567]?hf|i386|x86_64|ppc64le|s390x|riscv64|win32|win64/gi;

/**
 * Grades a tag: `full` has three numbers, a date, a build or a commit; `partial` has a major or major.minor version,
 * with or without a variant (`1`, `3.6`, `20-alpine`); anything else floats (`latest`, `edge`, `dind`, no tag). What the
 * image is built for says nothing about what is in it.
 */
export function gradeTag(tag: string | undefined): TagGrade {
  const own = tag?.replace(systems, '').replace(architectures, '') ?? '';
  if (full.test(own)) return 'full';
  return /\d/.test(own) ? 'partial' : 'floating';
}
