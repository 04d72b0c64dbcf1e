package io.faultdisk.block.writecache;

import io.faultdisk.rules.Survivors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a cache does, said again as plainly as possible: byte by byte, with nothing written early.
 */
final class CacheModel {
  private static final int NOTHING = -1;
  private static final int SECTOR = 512;

  byte[] durable;

  /** By byte: what a write that is not durable shows there, or {@link #NOTHING}; and which one. */
  private int[] shown;

  private int[] shownBy;

  private final List<Op> pending = new ArrayList<>();
  private int ops;

  /**
   * One write.
   *
   * @param values what it writes; null for a discard
   * @param covered by byte: whether nothing newer is durable there
   */
  record Op(int id, int offset, byte[] values, boolean[] covered) {
    void onto(byte[] medium, int from, int to) {
      for (int i = from; i < Math.min(to, covered.length); i++) {
        if (covered[i]) {
          medium[offset + i] = values == null ? 0 : values[i];
        }
      }
    }
  }

  CacheModel(int size) {
    durable = new byte[size];
    shown = new int[size];
    shownBy = new int[size];
    Arrays.fill(shown, NOTHING);
  }

  byte[] visible() {
    byte[] visible = durable.clone();
    for (int i = 0; i < visible.length; i++) {
      if (shown[i] != NOTHING) {
        visible[i] = (byte) shown[i];
      }
    }
    return visible;
  }

  int pending() {
    return pending.size();
  }

  void write(int offset, byte[] values) {
    ops++;
    add(offset, values.length, values);
    for (int i = 0; i < values.length; i++) {
      shown[offset + i] = values[i] & 0xff;
      shownBy[offset + i] = ops;
    }
  }

  void discard(int offset, int bytes) {
    ops++;
    add(offset, bytes, null);
  }

  private void add(int offset, int bytes, byte[] values) {
    boolean[] covered = new boolean[bytes];
    Arrays.fill(covered, true);
    pending.add(new Op(ops, offset, values, covered));
  }

  void writeThrough(int offset, byte[] values) {
    System.arraycopy(values, 0, durable, offset, values.length);
    Arrays.fill(shown, offset, offset + values.length, NOTHING);
    for (Op op : pending) {
      for (int i = 0; i < op.covered.length; i++) {
        int at = op.offset + i;
        op.covered[i] &= at < offset || at >= offset + values.length;
      }
    }
  }

  void flush() {
    for (Op op : pending) {
      op.onto(durable, 0, op.covered.length);
      hide(op);
    }
    pending.clear();
  }

  private void hide(Op op) {
    for (int i = 0; i < shown.length; i++) {
      if (shownBy[i] == op.id) {
        shown[i] = NOTHING;
      }
    }
  }

  void drop() {
    pending.clear();
  }

  void lose() {
    pending.clear();
    Arrays.fill(shown, NOTHING);
  }

  void cut(List<Survivors.Part> survivors) {
    for (Survivors.Part part : survivors) {
      for (int number = part.first(); number <= part.last() && number <= pending.size(); number++) {
        Op op = pending.get(number - 1);
        int before = op.offset % SECTOR; // of the first sector it touches
        int from = 0;
        int to = Integer.MAX_VALUE;
        if (part.sectors().isPresent()) {
          from = Math.max(0, part.sectors().get().from() * SECTOR - before);
          to = (part.sectors().get().to() + 1) * SECTOR - before;
        }
        op.onto(durable, from, to);
      }
    }
    lose();
  }

  /** What is on the medium after a cut that nothing survives but the first {@code count}. */
  byte[] afterFirst(int count) {
    byte[] medium = durable.clone();
    for (Op op : pending.subList(0, count)) {
      op.onto(medium, 0, op.covered.length);
    }
    return medium;
  }
}
