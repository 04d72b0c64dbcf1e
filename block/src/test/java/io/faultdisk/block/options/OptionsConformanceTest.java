package io.faultdisk.block.options;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random file names and option strings, near to valid ones, given to the real qemu-io and to us:
 * both accept, or both refuse with the same words.
 */
class OptionsConformanceTest {
  private static final int CASES = 250;

  private static final List<String> KEYS =
      List.of(
          "driver",
          "size",
          "offset",
          "cache.direct",
          "cache.no-flush",
          "read-only",
          "auto-read-only",
          "force-share",
          "discard",
          "detect-zeroes",
          "foo",
          "bar",
          "no",
          "nofoo",
          "a.b",
          "",
          "id",
          "file",
          "file.",
          "file.foo",
          "file.bar.x",
          "file.locking",
          "file.aio",
          "file.aio-max-batch",
          "file.drop-cache",
          "file.x-check-cache-dropped",
          "file.discard",
          "file.driver",
          "file.read-only",
          "file.cache.no-flush",
          "filename",
          "file.filename");

  private static final List<String> VALUES =
      List.of(
          "on",
          "off",
          "yes",
          "no",
          "y",
          "n",
          "true",
          "false",
          "TRUE",
          "1",
          "0",
          "512",
          "1k",
          "0x200",
          "0x1k",
          "1.5k",
          "",
          " 512",
          "+512",
          "-1",
          "99999999999999999999",
          "x",
          "a,,b",
          "raw",
          "file",
          "t.raw",
          "auto",
          "threads",
          "unmap",
          "ignore",
          "010",
          "1e3");

  @TempDir Path folder;
  private QemuIo qemuIo;

  /** How many cases were compared, and how many of them were refused by both. */
  private int compared;

  private int refused;

  @BeforeEach
  void start() throws IOException {
    qemuIo = QemuIo.in(folder);
  }

  @Test
  void optionStringsAreReadAlike() {
    RandomCases.run(
        "--image-opts",
        CASES,
        random -> {
          List<String> parts = new ArrayList<>(List.of("driver=raw", "file.filename=t.raw"));
          for (int i = random.nextInt(4); i > 0; i--) {
            String flag = pick(random, KEYS);
            String pair = flag + "=" + pick(random, VALUES);
            parts.add(random.nextInt(parts.size() + 1), random.nextInt(8) == 0 ? flag : pair);
          }
          String text = mutate(random, String.join(",", parts), random.nextInt(3) == 0 ? 1 : 0);
          try {
            compare(text, Rehearsal.imageOpts(text), qemuIo.open("--image-opts", text));
          } catch (Rehearsal.Unpredictable e) {
            // depends on more than options
          }
        });
    report("option strings");
  }

  @Test
  void jsonNamesAreReadAlike() {
    RandomCases.run(
        "json:",
        CASES,
        random -> {
          StringBuilder members = new StringBuilder("'driver':'raw','file':{");
          members
              .append(random.nextBoolean() ? "'driver':'file'," : "")
              .append("'filename':'t.raw'");
          for (int i = random.nextInt(3); i > 0; i--) {
            String key = pick(random, KEYS).replaceFirst("^file\\.", "");
            members.append(",'").append(key).append("':").append(RandomJson.value(random, 2));
          }
          members.append('}');
          for (int i = random.nextInt(3); i > 0; i--) {
            members.append(",'").append(pick(random, KEYS)).append("':");
            members.append(
                random.nextBoolean()
                    ? RandomJson.value(random, 2)
                    : "'" + pick(random, VALUES) + "'");
          }
          String text = "json:" + mutate(random, "{" + members + "}", random.nextInt(3));
          if (!text.startsWith("json:")) {
            return;
          }
          try {
            compare(text, Rehearsal.open(text), qemuIo.open(text));
          } catch (Rehearsal.Unpredictable e) {
            // depends on more than options
          }
        });
    report("json: names");
  }

  @Test
  void bytesThatAreNoUtf8AreReadAlike() {
    RandomCases.run(
        "bytes in json:",
        CASES,
        random -> {
          String text = "json:[" + RandomJson.value(random, 1) + ",'0123456789012345']";
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          for (int i = random.nextInt(1, 6); i > 0; i--) {
            int at = bytes.length - 2 - random.nextInt(16);
            // Lead and continuation bytes, rarely others; never NUL.
            bytes[at] = (byte) (random.nextInt(4) > 0 ? random.nextInt(0x80, 0x100) : 'u');
          }
          compare(text, parse(bytes), qemuIo.open(bytes));
        });
    report("bytes in json: names");
  }

  private static String parse(byte[] filename) {
    String message;
    try {
      Json.parse(Arrays.copyOfRange(filename, "json:".length(), filename.length));
      message = "Invalid JSON object given";
    } catch (UsageException e) {
      message = "Could not parse the JSON options: " + e.getMessage();
    }
    return "qemu-io: can't open device ARG: " + message;
  }

  private void compare(String input, String ours, String theirs) {
    if (theirs.isEmpty()) {
      return;
    }
    compared++;
    refused += theirs.endsWith(Rehearsal.ACCEPTED) ? 0 : 1;
    // A value may bring line breaks along; which of them ends the message cannot be told.
    assertThat(ours.replaceAll("\n+", "\n").strip()).as("%s", input).isEqualTo(theirs.strip());
  }

  private void report(String what) {
    System.err.println(what + ": " + compared + " compared, " + refused + " refused by both");
    assertThat(refused).isPositive();
  }

  /** Exchanges, removes, doubles or adds characters. */
  private static String mutate(RandomGenerator random, String text, int times) {
    String changed = text;
    for (int i = 0; i < times && !changed.isEmpty(); i++) {
      int at = random.nextInt(changed.length());
      String rest = changed.substring(at + 1);
      String insert =
          switch (random.nextInt(4)) {
            case 0 -> "";
            case 1 -> changed.charAt(at) + "" + changed.charAt(at);
            case 2 -> pick(random, RandomJson.SNIPPETS);
            default -> changed.charAt(at) + pick(random, RandomJson.SNIPPETS);
          };
      changed = changed.substring(0, at) + insert + rest;
    }
    return changed;
  }

  private static String pick(RandomGenerator random, List<String> list) {
    return list.get(random.nextInt(list.size()));
  }
}
