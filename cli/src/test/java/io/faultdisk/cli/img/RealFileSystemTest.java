package io.faultdisk.cli.img;

import static io.faultdisk.cli.call.ToolCall.img;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real file system travels between the tools: ext4 in images that we write is whole for the real
 * qemu-img and for e2fsck, and in images that the real one writes it is whole for us.
 */
final class RealFileSystemTest {
  private static final int SIZE = 24 << 20;
  private static final int FILES = 20;
  private static final String RAW = "{dir}/fs.raw";
  private static final String IMAGE = "{dir}/fs.qcow2";
  private static final String BACK = "{dir}/back.raw";

  @TempDir Path dir;

  private final Seed seed = Seed.fresh();

  @BeforeEach
  void makeFileSystem() throws Exception {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-img is not installed (Debian: apt install qemu-utils)");
    for (String tool : List.of("mkfs.ext4", "e2fsck", "debugfs")) {
      Assumptions.assumeTrue(
          Files.isExecutable(Path.of("/sbin", tool)),
          tool + " is not installed (Debian: apt install e2fsprogs)");
    }
    System.out.println("files of the file system: seed " + seed);
    RandomGenerator random = seed.random();
    Path tree = Files.createDirectory(dir.resolve("tree"));
    for (int i = 0; i < FILES; i++) {
      byte[] content = new byte[random.nextInt(400_000)];
      random.nextBytes(content);
      Files.write(tree.resolve("file" + i), content);
    }
    try (RandomAccessFile raw = new RandomAccessFile(file("fs.raw").toFile(), "rw")) {
      raw.setLength(SIZE);
    }
    run("mkfs.ext4", "-q", "-F", "-d", tree.toString(), file("fs.raw").toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=64k",
        "cluster_size=512",
        "cluster_size=2M,refcount_bits=1",
        "cluster_size=128k,extended_l2=on",
        "compat=0.10",
        "compression_type=zstd -c",
        "compression_type=zlib -c",
        "preallocation=metadata",
        "data_file={dir}/fs.data,data_file_raw=on"
      })
  void whatWeWriteTheRealToolReadsAndTheOtherWayAround(String layout) throws Exception {
    List<String> convert = new ArrayList<>(List.of("convert", "-f", "raw", "-O", "qcow2", "-o"));
    convert.addAll(List.of(layout.split(" ")));
    convert.addAll(List.of(RAW, IMAGE));
    ToolCall make = img(convert.toArray(new String[0]));

    ours(make);
    real(img("check", IMAGE));
    real(img("compare", "-f", "raw", "-F", "qcow2", RAW, IMAGE));
    real(img("convert", "-f", "qcow2", "-O", "raw", IMAGE, BACK));
    requireWhole("back.raw");
    String map = ours(img("map", "--output=json", IMAGE)).stdout();
    assertThat(real(img("map", "--output=json", IMAGE)).stdout()).isEqualTo(map);

    for (String name : List.of("fs.qcow2", "fs.data", "back.raw")) {
      Files.deleteIfExists(file(name));
    }
    real(make);
    ours(img("check", IMAGE));
    ours(img("compare", "-f", "raw", "-F", "qcow2", RAW, IMAGE));
    ours(img("convert", "-f", "qcow2", "-O", "raw", IMAGE, BACK));
    requireWhole("back.raw");
  }

  @Test
  void aFileSystemThatChangesInAnOverlayIsCommittedAndGoesBackToASnapshot() throws Exception {
    ours(img("convert", "-f", "raw", "-O", "qcow2", RAW, IMAGE));
    ours(img("snapshot", "-c", "before", IMAGE));
    Files.copy(file("fs.raw"), file("later.raw"));
    byte[] added = new byte[300_000];
    seed.random().nextBytes(added);
    Files.write(file("added"), added);
    run("debugfs", "-w", "-R", "write " + file("added") + " added", file("later.raw").toString());
    run("debugfs", "-w", "-R", "rm file0", file("later.raw").toString());

    ours(
        img(
            ("convert -f raw -O qcow2 -B {dir}/fs.qcow2 -F qcow2 {dir}/later.raw"
                    + " {dir}/overlay.qcow2")
                .split(" ")));
    real(img("check", "{dir}/overlay.qcow2"));
    real(img("convert", "-f", "qcow2", "-O", "raw", "{dir}/overlay.qcow2", BACK));
    assertThat(file("back.raw")).hasSameBinaryContentAs(file("later.raw"));

    ours(img("commit", "-q", "{dir}/overlay.qcow2"));
    real(img("check", IMAGE));
    real(img("convert", "-f", "qcow2", "-O", "raw", IMAGE, BACK));
    assertThat(file("back.raw")).hasSameBinaryContentAs(file("later.raw"));
    run("e2fsck", "-fn", file("back.raw").toString());
    assertThat(dumped("back.raw", "added")).isEqualTo(added);

    ours(img("snapshot", "-a", "before", IMAGE));
    real(img("check", IMAGE));
    real(img("convert", "-f", "qcow2", "-O", "raw", IMAGE, BACK));
    requireWhole("back.raw");
  }

  /** The same bytes, a file system without a fault, and all files as they were. */
  private void requireWhole(String name) throws Exception {
    assertThat(file(name)).hasSameBinaryContentAs(file("fs.raw"));
    run("e2fsck", "-fn", file(name).toString());
    for (int i = 0; i < FILES; i++) {
      assertThat(dumped(name, "file" + i))
          .as("file%d, seed %s", i, seed)
          .isEqualTo(Files.readAllBytes(dir.resolve("tree/file" + i)));
    }
  }

  private byte[] dumped(String image, String name) throws Exception {
    Path target = file("dumped");
    Files.deleteIfExists(target);
    run("debugfs", "-R", "dump " + name + " " + target, file(image).toString());
    return Files.readAllBytes(target);
  }

  private Path file(String name) {
    return dir.resolve(name);
  }

  private ToolOutput ours(ToolCall call) {
    return requireGood(call, Tools.ours(call.in(dir.toString(), ""), dir));
  }

  private ToolOutput real(ToolCall call) {
    return requireGood(call, Tools.real(call.in(dir.toString(), ""), dir));
  }

  private static ToolOutput requireGood(ToolCall call, ToolOutput output) {
    assertThat(output.exitCode()).as("%s: %s", call, output).isZero();
    return output;
  }

  private static void run(String tool, String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/sbin/" + tool));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
  }
}
