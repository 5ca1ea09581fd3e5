import type { Source } from '../model/source.ts';

/** Characters of the sources that are compared; where that does not suffice, everything counts as written nowhere (UTF-16 units). */
const maxCompared = 4_000_000;

/**
 * What a mask looked through that stands in no source as it is: values that are escaped, folded or put together, paths of keys. A
 * secret that becomes known later may be in it where no source has it.
 */
export class Unwritten {
  private readonly sources: readonly Source[];
  /** Whether each text stands in a source. */
  private readonly seen = new Map<string, boolean>();
  private readonly texts: string[] = [];
  private compared = 0;
  private hidden = false;

  constructor(sources: readonly Source[]) {
    this.sources = sources;
  }

  add(text: string, isHidden: boolean): void {
    let isWritten = this.seen.get(text);
    if (isWritten === undefined) {
      isWritten = this.sources.some((source) => this.isIn(source, text));
      this.seen.set(text, isWritten);
      if (!isWritten) this.texts.push(text);
    }
    this.hidden ||= isHidden && !isWritten;
  }

  private isIn({ text: all }: Source, text: string): boolean {
    this.compared += all.length;
    return this.compared <= maxCompared && all.includes(text);
  }

  /** Whether anything of it is secret. */
  get isHidden(): boolean {
    return this.hidden;
  }

  /** All of it as one text. */
  text(): string {
    return this.texts.join('\n');
  }
}
