package io.faultdisk.cli.own;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.Seed;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.cli.Main;
import io.faultdisk.cli.Stdio;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code rules for-file} on real file systems: what is in the sectors it names is the file. */
@Timeout(120)
class ForFileIT {
  /** XFS makes none that are smaller. */
  private static final long BYTES = 320L << 20;

  @TempDir Path directory;

  private final Seed seed = Seed.fresh();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    List<String> words = new ArrayList<>(List.of("rules", "for-file"));
    words.addAll(List.of(args));
    return Main.run(words, new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false));
  }

  private JsonObject json(Path file) throws Exception {
    out.reset();
    assertThat(run("--format", "json", "--whole", file.toString())).as("%s", err).isZero();
    return (JsonObject) Json.parse(out.toByteArray());
  }

  private static long number(JsonObject object, String name) {
    return Long.parseLong(((JsonNumber) object.members().get(name)).text());
  }

  private static JsonArray extents(JsonObject report) {
    return (JsonArray) report.members().get("extents");
  }

  /** The file as it lies in the sectors of the image; holes stay zero. */
  private static byte[] assemble(Path image, JsonObject report, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    try (RandomAccessFile disk = new RandomAccessFile(image.toFile(), "r")) {
      for (var each : extents(report).elements()) {
        JsonObject extent = (JsonObject) each;
        int offset = (int) number(extent, "offset");
        disk.seek(number(extent, "start") * 512);
        int length = (int) Math.min(number(extent, "nr_sectors") * 512, bytes - offset);
        disk.readFully(content, offset, length);
      }
    }
    return content;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void theSectorsHoldTheFile(String type) throws Exception {
    System.out.println("content of the file: seed " + seed);
    byte[] content = new byte[3_000_001];
    seed.random().nextBytes(content);
    JsonObject plain;
    JsonObject holes;
    byte[] sparse = new byte[2_000_000];
    try (LoopMount mount = new LoopMount(directory, type, BYTES)) {
      // Not synced: that is the command's business.
      Path file = Files.write(mount.directory().resolve("file"), content);
      plain = json(file);
      assertThat(plain.members()).containsEntry("filesystem", new JsonString(type));
      assertThat(plain.members())
          .containsEntry("counted-in", new JsonString(mount.image().toString()));
      assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();

      Path other = mount.directory().resolve("holes");
      try (RandomAccessFile writer = new RandomAccessFile(other.toFile(), "rw")) {
        writer.setLength(sparse.length);
        for (int at : new int[] {0, 700_000, 1_999_000}) {
          System.arraycopy(content, at, sparse, at, 1000);
          writer.seek(at);
          writer.write(content, at, 1000);
        }
      }
      holes = json(other);
      assertThat(err.toString(StandardCharsets.UTF_8)).contains(" bytes of the file are holes");
    }
    assertThat(assemble(directory.resolve(type + ".img"), plain, content.length))
        .isEqualTo(content);
    byte[] found = assemble(directory.resolve(type + ".img"), holes, sparse.length);
    assertThat(Arrays.equals(found, sparse)).isTrue();
  }

  @Test
  void theRulesHitTheFileAndNothingElse() throws Exception {
    Path rules = directory.resolve("rules.conf");
    long start;
    Path image;
    try (LoopMount mount = new LoopMount(directory, "ext4", BYTES)) {
      image = mount.image();
      Path file = Files.write(mount.directory().resolve("file"), new byte[100_000]);
      start = number((JsonObject) extents(json(file)).elements().getFirst(), "start");
      out.reset();
      assertThat(run("--iotype", "read", "--whole", file.toString())).as("%s", err).isZero();
      Files.write(rules, out.toByteArray());
    }
    out.reset();
    List<String> io = new ArrayList<>(List.of("io", "-r", "-f", "raw"));
    io.addAll(List.of("-c", "read " + (start - 1) * 512 + " 512"));
    io.addAll(List.of("-c", "read " + start * 512 + " 512"));
    io.add("blkdebug:" + rules + ":" + image);
    Main.run(io, new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false));
    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith("read 512/512 bytes at offset " + (start - 1) * 512 + "\n")
        .endsWith("read failed: Input/output error\n");
  }

  @Test
  void whatIsOnlyAllocatedIsSaidToBe() throws Exception {
    try (LoopMount mount = new LoopMount(directory, "ext4", BYTES)) {
      Path file = mount.directory().resolve("file");
      LoopMount.run("fallocate", "-l", "100000", file.toString());
      assertThat(run("--format", "table", file.toString())).isZero();
      assertThat(out.toString(StandardCharsets.UTF_8)).contains("196  unwritten\n");
      assertThat(err.toString(StandardCharsets.UTF_8))
          .isEqualTo(
              "faultdisk: warning: some extents are allocated but not written: they read as zeroes"
                  + " without a request to the device\n");
      Path empty = Files.createFile(mount.directory().resolve("empty"));
      err.reset();
      assertThat(run(empty.toString())).isEqualTo(1);
      assertThat(err.toString(StandardCharsets.UTF_8))
          .isEqualTo("faultdisk: no sectors hold '" + empty + "': it is empty\n");
    }
  }
}
