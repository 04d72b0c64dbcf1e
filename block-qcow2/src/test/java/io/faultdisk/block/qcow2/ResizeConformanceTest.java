package io.faultdisk.block.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Turns;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.file.FileType;
import io.faultdisk.block.format.CreateOptions;
import io.faultdisk.block.format.Measurable.Measure;
import io.faultdisk.block.options.Options;
import io.faultdisk.block.raw.RawType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same images, filled in the same way, resized by the real qemu-img and by us: files that are
 * the same to the last byte, or a failure with the same words. And sizes measured by both.
 */
class ResizeConformanceTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path folder;
  private QemuImg qemuImg;
  private final List<String> differences = new ArrayList<>();

  @BeforeEach
  void prepare() throws IOException {
    qemuImg = QemuImg.in(folder);
    Files.write(folder.resolve("base.raw"), new byte[(int) MIB]);
  }

  @Test
  void growing() throws IOException, UsageException {
    for (String options : List.of("cluster_size=512", "cluster_size=64k", "extended_l2=on")) {
      for (Preallocation mode : Preallocation.values()) {
        check(options, "1000", mode, 10 * MIB);
        check(options + ",lazy_refcounts=on", "2M", mode, 5 * MIB + 512);
      }
    }
    assertThat(differences).isEmpty();
  }

  @Test
  void growingOverABackingFile() throws IOException, UsageException {
    for (String more : List.of("", ",extended_l2=on", ",compat=v2", ",cluster_size=4k")) {
      for (Preallocation mode : Preallocation.values()) {
        check("backing_file=base.raw,backing_fmt=raw" + more, "99k", mode, 200 << 10);
      }
    }
    assertThat(differences).isEmpty();
  }

  @Test
  void shrinking() throws IOException, UsageException {
    for (String options :
        List.of(
            "cluster_size=512",
            "cluster_size=512,refcount_bits=64",
            "cluster_size=64k",
            "extended_l2=on",
            "compat=v2")) {
      for (long size : new long[] {512, 100 << 10, MIB}) {
        check(options, "3M", Preallocation.OFF, size);
      }
    }
    assertThat(differences).isEmpty();
  }

  @Test
  void measuring() throws IOException, UsageException {
    for (String options :
        List.of(
            "cluster_size=512",
            "cluster_size=2M,extended_l2=on,refcount_bits=64",
            "preallocation=falloc",
            "backing_file=x",
            "compat=v3",
            "compat=0.10,refcount_bits=8",
            "refcount_bits=7",
            "cluster_size=7",
            "preallocation=foo")) {
      for (String size : List.of("0", "1000", "64M", "10G", "4P")) {
        String real = qemuImg.run("measure", "-O", "qcow2", "-o", options, "--size", size);
        assertThat(measured(options, size)).as(options + " " + size).isEqualTo(real);
      }
    }
  }

  private static String measured(String options, String size) {
    try {
      CreateOptions given =
          CreateOptions.merged(new Qcow2Type().createOptions(), new FileType().createOptions());
      given.parse(options);
      given.set("size", size);
      Measure measure = new Qcow2Type().measure(given, Optional.empty());
      return "required size: %d\nfully allocated size: %d\nexit 0\n"
          .formatted(measure.required(), measure.fullyAllocated());
    } catch (UsageException e) {
      return "qemu-img: " + e.getMessage() + "\nexit 1\n";
    }
  }

  private void check(String options, String size, Preallocation mode, long next)
      throws IOException, UsageException {
    String what = options + " from " + size + " to " + next + " with " + mode;
    Path image = folder.resolve("x");
    Path ours = folder.resolve("ours");
    qemuImg.run("create", "-f", "qcow2", "-u", "-o", options, "x", size);
    fill(image);
    Files.deleteIfExists(ours);
    Files.copy(image, ours);
    String real =
        qemuImg.run(
            "resize",
            "-f",
            "qcow2",
            "--shrink",
            "--preallocation=" + mode.optionName(),
            "x",
            Long.toString(next));
    String said = resize(ours, mode, next);
    if (!said.equals(real)) {
      differences.add(what + "\nreal:\n" + real + "ours:\n" + said);
    }
    long at = Files.mismatch(image, ours);
    if (at >= 0) {
      differences.add(what + ": differs at " + at);
    }
  }

  private static void fill(Path image) throws UsageException, BlockIoException {
    try (BlockGraph graph = graph();
        BlockBackend backend = open(graph, image)) {
      int bytes = (int) backend.length();
      byte[] content = new byte[bytes];
      Arrays.fill(content, (byte) 5);
      backend.write(0, ByteBuffer.wrap(content), 0);
    }
  }

  private static String resize(Path image, Preallocation mode, long size) throws UsageException {
    try (BlockGraph graph = graph();
        BlockBackend backend = open(graph, image)) {
      backend.truncate(size, true, mode);
      return "Image resized.\nexit 0\n";
    } catch (BlockIoException e) {
      return "qemu-img: " + e.reason() + "\nexit 1\n";
    }
  }

  private static BlockBackend open(BlockGraph graph, Path image) throws UsageException {
    Options options = new Options();
    options.put("driver", "qcow2");
    OpenFlags flags = OpenFlags.TOOL.withCache(false, false, false).with(OpenFlags.Mode.RESIZE);
    return graph.open(Optional.of(image.toString()), options, flags);
  }

  private static BlockGraph graph() {
    return new BlockGraph(
        List.of(new FileType(), new RawType(), new Qcow2Type()), Turns.free(), text -> {});
  }
}
