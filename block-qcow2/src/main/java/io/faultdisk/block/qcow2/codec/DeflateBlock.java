package io.faultdisk.block.qcow2.codec;

import java.util.Arrays;

/**
 * The block of a deflate stream that is being collected: literals and matches, and how often each
 * code is needed. When it ends it is written in the shortest of the three ways: with codes of its
 * own, with the fixed ones, or as it is.
 *
 * <p>Source: RFC 1951, section 3.2; which way is taken on equal length, and how code lengths are
 * run-length coded, as in zlib 1.2.13 (trees.c).
 */
final class DeflateBlock {
  /** A block ends when it has so many literals and matches. */
  private static final int SYMBOLS_MAX = (1 << 15) - 1;

  private static final int END = 256;
  private static final int LITERAL_CODES = 286;
  private static final int DISTANCE_CODES = 30;
  private static final int LENGTH_CODES = 19;

  private static final int STORED = 0;
  private static final int FIXED = 1;
  private static final int DYNAMIC = 2;

  private static final int REPEAT_LAST = 16;
  private static final int REPEAT_ZERO = 17;
  private static final int REPEAT_ZERO_LONG = 18;
  private static final int[] REPEAT_BITS = {2, 3, 7};

  /** The order in which the lengths of the code length codes are sent. */
  private static final byte[] LENGTH_ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  /** Extra bits and first value of the length codes, from code 257 on, and the distance codes. */
  private static final int[] LENGTH_EXTRA = new int[29];

  private static final int[] LENGTH_BASE = new int[29];
  private static final int[] DISTANCE_EXTRA = new int[DISTANCE_CODES];
  private static final int[] DISTANCE_BASE = new int[DISTANCE_CODES];

  /** Length code by length - 3. */
  private static final byte[] LENGTH_CODE = new byte[256];

  static {
    int length = 0;
    for (int code = 0; code < 28; code++) {
      LENGTH_EXTRA[code] = code < 8 ? 0 : (code >> 2) - 1;
      LENGTH_BASE[code] = length;
      for (int i = 0; i < 1 << LENGTH_EXTRA[code]; i++) {
        LENGTH_CODE[length++ & 0xff] = (byte) code;
      }
    }
    LENGTH_BASE[28] = 255; // the longest match has a code of its own
    LENGTH_CODE[255] = 28;
    int distance = 0;
    for (int code = 0; code < DISTANCE_CODES; code++) {
      DISTANCE_EXTRA[code] = code < 4 ? 0 : (code >> 1) - 1;
      DISTANCE_BASE[code] = distance;
      distance += 1 << DISTANCE_EXTRA[code];
    }
  }

  private static int[] fixedLiteralLengths() {
    int[] lengths = new int[288];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    }
    return lengths;
  }

  private static int[] fixedDistanceLengths() {
    int[] lengths = new int[DISTANCE_CODES];
    Arrays.fill(lengths, 5);
    return lengths;
  }

  private static final HuffmanCode FIXED_LITERALS = HuffmanCode.ofLengths(fixedLiteralLengths());
  private static final HuffmanCode FIXED_DISTANCES = HuffmanCode.ofLengths(fixedDistanceLengths());

  private final BitWriter out;

  /** Literals as they are; matches as (distance << 16 | length - 3), distance at least 1. */
  private final int[] symbols = new int[SYMBOLS_MAX];

  private int count;
  private final int[] literalUse = new int[LITERAL_CODES];
  private final int[] distanceUse = new int[DISTANCE_CODES];

  DeflateBlock(BitWriter out) {
    this.out = out;
    clear();
  }

  private void clear() {
    count = 0;
    Arrays.fill(literalUse, 0);
    Arrays.fill(distanceUse, 0);
    literalUse[END] = 1;
  }

  /** Adds a literal byte; true if the block is full now. */
  boolean literal(byte value) {
    symbols[count++] = value & 0xff;
    literalUse[value & 0xff]++;
    return count == SYMBOLS_MAX;
  }

  /** Adds a match; true if the block is full now. */
  boolean match(int distance, int length) {
    symbols[count++] = distance << 16 | length - Deflate.MATCH_MIN;
    literalUse[END + 1 + LENGTH_CODE[length - Deflate.MATCH_MIN]]++;
    distanceUse[distanceCode(distance - 1)]++;
    return count == SYMBOLS_MAX;
  }

  private static int distanceCode(int distance) {
    if (distance < 4) {
      return distance;
    }
    int top = 31 - Integer.numberOfLeadingZeros(distance);
    return 2 * top + ((distance >> (top - 1)) & 1);
  }

  /** Bytes written so far. */
  int bytes() {
    return out.bytes();
  }

  /**
   * Writes the block and begins the next.
   *
   * @param start where its bytes begin in {@code source}
   * @param mayStore whether it may be written as it is
   * @return whether everything so far fits in the target, with a byte left
   */
  boolean end(byte[] source, int start, int bytes, boolean mayStore, boolean last) {
    HuffmanCode literals = HuffmanCode.forUse(literalUse, 15);
    HuffmanCode distances = HuffmanCode.forUse(distanceUse, 15);
    Lengths lengths = new Lengths(literals, distances);
    long extra = extraBits();
    long ownBits = lengths.bits() + literals.bits(literalUse) + distances.bits(distanceUse) + extra;
    long fixedBits = FIXED_LITERALS.bits(literalUse) + FIXED_DISTANCES.bits(distanceUse) + extra;
    long ownBytes = (ownBits + 3 + 7) >> 3;
    long fixedBytes = (fixedBits + 3 + 7) >> 3;
    int lastBit = last ? 1 : 0;
    if (mayStore && bytes + 4 <= Math.min(ownBytes, fixedBytes)) {
      out.put(STORED << 1 | lastBit, 3);
      out.align();
      out.put(bytes, 16);
      out.put(~bytes & 0xffff, 16);
      out.put(source, start, bytes);
    } else if (fixedBytes <= ownBytes) {
      out.put(FIXED << 1 | lastBit, 3);
      writeSymbols(FIXED_LITERALS, FIXED_DISTANCES);
    } else {
      out.put(DYNAMIC << 1 | lastBit, 3);
      lengths.write(out);
      writeSymbols(literals, distances);
    }
    clear();
    if (last) {
      out.align();
    }
    return out.fits();
  }

  private long extraBits() {
    long bits = 0;
    for (int i = 0; i < LENGTH_EXTRA.length; i++) {
      bits += (long) literalUse[END + 1 + i] * LENGTH_EXTRA[i];
    }
    for (int i = 0; i < DISTANCE_CODES; i++) {
      bits += (long) distanceUse[i] * DISTANCE_EXTRA[i];
    }
    return bits;
  }

  private void writeSymbols(HuffmanCode literals, HuffmanCode distances) {
    for (int i = 0; i < count; i++) {
      int symbol = symbols[i];
      int distance = symbol >>> 16;
      if (distance == 0) {
        literals.write(out, symbol);
        continue;
      }
      int length = symbol & 0xff;
      int lengthCode = LENGTH_CODE[length];
      literals.write(out, END + 1 + lengthCode);
      out.put(length - LENGTH_BASE[lengthCode], LENGTH_EXTRA[lengthCode]);
      int code = distanceCode(distance - 1);
      distances.write(out, code);
      out.put(distance - 1 - DISTANCE_BASE[code], DISTANCE_EXTRA[code]);
    }
    literals.write(out, END);
  }

  /** The lengths of both codes, run-length coded, with a code for that. */
  private static final class Lengths {
    private final HuffmanCode literals;
    private final HuffmanCode distances;
    private final int[] use = new int[LENGTH_CODES];

    /** Symbols, with the repeat count above bit 8. */
    private final int[] runs;

    private int count;
    private final HuffmanCode code;
    private final int sent;

    Lengths(HuffmanCode literals, HuffmanCode distances) {
      this.literals = literals;
      this.distances = distances;
      this.runs = new int[literals.size() + distances.size()];
      collect(literals);
      collect(distances);
      this.code = HuffmanCode.forUse(use, 7);
      int end = LENGTH_CODES;
      while (end > 4 && code.length(LENGTH_ORDER[end - 1]) == 0) {
        end--;
      }
      this.sent = end;
    }

    /** Runs do not cross from the one code to the other. */
    private void collect(HuffmanCode of) {
      int previous = -1;
      int i = 0;
      while (i < of.size()) {
        int length = of.length(i);
        int max = length == 0 ? 138 : length == previous ? 6 : 7;
        int run = 1;
        while (run < max && i + run < of.size() && of.length(i + run) == length) {
          run++;
        }
        add(length, run, length == previous);
        previous = length;
        i += run;
      }
    }

    private void add(int length, int run, boolean repeats) {
      if (length == 0 && run >= 3) {
        add(run <= 10 ? REPEAT_ZERO : REPEAT_ZERO_LONG, run - (run <= 10 ? 3 : 11));
      } else if (length != 0 && run >= (repeats ? 3 : 4)) {
        if (!repeats) {
          add(length, 0);
        }
        add(REPEAT_LAST, run - (repeats ? 3 : 4));
      } else {
        for (int i = 0; i < run; i++) {
          add(length, 0);
        }
      }
    }

    private void add(int symbol, int repeat) {
      use[symbol]++;
      runs[count++] = repeat << 8 | symbol;
    }

    long bits() {
      long bits = 5 + 5 + 4 + 3L * sent + code.bits(use);
      for (int i = 0; i < REPEAT_BITS.length; i++) {
        bits += (long) use[REPEAT_LAST + i] * REPEAT_BITS[i];
      }
      return bits;
    }

    void write(BitWriter out) {
      out.put(literals.size() - 257, 5);
      out.put(distances.size() - 1, 5);
      out.put(sent - 4, 4);
      for (int i = 0; i < sent; i++) {
        out.put(code.length(LENGTH_ORDER[i]), 3);
      }
      for (int i = 0; i < count; i++) {
        int symbol = runs[i] & 0xff;
        code.write(out, symbol);
        if (symbol >= REPEAT_LAST) {
          out.put(runs[i] >> 8, REPEAT_BITS[symbol - REPEAT_LAST]);
        }
      }
    }
  }
}
