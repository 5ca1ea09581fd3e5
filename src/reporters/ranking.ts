interface Place {
  readonly rank: number;
  readonly ordinal: number;
}

/**
 * Where among all findings those with the highest ranks stand: no more of them than asked for, and nothing of the findings
 * themselves. Of equal ones the first comes first.
 */
export class Ranking {
  private readonly most: number;
  private kept: Place[] = [];
  /** Once there are as many as asked for, what has no higher rank is not among them. */
  private least = Number.NEGATIVE_INFINITY;

  constructor(most: number) {
    this.most = most;
  }

  /** Ordinals have to rise from one call to the next. */
  add(rank: number, ordinal: number): void {
    if (rank <= this.least) return;
    this.kept.push({ rank, ordinal });
    if (this.kept.length >= 2 * this.most) this.settle();
  }

  /** The ordinals, those of the highest ranks first. */
  get ordinals(): readonly number[] {
    this.settle();
    return this.kept.map(({ ordinal }) => ordinal);
  }

  private settle(): void {
    this.kept = this.kept.sort((a, b) => b.rank - a.rank || a.ordinal - b.ordinal).slice(0, this.most);
    if (this.kept.length === this.most) this.least = this.kept.at(-1)?.rank ?? this.least;
  }
}
