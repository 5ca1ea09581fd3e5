/**
 * Splits `SOURCE:TARGET:OPTIONS`; undefined for what Compose refuses (an empty section). Colons in `${...}` and after a
 * drive letter do not split (compose-go format/volume.go ParseVolume). An anonymous volume has no source.
 */
export function splitVolume(
  spec: string,
): { readonly source?: string; readonly target: string; readonly options: readonly string[] } | undefined {
  const sections: string[] = [];
  let section = '';
  let references = 0;
  for (let i = 0; i < spec.length; i++) {
    const unit = spec.charAt(i);
    if (unit === '$' && spec[i + 1] === '{') references++;
    else if (unit === '}' && references > 0) references--;
    const isDrive = section.length === 1 && /[A-Za-z]/.test(section);
    if (unit === ':' && references === 0 && !isDrive) {
      sections.push(section);
      section = '';
    } else section += unit;
  }
  sections.push(section);
  const [first, second, ...rest] = sections;
  if (first === undefined || sections.some((each) => each === '') || sections.length > 3) return undefined;
  if (second === undefined) return { target: first, options: [] };
  return { source: first, target: second, options: rest.flatMap((each) => each.split(',')) };
}

/** Whether a source is a path on the host rather than the name of a volume. */
export function isHostPath(source: string): boolean {
  return /^(?:[./~]|\\\\|[A-Za-z]:)/.test(source);
}
