import { isNotRunning } from '../model/container.ts';
import type {
  EffectiveComponent,
  EffectiveDefault,
  EffectiveFact,
  EffectivePlace,
  EffectiveSetting,
  EffectiveView,
} from '../model/effective.ts';
import type { FindingLink } from '../model/finding-link.ts';
import { addTo } from '../model/groups.ts';
import { count } from '../model/prose.ts';
import type { Masked } from '../model/text.ts';
import { characterWidth, displayWidth, wrap } from './display-width.ts';
import { safeJson, visible } from './escape.ts';
import { jsonProblem } from './json.ts';
import { hanging, problemLines } from './prose.ts';
import { type Styles, styles, type TextOptions } from './styles.ts';

interface Look extends TextOptions {
  readonly style: Styles;
  /** The file of the component; places in it are shown as lines only. */
  readonly file: string;
  /** Its findings by place. */
  readonly findings: ReadonlyMap<string, readonly FindingLink[]>;
}

/** What was understood, component by component, for people; `verbose` adds defaults and containers of others. */
export function effectiveText(view: Masked<EffectiveView>, options: TextOptions): string {
  const width = Math.max(options.width, 40);
  const style = styles(options.color);
  const isDrones = ({ role }: Masked<EffectiveComponent>): boolean =>
    options.verbose || (role !== 'other' && role !== 'step');
  const shown = view.components.filter(isDrones);
  const others = view.components.filter((component) => !isDrones(component));
  const lines = [
    ...wrap(
      `${view.tool.name} ${view.tool.version} · ${count(view.components.length, 'component')} understood`,
      width,
    ).map(style.strong),
    '',
  ];
  for (const component of shown) {
    const findings = new Map<string, FindingLink[]>();
    for (const link of component.findings) addTo(findings, keyOf(link), link);
    // What is missing has the place of the component, as other things may have.
    findings.delete(keyOf(component.at));
    const look = { ...options, width, style, file: component.at.file, findings };
    for (const line of [...componentLines(component, look), '']) lines.push(line);
  }
  if (others.length > 0) {
    const names = others.map(({ label, image, state }) => {
      const traits = [image?.text, state !== undefined && isNotRunning(state) ? state : undefined];
      const known = traits.filter((trait) => trait !== undefined).join(', ');
      return visible(known === '' ? label : `${label} (${known})`);
    });
    for (const line of hanging('also found: ', `${names.join(', ')} (-v shows them)`, width)) lines.push(line);
    lines.push('');
  }
  for (const line of problemLines(view.problems, width)) lines.push(line);
  return `${lines.join('\n').trimEnd()}\n`;
}

function componentLines(component: Masked<EffectiveComponent>, look: Look): string[] {
  const { at, label, role, version, image, officialImage, server, runners, proxy } = component;
  const { style, width } = look;
  const name = visible(at.file);
  const title = `${visible(label)}, line ${at.line}`;
  const lines =
    displayWidth(name) + 2 + displayWidth(title) <= width
      ? [`${style.place(name)}  ${title}`]
      : [...wrap(name, width).map(style.place), ...wrap(title, width - 2).map((line) => `  ${line}`)];
  const what = [role === 'unknown' ? 'role not known' : role, ...(version === undefined ? [] : [version])];
  lines.push(...wrap(visible(`${what.join(' ')} · ${standing(component)}`), width - 2).map((line) => `  ${line}`));
  const facts = (title: string, all: readonly { readonly text: string; readonly at: EffectivePlace }[]): void => {
    all.forEach((each, index) => {
      const head = `  ${(index === 0 ? title : '').padEnd(11)} `;
      lines.push(...placed(hanging(head, visible(each.text), width), each.at, look), ...linksAt(each.at, look));
    });
  };
  facts('image', image ? [officialImage ? { ...image, text: `${image.text} (Drone's own)` } : image] : []);
  facts('server', server ? [server] : []);
  facts('runners', runners);
  facts('proxy', proxy ? [proxy] : []);
  facts('user', component.user ? [component.user] : []);
  facts('ports', component.ports);
  facts('mounts', component.mounts);
  facts('rights', component.privileges);
  facts('networks', component.networks);
  if (component.settings.length > 0) lines.push('', `  ${style.strong('settings')}`);
  for (const setting of component.settings) for (const line of settingLines(setting, look)) lines.push(line);
  lines.push(...defaultLines(component.defaults, component.gaps.length > 0, look));
  if (component.gaps.length > 0) lines.push('', `  ${style.strong('not known')}`);
  for (const gap of component.gaps) lines.push(...hanging('    ', visible(gap), width));
  lines.push(...findingLines(component, look));
  return lines;
}

/** Whether a component is what runs, and in which state, or what is written. */
function standing({ live, state }: Masked<EffectiveComponent>): string {
  if (!live) return 'as declared';
  if (state === undefined) return 'as it runs';
  return isNotRunning(state) ? `as it was made (${state})` : `as it runs (${state})`;
}

/** The findings at places where nothing else is shown; the others stand below what they are about. */
function findingLines(component: Masked<EffectiveComponent>, look: Look): string[] {
  const { findings } = component;
  const facts = [component.image, component.user, component.server, component.proxy];
  const lists = [component.ports, component.mounts, component.privileges, component.networks, component.runners];
  const places = [...facts, ...lists.flat()].flatMap((each) => each?.at ?? []);
  const shown = new Set([...places, ...component.settings.map(({ at }) => at)].map(keyOf));
  shown.delete(keyOf(component.at));
  const rest = findings.filter((link) => !shown.has(keyOf(link)));
  if (rest.length === 0) return [];
  const title = rest.length < findings.length ? 'other findings' : 'findings';
  return [
    '',
    `  ${look.style.strong(title)}`,
    ...rest.flatMap((link) => placed([linkText(link, look, 4)], link, look)),
  ];
}

function linksAt(at: EffectivePlace, { findings, style }: Look): string[] {
  return (findings.get(keyOf(at)) ?? []).map((link) => linkText(link, { style }, 8));
}

function linkText({ severity, rule }: FindingLink, { style }: Pick<Look, 'style'>, indent: number): string {
  return `${' '.repeat(indent)}! ${style.severity[severity](severity)} ${rule}`;
}

function keyOf({ file, line, column }: EffectivePlace): string {
  return `${file}:${line}:${column}`;
}

function settingLines(setting: Masked<EffectiveSetting>, look: Look): string[] {
  const { name, value, at, via, usedAt, understood, note, status, fatal } = setting;
  const { style, width } = look;
  const head = `    ${visible(name)} = `;
  const lines =
    value === undefined || value === ''
      ? placed(below(head, visible(valueText(setting)), width, '        '), at, look)
      : placed(exactly(head, visible(quotedAtEdges(value)), width), at, look);
  const remarks: string[] = [];
  if (understood !== undefined) remarks.push(understood);
  if (setting.origin === 'fallback') remarks.push('from the fallback in the text');
  if (setting.origin === 'interpolated' && !usedAt) remarks.push('filled in from other places');
  if (via !== undefined) remarks.push(`set by "${via}", which takes precedence`);
  if (usedAt) remarks.push(`used at ${placeText(usedAt, look)}`);
  if (status === 'no-effect') remarks.push(`no effect here: ${note ?? 'it is not read'}`);
  else if (note !== undefined) remarks.push(status === 'unknown' ? `unknown: ${note}` : note);
  if (remarks.length > 0) {
    const paint = fatal || status === 'unknown' || status === 'no-effect' ? style.severity.medium : style.faint;
    lines.push(...wrap(visible(remarks.join('; ')), width - 8).map((line) => `        ${paint(line)}`));
  }
  lines.push(...linksAt(at, look));
  return lines;
}

function valueText({ value, secret, written, heldBy }: Masked<EffectiveSetting>): string {
  if (secret) {
    const size = `${secret.length} character${secret.length === 1 ? '' : 's'}`;
    switch (secret.kind) {
      case 'sample':
        return `•••• (${size}), a documented sample${secret.where === undefined ? '' : `: ${secret.where}`}`;
      case 'word':
        return `•••• (${size}), a common word`;
      case 'placeholder':
        return `•••• (${size}), a placeholder`;
      case 'none':
        return `•••• (${size})`;
    }
  }
  if (value === '') return '(empty)';
  if (written !== undefined) return `${written} (not known)`;
  return heldBy === 'secret-object' ? '(in a Secret that was not read)' : '(not known: it comes from elsewhere)';
}

function defaultLines(defaults: readonly Masked<EffectiveDefault>[], isOpen: boolean, look: Look): string[] {
  const shown = look.verbose ? defaults : defaults.filter(({ notable }) => notable);
  if (shown.length === 0) return [];
  const { style, width } = look;
  const title = isOpen
    ? 'defaults of settings that are not set in what was read'
    : 'defaults of settings that are not set';
  const lines = ['', `  ${style.strong(title)}`];
  for (const { name, value, from } of shown) {
    const text = value === '' ? '(empty)' : value;
    lines.push(
      ...below(`    ${name} = `, `${visible(text)}${from === 'image' ? ' (from the image)' : ''}`, width, '        '),
    );
  }
  const rest = defaults.length - shown.length;
  if (rest > 0) lines.push(style.faint(`    and ${rest} more (-v lists them)`));
  return lines;
}

function placeText({ file, line }: EffectivePlace, look: Look): string {
  return file === look.file ? `line ${line}` : `${visible(file)}:${line}`;
}

/** Lines with their place at the right edge of the last one, or below it if it does not fit. */
function placed(lines: readonly string[], at: EffectivePlace, look: Look): string[] {
  const { width, style } = look;
  const where = placeText(at, look);
  const last = lines.at(-1) ?? '';
  const room = width - displayWidth(last) - displayWidth(where);
  if (room >= 2) return [...lines.slice(0, -1), `${last}${' '.repeat(room)}${style.faint(where)}`];
  const gap = width - displayWidth(where);
  return [...lines, ...(gap >= 0 ? [`${' '.repeat(gap)}${style.faint(where)}`] : wrap(where, width).map(style.faint))];
}

/** In quotes if there are blanks at its ends, which would not be seen otherwise. */
function quotedAtEdges(text: string): string {
  return /^\s|\s$|^$/.test(text) ? `"${text}"` : text;
}

/** A value with all its blanks: after its head if it fits, otherwise below it, cut where the line is full. */
function exactly(head: string, text: string, width: number): string[] {
  if (displayWidth(head) + displayWidth(text) <= width) return [head + text];
  const indent = 8;
  const lines = wrap(head.trim(), width - 4).map((line) => `    ${line}`);
  let line = '';
  let used = 0;
  for (const character of text) {
    const columns = characterWidth(character);
    if (used + columns > width - indent) {
      lines.push(' '.repeat(indent) + line);
      line = '';
      used = 0;
    }
    line += character;
    used += columns;
  }
  return [...lines, ' '.repeat(indent) + line];
}

/** Text after a head, below it by `indent` if both together are too long. */
function below(head: string, text: string, width: number, indent: string): string[] {
  if (displayWidth(head) + displayWidth(text) <= width) return [head + text];
  return [
    ...wrap(head.trim(), width - 4).map((line) => `    ${line}`),
    ...wrap(text, width - indent.length).map((line) => indent + line),
  ];
}

/** The view as schemas/effective.schema.json describes it. Scripts depend on it: fields are added, never changed. */
export function effectiveJson(view: Masked<EffectiveView>): string {
  return safeJson({
    version: 1,
    tool: { name: view.tool.name, version: view.tool.version },
    components: view.components.map((component) => ({
      label: component.label,
      role: component.role,
      version: component.version ?? null,
      live: component.live,
      state: component.state ?? null,
      ...jsonPlace(component.at),
      image: jsonFact(component.image),
      officialImage: component.officialImage,
      settings: component.settings.map(jsonSetting),
      defaults: component.defaults.map(({ name, value, from, notable }) => ({ name, value, from, telling: notable })),
      user: jsonFact(component.user),
      ports: component.ports.map(jsonFact),
      mounts: component.mounts.map(jsonFact),
      privileges: component.privileges.map(jsonFact),
      networks: component.networks.map(jsonFact),
      server: jsonFact(component.server),
      runners: component.runners.map(jsonFact),
      proxy: jsonFact(component.proxy),
      gaps: component.gaps,
      findings: component.findings,
    })),
    problems: view.problems.map(jsonProblem),
  });
}

function jsonSetting(setting: Masked<EffectiveSetting>) {
  const { secret, usedAt } = setting;
  return {
    name: setting.name,
    value: setting.value ?? null,
    secret: secret ? { length: secret.length, known: secret.kind, where: secret.where ?? null } : null,
    written: setting.written ?? null,
    origin: setting.origin,
    heldBy: setting.heldBy,
    ...jsonPlace(setting.at),
    usedAt: usedAt ? jsonPlace(usedAt) : null,
    via: setting.via ?? null,
    understood: setting.understood ?? null,
    fatal: setting.fatal,
    status: setting.status,
    note: setting.note ?? null,
  };
}

function jsonFact(fact: Masked<EffectiveFact> | undefined) {
  return fact ? { text: fact.text, ...jsonPlace(fact.at) } : null;
}

function jsonPlace({ file, line, column }: EffectivePlace) {
  return { file, line, column };
}
