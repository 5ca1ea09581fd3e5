import type { Location } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import type { Node } from '../yaml/tree.ts';
import { type Field, type Fields, fieldsOf, itemInPath } from './fields.ts';
import type { Verdict } from './lint.ts';
import { isNothing } from './scalar.ts';
import { locate, type Reader, textField } from './values.ts';

const crash = say`runtime error: invalid memory address or nil pointer dereference`;
/** Types whose parsers check for null steps. */
const nilStep: Readonly<Record<string, Text>> = {
  docker: say`Linter: detected nil step`,
  kubernetes: say`Linter: detected nil step`,
  macstadium: say`Linter: detected nil step`,
  vm: say`linter: detected nil step`,
  exec: crash,
  ssh: crash,
  digitalocean: crash,
};
const containerTypes: ReadonlySet<string> = new Set(['docker', 'kubernetes', 'vm']);

/**
 * What a runner refuses in a pipeline that its model does not show: null list items (`- `), which it refuses or crashes
 * on (reported in the words of the Go runtime), and limits of a whole pod (drone-runner-kube engine/linter/linter.go
 * checkStageResources).
 */
export function lintTree(reader: Reader, fields: Fields, path: string, type: string): Verdict[] {
  const verdicts = nilItems(reader, fields, path, type);
  if (type !== 'kubernetes') return verdicts;
  const limits = fieldsOf(fieldsOf(fields.get('resources')?.nodes ?? []).get('limits')?.nodes ?? []);
  for (const key of ['cpu', 'memory']) {
    const limit = textField(reader, limits.get(key), `${path}.resources.limits.${key}`);
    if (limit && /[1-9]/.test(limit.value))
      verdicts.push({ message: say`linter: ${key} limit cannot be applied at stage level`, at: limit.at });
  }
  return verdicts;
}

function nilItems(reader: Reader, fields: Fields, path: string, type: string): Verdict[] {
  const verdicts: Verdict[] = [];
  const find = (field: Field | undefined, at: string, message: Text | undefined): void => {
    const list = field?.last;
    if (list?.kind !== 'seq' || message === undefined) return;
    for (const [index, item] of list.items.entries())
      if (item.kind === 'scalar' && isNothing(item))
        verdicts.push({ message, at: placeOf(reader, `${at}[${index}]`, item, list) });
  };
  find(fields.get('steps'), `${path}.steps`, nilStep[type]);
  if (!containerTypes.has(type)) return verdicts;
  find(fields.get('services'), `${path}.services`, say`linter: nil step`);
  find(fields.get('volumes'), `${path}.volumes`, crash);
  for (const section of ['steps', 'services']) {
    const list = fields.get(section)?.last;
    if (list?.kind !== 'seq') continue;
    for (const [index, step] of list.items.entries())
      if (step.kind === 'map')
        find(fieldsOf([step]).get('volumes'), `${path}.${section}[${itemInPath(list, index)}].volumes`, crash);
  }
  return verdicts;
}

/** An item that is not written at all is represented by its list. */
function placeOf(reader: Reader, path: string, item: Node, list: Node): Location {
  return locate(reader, path, item.span.end > item.span.start ? item : list);
}
