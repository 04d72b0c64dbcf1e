package io.faultdisk.block.qcow2.codec;

import java.util.Arrays;

/**
 * A prefix code for symbols that occur with given frequencies, limited in length, in the canonical
 * form of deflate.
 *
 * <p>Source: RFC 1951, section 3.2.2; which of several optimal codes it is, as in zlib 1.2.13
 * (trees.c): among equal weights the shallower subtree comes first.
 */
final class HuffmanCode {
  private static final int LENGTH_MAX = 15;

  private final int[] lengths;
  private final int[] codes;
  private final int size;

  private HuffmanCode(int[] lengths, int size) {
    this.lengths = lengths;
    this.size = size;
    this.codes = codes(lengths);
  }

  static HuffmanCode ofLengths(int[] lengths) {
    return new HuffmanCode(lengths, lengths.length);
  }

  /** The code for symbols used so often; at least two symbols get one. */
  static HuffmanCode forUse(int[] use, int lengthMax) {
    return new Builder(use, lengthMax).build();
  }

  /** One more than the last symbol that has a code. */
  int size() {
    return size;
  }

  /** Bits of a symbol's code; 0 if it has none. */
  int length(int symbol) {
    return lengths[symbol];
  }

  void write(BitWriter out, int symbol) {
    out.put(codes[symbol], lengths[symbol]);
  }

  /** Bits for so many of each symbol. */
  long bits(int[] use) {
    long bits = 0;
    for (int i = 0; i < use.length; i++) {
      bits += (long) use[i] * lengths[i];
    }
    return bits;
  }

  private static int[] codes(int[] lengths) {
    int[] ofLength = new int[LENGTH_MAX + 2];
    for (int length : lengths) {
      ofLength[length + 1] += length == 0 ? 0 : 1;
    }
    int[] next = new int[LENGTH_MAX + 1];
    for (int length = 1; length <= LENGTH_MAX; length++) {
      next[length] = (next[length - 1] + ofLength[length]) << 1;
    }
    int[] codes = new int[lengths.length];
    for (int i = 0; i < codes.length; i++) {
      if (lengths[i] != 0) {
        codes[i] = Integer.reverse(next[lengths[i]]++) >>> (32 - lengths[i]);
      }
    }
    return codes;
  }

  /** Builds the tree bottom up with a heap of subtrees; nodes from {@code symbols} on are inner. */
  private static final class Builder {
    private final int symbols;
    private final int lengthMax;
    private final int[] weight;
    private final int[] parent;
    private final int[] length;
    private final byte[] depth;
    private final int[] heap;
    private int heapSize;
    private int last = -1;

    /** All nodes, heaviest first, in the order in which they left the heap backwards. */
    private final int[] order;

    private int orderStart;

    Builder(int[] use, int lengthMax) {
      int nodes = 2 * use.length + 1;
      this.symbols = use.length;
      this.lengthMax = lengthMax;
      this.weight = Arrays.copyOf(use, nodes);
      this.parent = new int[nodes];
      this.length = new int[nodes];
      this.depth = new byte[nodes];
      this.heap = new int[nodes];
      this.order = new int[nodes];
      this.orderStart = nodes;
    }

    HuffmanCode build() {
      for (int i = 0; i < symbols; i++) {
        if (weight[i] != 0) {
          heap[++heapSize] = i;
          last = i;
        }
      }
      while (heapSize < 2) {
        int node = last < 2 ? ++last : 0;
        heap[++heapSize] = node;
        weight[node] = 1;
      }
      for (int i = heapSize / 2; i >= 1; i--) {
        sink(i);
      }
      join();
      limitLengths();
      return new HuffmanCode(Arrays.copyOf(length, symbols), last + 1);
    }

    private void join() {
      int node = symbols;
      do {
        int least = heap[1];
        heap[1] = heap[heapSize--];
        sink(1);
        int second = heap[1];
        order[--orderStart] = least;
        order[--orderStart] = second;
        weight[node] = weight[least] + weight[second];
        depth[node] = (byte) (Math.max(depth[least], depth[second]) + 1);
        parent[least] = node;
        parent[second] = node;
        heap[1] = node++;
        sink(1);
      } while (heapSize >= 2);
      order[--orderStart] = heap[1];
    }

    private void limitLengths() {
      int[] count = new int[LENGTH_MAX + 1];
      int overflow = 0;
      length[order[orderStart]] = 0;
      for (int i = orderStart + 1; i < order.length; i++) {
        int node = order[i];
        int bits = length[parent[node]] + 1;
        if (bits > lengthMax) {
          bits = lengthMax;
          overflow++;
        }
        length[node] = bits;
        if (node < symbols) {
          count[bits]++;
        }
      }
      if (overflow > 0) {
        repair(count, overflow);
      }
    }

    /** Too long codes were cut: moves others down until all fit again, then deals out lengths. */
    private void repair(int[] count, int overflow) {
      for (int left = overflow; left > 0; left -= 2) {
        int bits = lengthMax - 1;
        while (count[bits] == 0) {
          bits--;
        }
        count[bits]--;
        count[bits + 1] += 2;
        count[lengthMax]--;
      }
      int at = order.length;
      for (int bits = lengthMax; bits > 0; bits--) {
        for (int left = count[bits]; left > 0; ) {
          int node = order[--at];
          if (node < symbols) {
            length[node] = bits;
            left--;
          }
        }
      }
    }

    private void sink(int start) {
      int at = start;
      int node = heap[at];
      for (int child = 2 * at; child <= heapSize; child = 2 * at) {
        if (child < heapSize && isSmaller(heap[child + 1], heap[child])) {
          child++;
        }
        if (isSmaller(node, heap[child])) {
          break;
        }
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = node;
    }

    private boolean isSmaller(int a, int b) {
      return weight[a] < weight[b] || (weight[a] == weight[b] && depth[a] <= depth[b]);
    }
  }
}
