package io.faultdisk.cli.matrix;

import static io.faultdisk.cli.call.ToolCall.img;
import static io.faultdisk.cli.call.ToolCall.io;

import io.faultdisk.cli.call.ToolCall;
import java.util.ArrayList;
import java.util.List;

/** The workloads of the failure matrix. */
final class Workloads {
  private static final String FILE = "{dir}/disk.qcow2";
  private static final String BASE = "{dir}/base.qcow2";

  private Workloads() {}

  static List<Workload> all() {
    List<Workload> all = new ArrayList<>();
    writes(all);
    copyOnWrite(all);
    tables(all);
    zeroesAndDiscards(all);
    compressed(all);
    snapshots(all);
    sizes(all);
    chains(all);
    amendments(all);
    return all;
  }

  private static ToolCall create(String options, String size) {
    return options.isEmpty()
        ? img("create", "-q", "-f", "qcow2", FILE, size)
        : img("create", "-q", "-f", "qcow2", "-o", options, FILE, size);
  }

  /** Changes the image before the rules come. */
  private static ToolCall plain(String... commands) {
    List<String> args = new ArrayList<>(List.of("-f", "qcow2"));
    for (String command : commands) {
      args.add("-c");
      args.add(command);
    }
    args.add(FILE);
    return new ToolCall("qemu-io", args);
  }

  private static void add(
      List<Workload> all, String name, List<ToolCall> setup, ToolCall... steps) {
    all.add(new Workload(name, setup, List.of(steps)));
  }

  private static void writes(List<Workload> all) {
    add(all, "first write", List.of(create("", "64M")), io("write 0 64k", "flush"));
    add(
        all,
        "first write, writethrough",
        List.of(create("", "64M")),
        io(List.of("-f", "qcow2"), "write 0 64k"));
    add(
        all,
        "second cluster",
        List.of(create("", "64M"), plain("write 0 64k")),
        io("write 64k 64k", "flush"));
    add(
        all,
        "overwrite",
        List.of(create("", "64M"), plain("write 0 64k")),
        io("write 4k 8k", "flush"));
    add(
        all,
        "write over clusters allocated in between",
        List.of(create("", "64M"), plain("write 1M 64k", "write 64k 64k")),
        io("write 0 192k", "flush"));
    add(
        all,
        "write over two L2 tables",
        List.of(create("cluster_size=512", "1M")),
        io("write 16k 64k", "flush"));
    add(
        all,
        "close with dirty caches",
        List.of(create("", "64M"), plain("write 0 128k")),
        io("write 128k 64k", "write 1M 64k", "discard 0 64k"));
    add(
        all,
        "lazy refcounts",
        List.of(create("lazy_refcounts=on", "64M")),
        io("write 0 64k", "flush"));
    add(
        all,
        "write after failed write",
        List.of(create("", "64M")),
        io("write 0 64k", "write 64k 64k", "flush", "read 0 128k"));
    add(
        all,
        "preallocated metadata",
        List.of(create("preallocation=metadata", "1M")),
        io("write 4k 4k", "flush"));
    add(
        all,
        "external data file",
        List.of(create("data_file={dir}/data.raw", "64M")),
        io("write 4k 8k", "flush"));
    add(
        all,
        "subclusters",
        List.of(create("extended_l2=on", "64M"), plain("write 0 2k")),
        io("write 4k 4k", "write 62k 4k", "flush"));
  }

  private static void copyOnWrite(List<Workload> all) {
    add(all, "COW without backing file", List.of(create("", "64M")), io("write 4k 4k", "flush"));
    List<ToolCall> overlay =
        List.of(
            img("create", "-q", "-f", "qcow2", BASE, "64M"),
            new ToolCall("qemu-io", List.of("-f", "qcow2", "-c", "write -P 7 0 256k", BASE)),
            img("create", "-q", "-f", "qcow2", "-b", BASE, "-F", "qcow2", FILE));
    add(all, "COW with backing file", overlay, io("write 4k 4k", "flush"));
    add(all, "COW of both ends", overlay, io("write 32k 192k", "flush"));
    add(all, "COW with a large middle", overlay, io("write 4k 40k", "flush"));
    add(all, "copy on read", overlay, io(List.of("-C", "-f", "qcow2"), "read 4k 4k", "read 0 64k"));
    add(all, "read from backing file", overlay, io("read -P 7 0 64k", "read -P 7 4k 4k"));
    List<ToolCall> shared =
        List.of(create("", "64M"), plain("write -P 1 0 128k"), img("snapshot", "-c", "s1", FILE));
    add(all, "overwrite of a shared cluster", shared, io("write 0 64k", "flush"));
    add(all, "overwrite of part of a shared cluster", shared, io("write 4k 4k", "flush"));
    add(
        all,
        "overwrite of part of a compressed cluster",
        List.of(create("", "64M"), plain("write -c -P 3 0 64k")),
        io("write 4k 4k", "flush"));
    add(
        all,
        "COW of subclusters",
        List.of(
            img("create", "-q", "-f", "qcow2", BASE, "64M"),
            new ToolCall("qemu-io", List.of("-f", "qcow2", "-c", "write -P 7 0 256k", BASE)),
            img(
                "create",
                "-q",
                "-f",
                "qcow2",
                "-b",
                BASE,
                "-F",
                "qcow2",
                "-o",
                "extended_l2=on",
                FILE)),
        io("write 3k 2k", "write 61k 8k", "flush"));
  }

  private static void tables(List<Workload> all) {
    add(all, "L1 growth for VM state", List.of(create("", "1G")), io("write -b 0 64k", "flush"));
    add(
        all,
        "VM state, writethrough",
        List.of(create("", "1G")),
        io(List.of("-f", "qcow2"), "write -b 0 128k", "read -b 0 64k"));
    add(
        all,
        "new refcount block",
        List.of(create("cluster_size=1k", "64M"), plain("write 0 480k")),
        io("write 480k 32k", "flush"));
    add(
        all,
        "refcount table growth",
        List.of(create("cluster_size=512,refcount_bits=64", "64M"), plain("write 0 1960k")),
        io("write 1960k 64k", "flush"));
    add(
        all,
        "small caches",
        List.of(create("cluster_size=512", "4M")),
        io(
            List.of("-t", "writeback", "--image-opts"),
            "write 0 4k",
            "write 1M 4k",
            "write 2M 4k",
            "write 3M 4k",
            "read 0 4k",
            "flush"));
    add(
        all,
        "reads",
        List.of(create("", "64M"), plain("write -P 7 0 64k", "write -c -P 2 1M 64k")),
        io("read -P 7 0 64k", "read -P 2 1M 64k", "read 2M 4k", "read -P 7 0 64k"));
  }

  private static void zeroesAndDiscards(List<Workload> all) {
    List<ToolCall> two = List.of(create("", "64M"), plain("write -P 1 0 128k"));
    add(all, "discard", two, io("discard 0 128k", "flush"));
    add(all, "discard of nothing", List.of(create("", "64M")), io("discard 0 128k", "flush"));
    add(all, "write zeroes over data", two, io("write -z 0 64k", "flush"));
    add(all, "write zeroes and unmap", two, io("write -z -u 0 64k", "flush"));
    add(all, "write zeroes over part of a cluster", two, io("write -z 4k 4k", "flush"));
    add(
        all,
        "write zeroes to a new cluster",
        List.of(create("", "64M")),
        io("write -z 0 128k", "write -z 1M 4k", "flush"));
    add(
        all,
        "discard in version 2",
        List.of(create("compat=0.10", "64M"), plain("write -P 1 0 128k")),
        io("discard 0 64k", "write -z 64k 64k", "flush"));
    add(
        all,
        "discard of compressed clusters",
        List.of(create("", "64M"), plain("write -c -P 1 0 64k", "write -c -P 2 64k 64k")),
        io("discard 0 128k", "flush"));
    add(
        all,
        "write then discard",
        List.of(create("", "64M")),
        io("write 0 256k", "discard 64k 64k", "write 64k 64k", "flush"));
  }

  private static void compressed(List<Workload> all) {
    add(all, "compressed write", List.of(create("", "64M")), io("write -c 0 64k", "flush"));
    add(
        all,
        "two compressed writes",
        List.of(create("", "64M")),
        io("write -c -P 4 0 64k", "write -c -P 5 64k 64k", "flush"));
  }

  private static void snapshots(List<Workload> all) {
    List<ToolCall> two = List.of(create("", "64M"), plain("write -P 1 0 128k"));
    List<ToolCall> changed =
        List.of(
            create("", "64M"),
            plain("write -P 1 0 128k"),
            img("snapshot", "-c", "s1", FILE),
            plain("write -P 2 0 64k"));
    add(all, "snapshot create", two, img("snapshot", "-c", "s1", "{disk}"));
    add(all, "snapshot apply", changed, img("snapshot", "-a", "s1", "{disk}"));
    add(all, "snapshot delete", changed, img("snapshot", "-d", "s1", "{disk}"));
    add(all, "second snapshot", changed, img("snapshot", "-c", "s2", "{disk}"));
  }

  private static void sizes(List<Workload> all) {
    add(
        all,
        "shrink",
        List.of(create("", "1G"), plain("write 0 64k", "write 600M 64k")),
        io("truncate 64M"));
    add(
        all,
        "grow with a new L1 table",
        List.of(create("", "64M"), plain("write 0 64k")),
        io("truncate 4G"));
    add(
        all,
        "grow in place",
        List.of(create("", "64M"), plain("write 0 64k")),
        img("resize", "-f", "qcow2", "{disk}", "128M"));
    add(
        all,
        "grow with preallocated metadata",
        List.of(create("", "1M")),
        img("resize", "-f", "qcow2", "--preallocation=metadata", "{disk}", "2M"));
    add(
        all,
        "grow with preallocated data",
        List.of(create("", "1M")),
        img("resize", "-f", "qcow2", "--preallocation=falloc", "{disk}", "2M"));
  }

  private static void chains(List<Workload> all) {
    List<ToolCall> overlay =
        List.of(
            img("create", "-q", "-f", "qcow2", BASE, "64M"),
            new ToolCall("qemu-io", List.of("-f", "qcow2", "-c", "write -P 7 0 256k", BASE)),
            img("create", "-q", "-f", "qcow2", "-b", BASE, "-F", "qcow2", FILE),
            plain("write -P 9 64k 64k"));
    add(all, "commit", overlay, img("commit", "-f", "qcow2", "{disk}"));
    add(all, "commit, keep the overlay", overlay, img("commit", "-d", "-f", "qcow2", "{disk}"));
    add(all, "rebase to nothing", overlay, img("rebase", "-f", "qcow2", "-b", "", "{disk}"));
    add(
        all,
        "convert into the image",
        List.of(
            create("", "1M"),
            img("create", "-q", "-f", "qcow2", BASE, "1M"),
            new ToolCall("qemu-io", List.of("-f", "qcow2", "-c", "write -P 7 64k 256k", BASE))),
        img("convert", "-n", "-f", "qcow2", "-O", "qcow2", BASE, "{disk}"));
    add(
        all,
        "convert from the image",
        List.of(create("", "1M"), plain("write -P 7 64k 256k", "write -c 512k 64k")),
        img("convert", "-f", "qcow2", "-O", "raw", "{disk}", "{dir}/out.raw"));
    add(
        all,
        "compare with itself",
        List.of(create("", "1M"), plain("write -P 7 64k 256k")),
        img("compare", "-f", "qcow2", "-F", "qcow2", "{disk}", FILE));
  }

  private static void amendments(List<Workload> all) {
    List<ToolCall> two = List.of(create("", "64M"), plain("write -P 1 0 128k", "write -z 1M 64k"));
    for (String option : List.of("compat=0.10", "lazy_refcounts=on")) {
      add(all, "amend " + option, two, img("amend", "-f", "qcow2", "-o", option, "{disk}"));
    }
    // The real tool looks at every refcount that the table has room for: a small table is faster.
    List<ToolCall> small = List.of(create("cluster_size=4k", "64M"), plain("write -P 1 0 128k"));
    for (String option : List.of("refcount_bits=1", "refcount_bits=64")) {
      add(all, "amend " + option, small, img("amend", "-f", "qcow2", "-o", option, "{disk}"));
    }
    add(
        all,
        "amend compat=1.1",
        List.of(create("compat=0.10", "64M"), plain("write -P 1 0 128k")),
        img("amend", "-f", "qcow2", "-o", "compat=1.1", "{disk}"));
    add(all, "bitmap", two, img("bitmap", "--add", "-f", "qcow2", "{disk}", "b0"));
    List<ToolCall> marked =
        List.of(
            create("", "64M"),
            plain("write -P 1 0 128k"),
            img("bitmap", "--add", FILE, "b0"),
            img("bitmap", "--add", FILE, "b1"),
            plain("write -P 2 1M 128k"));
    add(all, "bitmap merge", marked, img("bitmap", "--merge", "b1", "-f", "qcow2", "{disk}", "b0"));
    add(all, "bitmap remove", marked, img("bitmap", "--remove", "-f", "qcow2", "{disk}", "b0"));
    add(all, "bitmaps while resizing", marked, img("resize", "-f", "qcow2", "{disk}", "65M"));
    add(
        all,
        "bitmaps while reopening",
        marked,
        io("reopen -r", "read 0 4k", "reopen -w", "write 0 4k"));
    add(
        all,
        "amend refcount_bits=64 of many clusters",
        List.of(create("cluster_size=512", "4M"), plain("write -P 1 0 1M")),
        img("amend", "-f", "qcow2", "-o", "refcount_bits=64", "{disk}"));
    add(
        all,
        "amend compat=0.10 with snapshots",
        List.of(
            create("", "64M"),
            plain("write -P 1 0 128k", "write -z 128k 64k"),
            img("snapshot", "-c", "s", FILE),
            plain("write -P 2 0 64k")),
        img("amend", "-f", "qcow2", "-o", "compat=0.10", "{disk}"));
    add(
        all,
        "amend compat=0.10 with a shared zero cluster",
        List.of(
            create("", "64M"),
            plain("write -P 1 0 128k", "write -z 128k 64k"),
            img("snapshot", "-c", "s", FILE),
            plain("write -z 0 64k")),
        img("amend", "-f", "qcow2", "-o", "compat=0.10", "{disk}"));
    add(
        all,
        "write under a bitmap",
        List.of(
            create("", "64M"),
            plain("write -P 1 0 128k"),
            img("bitmap", "--add", "-f", "qcow2", FILE, "b0")),
        io("write 64k 128k", "flush"));
    add(
        all,
        "check and repair",
        List.of(create("", "64M"), plain("write -P 1 0 128k")),
        img("check", "-f", "qcow2", "-r", "all", "{disk}"));
  }
}
