package io.faultdisk.cli.matrix;

import static io.faultdisk.cli.call.ToolCall.img;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.cli.call.Workbench;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images whose bitmap directory or tables make no sense: the same words, the same bytes. */
class BrokenBitmapsTest {
  private static final String IMAGE = "disk.qcow2";
  private static final String FILE = "{dir}/" + IMAGE;
  private static final int EXTENSION = 0x23852875;
  private static final int HEADER_BYTES = 112;

  private static final List<ToolCall> STEPS =
      List.of(
          img("info", FILE),
          img("check", FILE),
          new ToolCall("qemu-io", List.of("-r", "-c", "read 0 64k", FILE)),
          new ToolCall("qemu-io", List.of("-c", "write 0 64k", FILE)),
          img("bitmap", "--add", FILE, "c"),
          img("resize", "-q", FILE, "11M"),
          img("bitmap", "--remove", FILE, "a"),
          img("check", "-r", "all", FILE),
          img("check", FILE));

  @TempDir private Path folder;

  /** What a place in the image is relative to. */
  private enum Part {
    HEADER,
    EXTENSION,
    DIRECTORY,
    TABLE
  }

  @ParameterizedTest
  @CsvSource({
    "EXTENSION, 0, 4, 70000",
    "EXTENSION, 0, 4, 0",
    "EXTENSION, 0, 4, 1",
    "EXTENSION, 0, 4, 3",
    "EXTENSION, 4, 4, 1",
    "EXTENSION, 8, 8, 0",
    "EXTENSION, 8, 8, 32",
    "EXTENSION, 8, 8, 60",
    "EXTENSION, 8, 8, 72",
    "EXTENSION, 8, 8, 67107841",
    "EXTENSION, 16, 8, 512",
    "EXTENSION, 16, 8, 0",
    "EXTENSION, -4, 4, 16",
    "DIRECTORY, 0, 8, 0",
    "DIRECTORY, 0, 8, 512",
    "DIRECTORY, 0, 8, 1048576000",
    "DIRECTORY, 8, 4, 0",
    "DIRECTORY, 8, 4, 2",
    "DIRECTORY, 8, 4, 134217729",
    "DIRECTORY, 8, 4, 10000",
    "DIRECTORY, 12, 4, 0",
    "DIRECTORY, 12, 4, 1",
    "DIRECTORY, 12, 4, 3",
    "DIRECTORY, 12, 4, 4",
    "DIRECTORY, 16, 1, 2",
    "DIRECTORY, 17, 1, 8",
    "DIRECTORY, 17, 1, 32",
    "DIRECTORY, 17, 1, 9",
    "DIRECTORY, 17, 1, 20",
    "DIRECTORY, 18, 2, 0",
    "DIRECTORY, 18, 2, 4",
    "DIRECTORY, 18, 2, 1024",
    "DIRECTORY, 18, 2, 60000",
    "DIRECTORY, 20, 4, 4",
    "DIRECTORY, 20, 4, 100000",
    "DIRECTORY, 20, 4, -8",
    "DIRECTORY, 24, 1, 98",
    "DIRECTORY, 24, 1, 0",
    "TABLE, 0, 8, 1",
    "TABLE, 0, 8, 2",
    "TABLE, 0, 8, 65537",
    "TABLE, 0, 8, 512",
    "TABLE, 0, 8, 65536000000",
    "TABLE, 0, 8, 72057594037927936",
    "HEADER, 95, 1, 0",
    "HEADER, 95, 1, 255"
  })
  void areTreatedAlike(Part part, int at, int width, long value) {
    Assumptions.assumeTrue(
        Tools.realToolsExist(), "qemu-img is not installed (Debian: apt install qemu-utils)");
    Workbench bench = new Workbench(folder.resolve("bench"));
    Map<String, byte[]> before = prepare(bench);
    ByteBuffer image = ByteBuffer.wrap(before.get(IMAGE));
    long extension = extension(image);
    long directory = image.getLong((int) extension + 16);
    long start =
        switch (part) {
          case HEADER -> 0;
          case EXTENSION -> extension;
          case DIRECTORY -> directory;
          case TABLE -> image.getLong((int) directory);
        };
    int place = (int) start + at;
    switch (width) {
      case 1 -> image.put(place, (byte) value);
      case 2 -> image.putShort(place, (short) value);
      case 4 -> image.putInt(place, (int) value);
      default -> image.putLong(place, value);
    }
    Comparison.Result result = new Comparison(bench).compare(before, STEPS, FILE);
    assertThat(result.verdict()).as(result.report()).isEqualTo(Verdict.SAME_BYTES);
  }

  @Test
  void aHealthyImageIsTreatedAlike() {
    areTreatedAlike(Part.DIRECTORY, 16, 1, 1);
  }

  private static Map<String, byte[]> prepare(Workbench bench) {
    bench.setTo(Map.of());
    List<ToolCall> setup =
        List.of(
            img("create", "-q", "-f", "qcow2", FILE, "10M"),
            img("bitmap", "--add", FILE, "a"),
            new ToolCall("qemu-io", List.of("-c", "write 1M 1M", FILE)),
            img("bitmap", "--add", FILE, "b"));
    for (ToolOutput output : bench.real(setup, "")) {
      assertThat(output.exitCode()).as("setup: %s", output).isZero();
    }
    return new TreeMap<>(bench.files());
  }

  /** Where the data of the bitmaps extension are. */
  private static int extension(ByteBuffer image) {
    int at = HEADER_BYTES;
    while (image.getInt(at) != EXTENSION) {
      int length = image.getInt(at + 4);
      at += 8 + (length + 7 & -8);
    }
    return at + 8;
  }
}
