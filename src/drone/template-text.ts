import type { PipelineStream } from '../model/pipeline.ts';

/*
 * `{{ … }}` in the text of a YAML template. Drone's templates are Go templates over the raw text (harness/drone
 * plugin/converter/template.go:97-115): nothing is escaped, and they are filled in before any YAML is parsed.
 */

/** One `{{ … }}` and the key that its line belongs to. */
export interface TemplateAction {
  readonly start: number;
  readonly end: number;
  /** Between the braces, without trim markers. */
  readonly text: string;
  /** The key of its line, or of the list that its line is an item of; empty if there is none. */
  readonly key: string;
}

/** Longer actions are not single values. */
const maxActionLength = 500;
const opening = /\{\{-?((?:[^{}\n]|\}(?!\})|\{(?!\{)){1,500}?)-?\}\}/g;
const keyOfLine = /^(\s*(?:-\s+)*)(?:"([^"\n]{1,100})"|'([^'\n]{1,100})'|([A-Za-z_][\w.-]{0,100}))\s*:(?=\s|$)/;

/** The actions of a text in order, with the keys that they occur under. */
export function templateActions(text: string): readonly TemplateAction[] {
  if (!text.includes('{{')) return [];
  const actions: TemplateAction[] = [];
  const open: { readonly indent: number; readonly key: string }[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const found = keyOfLine.exec(line.slice(0, maxActionLength));
    const indent = found?.[1]?.length ?? line.search(/\S/);
    const isEmpty = line.trim() === '';
    const isItem = /^\s*-(?:\s|$)/.test(line);
    if (!isEmpty) {
      // An item may be indented no deeper than the key of its list.
      const dash = line.search(/\S/);
      while ((open.at(-1)?.indent ?? -1) >= (isItem ? dash + 1 : indent)) open.pop();
      if (found) open.push({ indent, key: found[2] ?? found[3] ?? found[4] ?? '' });
    }
    if (line.includes('{{'))
      for (const action of line.matchAll(opening))
        actions.push({
          start: start + action.index,
          end: start + action.index + action[0].length,
          text: (action[1] ?? '').trim(),
          key: open.at(-1)?.key ?? '',
        });
    start += line.length + 1;
  }
  return actions;
}

const ofDrone = /(?:^|[\s(|])\.(?:build|repo|input)\.\w/;

/**
 * What Drone fills in when a repository loads this file as a template; nothing in other files. Files with the name that
 * repositories use are read as they are; only stored templates are filled in.
 */
export function actionsOfDrone({ source, templates }: PipelineStream): readonly TemplateAction[] {
  if (templates.length > 0 || /(?:^|\/)\.drone\.ya?ml$/.test(source.name)) return [];
  return templateActions(source.text).filter(({ text }) => ofDrone.test(text));
}
