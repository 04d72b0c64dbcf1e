package io.faultdisk.cli.matrix;

import static io.faultdisk.cli.call.ToolCall.img;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sequences of commands on dirty bitmaps and amendments without faults: the real tools and ours say
 * the same, and leave files that are the same to the last byte.
 */
class SequenceTest {
  private static final String FILE = "{dir}/disk.qcow2";

  @TempDir private Path folder;
  private Workbench bench;
  private final List<ToolCall> setup = new ArrayList<>();
  private final List<ToolCall> steps = new ArrayList<>();

  /** Whether a program has been killed that had the image open for writing. */
  private boolean crash;

  @BeforeEach
  void prepare() {
    Assumptions.assumeTrue(
        Tools.realToolsExist(),
        "qemu-img and qemu-io are not installed (Debian: apt install qemu-utils)");
    bench = new Workbench(folder.resolve("bench"));
  }

  private void create(String options, String size) {
    setup.add(
        options.isEmpty()
            ? img("create", "-q", "-f", "qcow2", FILE, size)
            : img("create", "-q", "-f", "qcow2", "-o", options, FILE, size));
  }

  private static ToolCall io(String... commands) {
    List<String> args = new ArrayList<>(List.of("-f", "qcow2"));
    for (String command : commands) {
      args.add("-c");
      args.add(command);
    }
    args.add(FILE);
    return new ToolCall("qemu-io", args);
  }

  private void bitmap(String... args) {
    List<String> all = new ArrayList<>(List.of("bitmap"));
    all.addAll(List.of(args).subList(0, args.length - 1));
    all.add(FILE);
    all.add(args[args.length - 1]);
    steps.add(img(all.toArray(String[]::new)));
  }

  private void amend(String options) {
    steps.add(img("amend", "-p", "-o", options, FILE));
    steps.add(img("check", FILE));
  }

  private void check() {
    bench.setTo(Map.of());
    for (ToolOutput output : bench.real(setup, "")) {
      assertThat(output.exitCode()).as("setup: %s", output).isZero();
    }
    if (crash) {
      ToolOutput killed = bench.real(List.of(io("write 1M 1M", "sigraise 9")), "").getFirst();
      assertThat(killed.exitCode()).isNotZero();
    }
    Comparison.Result result = new Comparison(bench).compare(bench.files(), steps, FILE);
    assertThat(result.verdict()).as(result.report()).isEqualTo(Verdict.SAME_BYTES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=64k",
        "cluster_size=512",
        "cluster_size=2M",
        "extended_l2=on",
        "refcount_bits=1",
        "refcount_bits=64,lazy_refcounts=on",
        "compat=0.10",
        "data_file={dir}/data.raw"
      })
  void bitmapsAreKeptWhileTheImageIsUsed(String options) {
    create(options, "64M");
    bitmap("--add", "b0");
    bitmap("--add", "-g", "4k", "b1");
    bitmap("--add", "--disable", "b2");
    bitmap("--add", "b2");
    steps.add(io("write -P 1 0 64k", "write -z 1M 128k", "discard 2M 256k", "write 63M 1M"));
    bitmap("--merge", "b1", "b2");
    bitmap("--merge", "nope", "b2");
    bitmap("--clear", "b1");
    bitmap("--disable", "b0");
    steps.add(io("write -P 2 10M 64k"));
    bitmap("--enable", "--merge", "b1", "b0");
    bitmap("--remove", "b1");
    bitmap("--remove", "b1");
    bitmap("--add", "-g", "2M", "--add", "b3");
    steps.add(new ToolCall("qemu-io", List.of("-r", "-f", "qcow2", "-c", "read 0 64k", FILE)));
    steps.add(img("resize", "-q", FILE, "65M"));
    steps.add(io("write 64M 1M", "truncate 66M", "write 65M 1M"));
    bitmap("--add", "-g", "256", "b4");
    bitmap("--add", "-g", "4G", "b4");
    bitmap("--add", "-g", "2G", "b4");
    bitmap("--add", "-g", "64k", "b5");
    steps.add(img("check", FILE));
    steps.add(img("resize", "-q", "--shrink", FILE, "1M"));
    steps.add(img("measure", "-O", "qcow2", FILE));
    steps.add(io("reopen -r", "read 0 4k", "write 0 4k", "reopen -w", "write 0 4k"));
    bitmap("--remove", "b0");
    bitmap("--remove", "b2");
    bitmap("--remove", "b3");
    bitmap("--remove", "b5");
    steps.add(img("check", FILE));
    check();
  }

  @Test
  void bitmapsOfOtherImagesAreMergedAndCopied() {
    String other = "{dir}/other.qcow2";
    create("", "10M");
    setup.add(img("create", "-q", "-f", "qcow2", other, "10M"));
    setup.add(img("create", "-q", "-f", "qcow2", "{dir}/small.qcow2", "9M"));
    for (String bitmap : List.of("a", "b", "c")) {
      setup.add(img("bitmap", "--add", "-g", "4k", other, bitmap));
      setup.add(img("bitmap", "--add", "{dir}/small.qcow2", bitmap));
    }
    setup.add(img("bitmap", "--disable", other, "b"));
    setup.add(new ToolCall("qemu-io", List.of("-c", "write 1M 100k", other)));
    bitmap("--add", "x");
    bitmap("--merge", "a", "-b", other, "-F", "qcow2", "x");
    bitmap("--merge", "b", "-b", other, "x");
    bitmap("--merge", "z", "-b", other, "x");
    bitmap("--merge", "a", "-b", "{dir}/small.qcow2", "x");
    bitmap("--merge", "a", "-b", "{dir}/none", "x");
    String copy = "{dir}/copy.qcow2";
    steps.add(img("convert", "--bitmaps", "-O", "qcow2", other, copy));
    steps.add(img("info", copy));
    steps.add(img("convert", "--bitmaps", "-O", "raw", other, "{dir}/copy.raw"));
    steps.add(img("convert", "--bitmaps", "-O", "qcow2", "{dir}/copy.raw", copy));
    steps.add(img("convert", "--bitmaps", "-O", "qcow2", "-o", "compat=v2", other, copy));
    steps.add(img("measure", "-O", "qcow2", other));
    check();
  }

  @Test
  void bitmapsOfACrashedProgramCanOnlyBeRemoved() {
    create("", "10M");
    setup.add(img("bitmap", "--add", FILE, "a"));
    setup.add(img("bitmap", "--add", FILE, "b"));
    setup.add(img("snapshot", "-c", "s", FILE));
    crash = true;
    steps.add(img("snapshot", "-a", "s", FILE));
    bitmap("--merge", "a", "b");
    bitmap("--clear", "a");
    bitmap("--enable", "a");
    bitmap("--add", "a");
    bitmap("--add", "c");
    steps.add(io("write 2M 1M"));
    steps.add(img("resize", "-q", FILE, "20M"));
    String copy = "{dir}/copy.qcow2";
    steps.add(img("convert", "--bitmaps", "-O", "qcow2", FILE, copy));
    steps.add(img("convert", "--bitmaps", "--skip-broken-bitmaps", "-O", "qcow2", FILE, copy));
    steps.add(img("check", FILE));
    bitmap("--remove", "a");
    bitmap("--remove", "b");
    steps.add(img("check", FILE));
    check();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cluster_size=4k", "cluster_size=512", "extended_l2=on,cluster_size=16k"})
  void refcountWidthAndVersionChange(String options) {
    create(options, "64M");
    setup.add(io("write -P 1 0 3M", "write -z 5M 1M", "write -z -u 3M 512k", "write 40M 64k"));
    for (String change :
        List.of(
            "refcount_bits=1",
            "refcount_bits=64",
            "refcount_bits=16",
            "compat=0.10",
            "compat=1.1,refcount_bits=8",
            "compat=0.10",
            "compat=0.10,refcount_bits=16",
            "lazy_refcounts=on",
            "lazy_refcounts=on,compat=v3",
            "lazy_refcounts=off",
            "compat=v2",
            "refcount_bits=8",
            "size=70M,compat=v3,refcount_bits=32")) {
      amend(change);
    }
    check();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cluster_size=4k", "cluster_size=512"})
  void snapshotsLimitWhatCanBeAmended(String options) {
    create(options, "64M");
    setup.add(io("write -P 1 0 3M", "write -z 5M 1M"));
    setup.add(img("snapshot", "-c", "a", FILE));
    setup.add(io("write -P 8 0 1M"));
    setup.add(img("snapshot", "-c", "b", FILE));
    for (String change :
        List.of(
            "refcount_bits=1",
            "refcount_bits=2",
            "refcount_bits=64",
            "compat=v2",
            "compat=v2,refcount_bits=16",
            "compat=v3,refcount_bits=4",
            "size=65M",
            "refcount_bits=16,compat=0.10")) {
      amend(change);
    }
    check();
  }

  @Test
  void whatCannotBeAmendedIsRefused() {
    create("", "64M");
    for (String options :
        List.of(
            "encrypt.state=active",
            "compat=0.9",
            "cluster_size=4k",
            "refcount_bits=3",
            "data_file=x",
            "data_file_raw=on",
            "data_file_raw=off",
            "foo=bar",
            "size=foo",
            "refcount_bits=4294967312",
            "refcount_bits=0",
            "refcount_bits=-1",
            "lazy_refcounts=maybe",
            "backing_file=x",
            "backing_fmt=raw",
            "size=128M",
            "size=1M",
            "size=9E",
            "size=16E",
            "help")) {
      amend(options);
    }
    steps.add(img("amend", "-f", "qcow2", "-o", "help"));
    steps.add(img("amend", "-f", "qcow2", FILE));
    check();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data_file={dir}/d.raw,data_file_raw=on",
        "data_file={dir}/d.raw",
        "compression_type=zstd",
        "lazy_refcounts=on"
      })
  void featuresAreAmended(String options) {
    create(options, "10M");
    setup.add(io("write -P 8 0 1M", "write -z 2M 1M"));
    if (!options.startsWith("data_file")) {
      setup.add(io("write -c -P 4 4M 64k"));
    }
    for (String change :
        List.of(
            "data_file_raw=off",
            "data_file_raw=on",
            "data_file={dir}/e.raw",
            "data_file={dir}/d.raw",
            "data_file=",
            "lazy_refcounts=off",
            "compat=v2")) {
      amend(change);
    }
    check();
  }

  @Test
  void theBackingFileStays() {
    String base = "{dir}/base.qcow2";
    setup.add(img("create", "-q", "-f", "qcow2", base, "10M"));
    setup.add(new ToolCall("qemu-io", List.of("-c", "write -P 9 0 1M", base)));
    setup.add(img("create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", FILE));
    setup.add(io("write -P 8 64k 64k", "write -z 0 4k", "write -z 1M 64k"));
    for (String change :
        List.of(
            "backing_file=x",
            "backing_file=" + base,
            "backing_fmt=qcow2",
            "backing_file=" + base + ",backing_fmt=qcow2",
            "compat=v2",
            "size=12M",
            "refcount_bits=16")) {
      amend(change);
    }
    check();
  }

  @Test
  void anImageWithBitmapsIsAmended() {
    create("", "10M");
    setup.add(img("bitmap", "--add", FILE, "a"));
    setup.add(io("write -P 8 0 1M"));
    for (String change :
        List.of(
            "refcount_bits=8", "lazy_refcounts=on", "compat=v2,refcount_bits=16", "compat=v3")) {
      amend(change);
    }
    check();
  }
}
