package io.faultdisk.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Answers, for requests of one type, which of many rules goes first.
 *
 * <p>Rules without a sector match every request; they are a list in definition order whose head
 * moves on when rules are consumed. Rules with a sector match requests that contain one byte. They
 * are sorted by that byte, and above them stands a tree that knows the lowest order in each half,
 * quarter and so on. A request matches a run of neighbours, found by searching, and the tree knows
 * the lowest of a run in O(log n):
 *
 * <pre>
 *   tree[1]             0
 *                 /           \
 *   tree[2..3]   0             1
 *              /   \         /   \
 *   tree[4..]  3     0       1     2      order of the rule at ...
 *   offsets    512   4096    5120  9216   ... this byte
 * </pre>
 *
 * <p>Thread rule: {@link #remove} under the engine's lock. {@link #first} without any lock, while
 * another thread consumes: arrays of int do not tear, and a value it overlooked names a rule that
 * was there a moment ago. Whoever acts on a consumable rule looks under the lock whether it still
 * is there.
 */
final class RequestIndex {
  /** No rule matches; larger than every order. */
  static final int NONE = Integer.MAX_VALUE;

  /** Orders of the rules without a sector, ascending. */
  private final int[] anywhere;

  /** How many of {@link #anywhere} are to be skipped. */
  private int head;

  /** First bytes of the rules with a sector, ascending, equal ones by order. */
  private final SortedOffsets offsets;

  /** Order of the rule at the same index of {@link #offsets}. */
  private final int[] orders;

  /**
   * A power of two, at least the number of offsets; leaf i of the tree is at {@code leaves + i}.
   */
  private final int leaves;

  private final int[] tree;

  private RequestIndex(int[] anywhere, long[] offsets, int[] orders) {
    this.anywhere = anywhere;
    this.offsets = new SortedOffsets(offsets);
    this.orders = orders;
    this.leaves = Math.max(1, Integer.highestOneBit(Math.max(1, 2 * offsets.length - 1)));
    this.tree = new int[2 * leaves];
    Arrays.fill(tree, NONE);
    System.arraycopy(orders, 0, tree, leaves, orders.length);
    for (int node = leaves - 1; node > 0; node--) {
      tree[node] = Math.min(tree[2 * node], tree[2 * node + 1]);
    }
  }

  /** An index of these rules, given in definition order. */
  static RequestIndex of(List<RuleState> rules) {
    List<RuleState> sectored = new ArrayList<>();
    int[] anywhere = new int[rules.size()];
    int count = 0;
    for (RuleState rule : rules) {
      if (!rule.hasSector()) {
        anywhere[count++] = rule.order;
      } else if (rule.sectorOffset() >= 0) {
        sectored.add(rule);
      }
    }
    // The sort is stable, so rules of one sector stay in definition order.
    if (sectored.size() > 1) {
      sectored.sort((one, other) -> Long.compare(one.sectorOffset(), other.sectorOffset()));
    }
    long[] offsets = new long[sectored.size()];
    int[] orders = new int[sectored.size()];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = sectored.get(i).sectorOffset();
      orders[i] = sectored.get(i).order;
    }
    return new RequestIndex(Arrays.copyOf(anywhere, count), offsets, orders);
  }

  /** The lowest order of a rule that matches the range, or {@link #NONE}. */
  int first(long offset, long bytes) {
    int at = head;
    int best = at < anywhere.length ? anywhere[at] : NONE;
    if (bytes == 0 || tree[1] >= best) {
      return best;
    }
    int from = offsets.atLeast(offset);
    long end = offset + bytes;
    if (from == offsets.size() || offsets.get(from) >= end) {
      return best;
    }
    return Math.min(best, lowest(from, offsets.atLeast(end)));
  }

  /** The lowest order among the leaves {@code [from, to)}. */
  private int lowest(int from, int to) {
    int best = NONE;
    int low = leaves + from;
    int high = leaves + to;
    while (low < high) {
      if ((low & 1) != 0) {
        best = Math.min(best, tree[low++]);
      }
      if ((high & 1) != 0) {
        best = Math.min(best, tree[--high]);
      }
      low >>= 1;
      high >>= 1;
    }
    return best;
  }

  /**
   * Takes out a rule that has just been consumed, if it is in here.
   *
   * @param rule the rule
   * @param all the engine's rules by order
   */
  void remove(RuleState rule, RuleState[] all) {
    if (!rule.hasSector()) {
      int at = head;
      while (at < anywhere.length && all[anywhere[at]].consumed()) {
        at++;
      }
      head = at;
      return;
    }
    long offset = rule.sectorOffset();
    int leaf =
        Arrays.binarySearch(
            orders, offsets.atLeast(offset), offsets.atLeast(offset + 1), rule.order);
    if (leaf >= 0) {
      clear(leaves + leaf);
    }
  }

  private void clear(int leaf) {
    tree[leaf] = NONE;
    for (int node = leaf >> 1; node > 0; node >>= 1) {
      tree[node] = Math.min(tree[2 * node], tree[2 * node + 1]);
    }
  }
}
