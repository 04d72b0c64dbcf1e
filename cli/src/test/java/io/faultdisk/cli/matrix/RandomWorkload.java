package io.faultdisk.cli.matrix;

import io.faultdisk.cli.call.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A random life of an image: how it is created, then calls that write to it, take snapshots,
 * resize, amend, check and copy it.
 *
 * @param calls the first creates the image
 */
record RandomWorkload(List<ToolCall> calls) {
  private static final String FILE = "{dir}/disk.qcow2";
  private static final String BASE = "{dir}/base.qcow2";

  static RandomWorkload draw(RandomGenerator random) {
    return new Drawing(random).draw();
  }

  /** The same without one of the calls. */
  RandomWorkload without(int index) {
    List<ToolCall> fewer = new ArrayList<>(calls);
    fewer.remove(index);
    return new RandomWorkload(fewer);
  }

  /** The same with another call in the place of one. */
  RandomWorkload with(int index, ToolCall call) {
    List<ToolCall> changed = new ArrayList<>(calls);
    changed.set(index, call);
    return new RandomWorkload(changed);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    calls.forEach(call -> text.append(call).append('\n'));
    return text.toString();
  }

  /** Draws one workload. */
  private static final class Drawing {
    private final RandomGenerator random;
    private final List<ToolCall> calls = new ArrayList<>();
    private long size;
    private int clusterBits;
    private boolean version2;
    private boolean backing;
    private int snapshots;
    private boolean internal;

    Drawing(RandomGenerator random) {
      this.random = random;
    }

    private boolean chance(int percent) {
      return random.nextInt(100) < percent;
    }

    private String pick(String... words) {
      return words[random.nextInt(words.length)];
    }

    RandomWorkload draw() {
      create();
      int steps = 1 + random.nextInt(6);
      for (int i = 0; i < steps; i++) {
        step();
      }
      return new RandomWorkload(calls);
    }

    private void create() {
      clusterBits = chance(50) ? 9 + random.nextInt(6) : 16;
      size = (1 + random.nextInt(chance(20) ? 8192 : 256)) * 1024L * (chance(30) ? 8 : 1);
      version2 = chance(15);
      StringBuilder options = new StringBuilder("cluster_size=").append(1 << clusterBits);
      boolean extended = !version2 && clusterBits >= 14 && chance(25);
      if (version2) {
        options.append(",compat=0.10");
      } else {
        if (chance(40)) {
          options.append(",refcount_bits=").append(1 << random.nextInt(7));
        }
        if (chance(15)) {
          options.append(",lazy_refcounts=on");
        }
        if (extended) {
          options.append(",extended_l2=on");
        }
        if (chance(20)) {
          options.append(",compression_type=zstd");
        }
      }
      backing = chance(35);
      List<String> args = new ArrayList<>(List.of("create", "-f", "qcow2"));
      if (backing) {
        long baseSize = chance(50) ? size : 512 * (1 + random.nextInt((int) (size / 512) * 2));
        calls.add(ToolCall.img("create", "-q", "-f", "qcow2", BASE, Long.toString(baseSize)));
        calls.add(
            new ToolCall(
                "qemu-io",
                List.of("-f", "qcow2", "-c", "write -P 9 0 " + Math.min(baseSize, 40960), BASE)));
        args.addAll(List.of("-b", BASE, "-F", "qcow2"));
      } else if (chance(20)) {
        options.append(",preallocation=").append(pick("metadata", "falloc", "full"));
      }
      args.addAll(List.of("-o", options.toString(), FILE, Long.toString(size)));
      calls.add(new ToolCall("qemu-img", List.copyOf(args)));
    }

    private void step() {
      int kind = random.nextInt(100);
      if (kind < 60) {
        calls.add(requests());
      } else if (kind < 68) {
        snapshots++;
        internal = true;
        calls.add(ToolCall.img("snapshot", "-c", "s" + snapshots, FILE));
      } else if (kind < 72) {
        calls.add(ToolCall.img("snapshot", "-a", "s" + (1 + random.nextInt(2)), FILE));
      } else if (kind < 76) {
        calls.add(ToolCall.img("snapshot", "-d", "s" + (1 + random.nextInt(2)), FILE));
      } else if (kind < 82) {
        resize();
      } else if (kind < 86) {
        amend();
      } else if (kind < 89) {
        calls.add(ToolCall.img("check", "-f", "qcow2", "-r", pick("leaks", "all"), FILE));
      } else if (kind < 92) {
        calls.add(ToolCall.img("map", "--output=" + pick("json", "human"), "-f", "qcow2", FILE));
      } else if (kind < 94 && backing) {
        calls.add(ToolCall.img("commit", "-f", "qcow2", FILE));
      } else if (kind < 96 && backing) {
        calls.add(ToolCall.img("rebase", "-f", "qcow2", "-b", "", FILE));
        backing = false;
      } else {
        convert();
      }
    }

    private void resize() {
      List<String> args = new ArrayList<>(List.of("resize", "-f", "qcow2"));
      if (chance(70)) {
        args.add("--shrink");
      }
      if (chance(20)) {
        args.add("--preallocation=" + pick("off", "metadata", "falloc", "full"));
      }
      long changed = 512L * (1 + random.nextInt((int) (size / 512) * 2));
      args.addAll(List.of(FILE, Long.toString(changed)));
      calls.add(new ToolCall("qemu-img", List.copyOf(args)));
      size = changed;
    }

    private void amend() {
      String option =
          pick(
              "compat=" + pick("0.10", "1.1"),
              "refcount_bits=" + (1 << random.nextInt(7)),
              "lazy_refcounts=" + pick("on", "off"),
              "size=" + size);
      calls.add(ToolCall.img("amend", "-f", "qcow2", "-o", option, FILE));
    }

    private void convert() {
      List<String> args = new ArrayList<>(List.of("convert", "-f", "qcow2", "-O"));
      args.add(pick("raw", "qcow2", "qcow2"));
      if (args.getLast().equals("qcow2") && chance(40)) {
        args.add("-c");
      }
      if (chance(30)) {
        args.addAll(List.of("-S", pick("0", "4k", "64k")));
      }
      args.addAll(List.of(FILE, "{dir}/copy.img"));
      calls.add(new ToolCall("qemu-img", List.copyOf(args)));
    }

    private ToolCall requests() {
      List<String> options = new ArrayList<>(List.of("-f", "qcow2"));
      if (chance(50)) {
        options.addAll(List.of("-t", pick("writeback", "unsafe", "writethrough")));
      }
      if (chance(15)) {
        options.addAll(List.of("-d", pick("ignore", "unmap")));
      }
      if (backing && chance(10)) {
        options.add("-C");
      }
      List<String> args = new ArrayList<>(options);
      int count = 1 + random.nextInt(8);
      for (int i = 0; i < count; i++) {
        args.add("-c");
        args.add(command());
      }
      args.add(FILE);
      return new ToolCall("qemu-io", List.copyOf(args));
    }

    private String command() {
      String range = range();
      return switch (random.nextInt(14)) {
        case 0, 1, 2, 3, 4 -> "write -P " + (1 + random.nextInt(200)) + " " + range;
        case 5 -> "write -z " + (chance(40) ? "-u " : "") + range;
        case 6 -> "discard " + range;
        case 7 -> "write -c -P " + (1 + random.nextInt(200)) + " " + clusters();
        case 8, 9 -> "read -v " + small();
        case 10 -> "flush";
        case 11 -> "alloc " + range;
        case 12 -> "map";
        default -> chance(50) ? "write -b " + small() : "write -z " + clusters();
      };
    }

    /** Offset and length in the unit of sectors, clusters or bytes. */
    private String range() {
      long unit = pick("a", "b", "b").equals("a") ? 512 : 1L << clusterBits;
      if (chance(10)) {
        unit = 1;
      }
      long offset = position() / unit * unit;
      long bytes = unit * (1 + random.nextInt(unit == 1 ? 5000 : chance(80) ? 4 : 40));
      return offset + " " + Math.max(1, Math.min(bytes, Math.max(1, size - offset)));
    }

    private String clusters() {
      long cluster = 1L << clusterBits;
      long offset = position() / cluster * cluster;
      return offset + " " + Math.max(1, Math.min(cluster * (1 + random.nextInt(2)), size - offset));
    }

    private String small() {
      return position() / 512 * 512 + " 512";
    }

    /** Near the beginning, or anywhere. */
    private long position() {
      long limit = chance(70) ? Math.min(size, 8L << clusterBits) : size;
      return Math.floorMod(random.nextLong(), Math.max(limit, 1));
    }
  }
}
