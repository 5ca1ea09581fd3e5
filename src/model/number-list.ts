/** Whole numbers, in an eighth to a half of the memory that an array takes for them; those that were never set are 0. */
export class NumberList {
  private numbers: Float64Array | Uint32Array;
  private readonly kind: typeof Float64Array | typeof Uint32Array;
  length = 0;

  /** `large`: they may be 2 ** 32 or more. */
  constructor(large?: 'large') {
    this.kind = large ? Float64Array : Uint32Array;
    this.numbers = new this.kind(64);
  }

  /** Adds a number to the end; where it is. */
  push(number: number): number {
    this.set(this.length, number);
    return this.length - 1;
  }

  set(index: number, number: number): void {
    if (index >= this.numbers.length) {
      const more = new this.kind(Math.max(index + 1, this.numbers.length + (this.numbers.length >> 1)));
      more.set(this.numbers);
      this.numbers = more;
    }
    this.numbers[index] = number;
    this.length = Math.max(this.length, index + 1);
  }

  at(index: number): number {
    return this.numbers[index] ?? 0;
  }
}
