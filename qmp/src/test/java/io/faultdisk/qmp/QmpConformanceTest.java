package io.faultdisk.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same requests to the real qemu-storage-daemon and to ours: the same replies and events, key
 * by key. Times, paths and the version are masked.
 *
 * <p>Scripts are files, {@code scripts/*.txt}: a request per line, {@code $DIR} for a directory of
 * its own. {@code @await TEXT} takes what comes up to a line with the text in it, {@code @file NAME
 * BYTES} makes an empty file. A script that says {@code @apart} has events that may come before or
 * after a reply, so both are compared on their own.
 */
class QmpConformanceTest {
  @TempDir private Path temp;

  static Stream<String> scripts() throws URISyntaxException, IOException {
    Path folder =
        Path.of(Objects.requireNonNull(QmpConformanceTest.class.getResource("scripts")).toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void agrees(String script) throws Exception {
    RealServer.requireInstalled();
    List<String> lines = lines(script);
    List<String> real;
    Path theirs = Files.createDirectory(temp.resolve("q"));
    try (RealServer server = new RealServer(theirs)) {
      real = run(lines, server.socket(), theirs);
    }
    List<String> own;
    Path ours = Files.createDirectory(temp.resolve("f"));
    try (TestServer server = new TestServer(ours)) {
      own = run(lines, server.socket(), ours);
    }
    assertThat(own).containsExactlyElementsOf(real);
  }

  private static List<String> lines(String script) {
    try (var in = QmpConformanceTest.class.getResourceAsStream("scripts/" + script)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> run(List<String> script, Path socket, Path directory)
      throws IOException {
    boolean apart = script.contains("@apart");
    List<String> transcript = new ArrayList<>();
    List<String> events = new ArrayList<>();
    try (TestClient client = TestClient.connect(socket)) {
      transcript.add(masked(client.line(), directory));
      for (String line : script) {
        List<String> answer;
        if (line.equals("@apart")) {
          continue;
        } else if (line.startsWith("@file ")) {
          String[] words = line.split(" ");
          try (var file =
              new java.io.RandomAccessFile(directory.resolve(words[1]).toFile(), "rw")) {
            file.setLength(Long.parseLong(words[2]));
          }
          continue;
        } else if (line.startsWith("@await ")) {
          String text = line.substring("@await ".length());
          boolean seen = apart && events.stream().anyMatch(event -> event.contains(text));
          answer = seen ? List.of() : client.until(text);
        } else {
          answer = client.exchange(line.replace("$DIR", directory.toString()));
        }
        transcript.add("> " + line);
        for (String each : answer) {
          if (each.contains("\"event\": \"__io.faultdisk_")) {
            continue; // ours: whoever does not know them has to ignore them
          }
          String masked = masked(each, directory);
          if (apart && !TestClient.isReply(each)) {
            events.add(masked);
          } else {
            transcript.add(masked);
          }
        }
      }
    }
    transcript.addAll(events);
    return transcript;
  }

  private static String masked(String line, Path directory) {
    return line.replace(directory.toString(), "$DIR")
        .replaceAll("\"seconds\": [0-9]+, \"microseconds\": [0-9]+", "TIME")
        .replaceAll("\"micro\": [0-9]+, \"minor\": [0-9]+, \"major\": [0-9]+", "VERSION")
        .replaceAll("#block[0-9]+", "#block")
        .replaceAll("\"package\": \"[^\"]*\"", "PACKAGE");
  }
}
