import { existsSync, readFileSync } from 'node:fs';
import type { Form, Source } from '../../../src/model/source.ts';

/** An answer of a server as checks make a source of it. */
export function answer(name: string, form: Form, body: unknown): Source {
  return { name, form, text: `${JSON.stringify(body, null, 2)}\n` };
}

const folder = '../shared/samples/server/2.25.0';

/** Answers of a real server, where the reference material lies beside the repository. */
export const recordings = {
  exist: existsSync(folder),
  body(name: string): unknown {
    const { body }: { body: string } = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
    return JSON.parse(body);
  },
};
