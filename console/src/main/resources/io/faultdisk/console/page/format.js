// Numbers for people.

const grouped = new Intl.NumberFormat('en');
export const count = (n) => grouped.format(n);

export const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many ?? one + 's'}`;

const UNITS = [['T', 2 ** 40], ['G', 2 ** 30], ['M', 2 ** 20], ['K', 2 ** 10]];

/** A place or length to the byte, as rules and io commands take it in: 64K, 1M+4K+512. */
export function place(n) {
  const parts = [];
  let rest = n;
  for (const [unit, size] of UNITS) {
    if (rest >= size) {
      parts.push(Math.floor(rest / size) + unit);
      rest %= size;
    }
  }
  if (rest > 0 || parts.length === 0) parts.push(String(rest));
  return parts.join('+');
}

/** A length, to three digits or so. */
export function size(n) {
  for (const [unit, size] of UNITS) {
    if (n >= size) {
      const value = n / size;
      return (value >= 100 || value % 1 === 0 ? Math.round(value) : value.toFixed(1)) + ' ' + unit + 'iB';
    }
  }
  return Math.round(n) + ' B';
}

/** A duration, to three digits or so. */
export function nanos(n) {
  if (!(n >= 0)) return '–';
  if (n < 1e3) return Math.round(n) + ' ns';
  if (n < 1e6) return digits(n / 1e3) + ' µs';
  if (n < 1e9) return digits(n / 1e6) + ' ms';
  return digits(n / 1e9) + ' s';
}

const digits = (value) => (value >= 100 ? Math.round(value) : value.toFixed(value >= 10 ? 1 : 2));

/** How many a second. */
export const rate = (n) => (n >= 1e6 ? digits(n / 1e6) + ' M' : n >= 1e4 ? digits(n / 1e3) + ' k' : n >= 100 || n % 1 === 0 ? count(Math.round(n)) : n.toFixed(1));

export function clockTime(millis) {
  const t = new Date(millis);
  const two = (n) => String(n).padStart(2, '0');
  return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}.${String(t.getMilliseconds()).padStart(3, '0')}`;
}

/** How long ago, in whole seconds. */
export function ago(millis) {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  return seconds < 60 ? seconds + ' s' : Math.floor(seconds / 60) + ' min ' + (seconds % 60) + ' s';
}

/** The number that "64K", "1M+4K", "0x200" or "512" stands for; NaN if it stands for none. */
export function parseSize(text) {
  let sum = 0;
  for (const part of text.split('+')) {
    const found = /^\s*(0x[0-9a-f]+|\d+)\s*([kmgt]?)(i?b)?\s*$/i.exec(part);
    if (!found) return NaN;
    const unit = UNITS.find(([name]) => name === found[2].toUpperCase());
    sum += Number(found[1]) * (unit ? unit[1] : 1);
  }
  return sum;
}

/** Request of a row in words: write of 4K at 64K. */
export const request = (op, offset, bytes) => (op === 'flush' ? 'flush' : `${op} of ${place(bytes)} at ${place(offset)}`);
