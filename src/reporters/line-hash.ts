const window = 100;
const two32 = 2 ** 32;
const endOfFile = 0xffff;
const bullet = 0x2022;

/** 37 to the power of 100, modulo 2 to the power of 64, in two halves. */
const [firstHigh, firstLow] = (() => {
  const power = BigInt.asUintN(64, 37n ** 100n);
  return [Number(power >> 32n), Number(power & 0xffffffffn)];
})();

/**
 * For each line of a text, the fingerprint that GitHub computes for results on that line (`primaryLocationLineHash`,
 * github/codeql-action src/fingerprints.ts): a rolling hash of the 100 UTF-16 units from the start of the line, without
 * spaces and tabs and with all line ends alike, and how often it has occurred so far. Absent for a line whose window
 * contains the sign of a masked secret, because GitHub hashes the unmasked file. Item 0 is line 1.
 */
export function lineHashes(text: string): readonly (string | undefined)[] {
  const units = new Uint16Array(window);
  const startsLine = new Uint8Array(window);
  const hashes: (string | undefined)[] = [];
  const counts = new Map<string, number>();
  let index = 0;
  let high = 0;
  let low = 0;
  let sinceMasked = window;
  let lineStart = true;
  let afterReturn = false;

  function output(): void {
    startsLine[index] = 0;
    const hash = high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, '0');
    const count = (counts.get(hash) ?? 0) + 1;
    counts.set(hash, count);
    hashes.push(sinceMasked < window ? undefined : `${hash}:${count}`);
  }

  function roll(unit: number): void {
    const leaving = units[index] ?? 0;
    units[index] = unit;
    const sum = low * 37 + unit - firstLow * leaving;
    const carry = Math.floor(sum / two32);
    low = sum - carry * two32;
    const highSum = high * 37 - firstHigh * leaving + carry;
    high = highSum - Math.floor(highSum / two32) * two32;
    sinceMasked = unit === bullet ? 0 : sinceMasked + 1;
    index = (index + 1) % window;
  }

  function take(unit: number): void {
    if (startsLine[index]) output();
    if (lineStart) startsLine[index] = 1;
    lineStart = unit === 10;
    roll(unit);
  }

  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const skipped = unit === 32 || unit === 9 || (afterReturn && unit === 10);
    afterReturn = unit === 13;
    if (!skipped) take(unit === 13 ? 10 : unit);
  }
  take(endOfFile);
  for (let i = 0; i < window; i++) {
    if (startsLine[index]) output();
    roll(0);
  }
  return hashes;
}
