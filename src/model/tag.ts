/** How much may change under the same image tag. */
export type TagGrade = 'floating' | 'partial' | 'full';

const partial = /^v?\d{1,4}(?:\.\d{1,4})?(?:[-_.](?![0-9a-f]{7,}$)[a-z][a-z0-9_.-]*)?$/i;
const full =
  /(?:^|[^\d])v?\d+\.\d+\.\d+|(?:^|[^\d])(?:19|20)\d{2}[-.]?\d{2}[-.]?\d{2}|(?:^|[-_.])[0-9a-f]{7,40}$|(?:^|[-_.])\d{5,}$/i;
/** Names whose digits are not a version. */
const architectures = /amd64|arm64(?:v8)?|arm32v[567]|armv?[567]?hf|i386|x86_64|ppc64le|s390x|riscv64|win32|win64/gi;

/**
 * Grades a tag: `full` has three numbers, a date, a build or a commit; `partial` has a major or major.minor version,
 * with or without a variant (`1`, `3.6`, `20-alpine`); anything else floats (`latest`, `edge`, `dind`, no tag).
 */
export function gradeTag(tag: string | undefined): TagGrade {
  if (tag === undefined || tag === '') return 'floating';
  if (full.test(tag)) return 'full';
  if (partial.test(tag)) return 'partial';
  return /\d/.test(tag.replace(architectures, '')) ? 'partial' : 'floating';
}
