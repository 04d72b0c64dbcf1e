package io.faultdisk.block.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What qemu-io said about option strings and {@code json:} names, word for word.
 *
 * <p>The texts are in {@code golden-options.txt}: a line {@code $ ARGUMENTS} and what was printed,
 * as {@link QemuIo} filters it. With {@code -Dfaultdisk.golden=write} the installed qemu-io is
 * asked again and the file rewritten; look at the difference before committing it.
 */
class OptionsGoldenTest {
  private static final Path FILE =
      Path.of("src/test/resources/io/faultdisk/block/options/golden-options.txt");
  private static final String IMAGE_OPTS = "--image-opts ";

  /**
   * One call.
   *
   * @param arguments after {@code qemu-io -c quit}
   */
  private record Golden(String arguments, String printed) {
    boolean imageOpts() {
      return arguments.startsWith(IMAGE_OPTS);
    }

    String last() {
      return imageOpts() ? arguments.substring(IMAGE_OPTS.length()) : arguments;
    }
  }

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> weSayTheSame() throws IOException {
    List<Golden> all = read();
    if (System.getProperty("faultdisk.golden", "").equals("write")) {
      all = write(all);
    }
    assertThat(all).isNotEmpty();
    return all.stream().map(g -> DynamicTest.dynamicTest(g.arguments(), () -> check(g)));
  }

  private static void check(Golden golden) throws Exception {
    String ours =
        golden.imageOpts() ? Rehearsal.imageOpts(golden.last()) : Rehearsal.open(golden.last());
    assertThat(ours).isEqualTo(golden.printed());
  }

  private static List<Golden> read() throws IOException {
    List<Golden> all = new ArrayList<>();
    String arguments = "";
    List<String> printed = new ArrayList<>();
    for (String line : Files.readAllLines(FILE)) {
      if (line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("$ ")) {
        arguments = line.substring(2);
        printed.clear();
      } else if (line.isEmpty()) {
        all.add(new Golden(arguments, String.join("\n", printed)));
      } else {
        printed.add(line);
      }
    }
    return all;
  }

  private List<Golden> write(List<Golden> old) throws IOException {
    QemuIo qemuIo = QemuIo.in(folder);
    List<Golden> fresh = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (String line : Files.readAllLines(FILE)) {
      if (line.startsWith("#")) {
        text.append(line).append('\n');
      }
    }
    for (Golden golden : old) {
      String printed =
          golden.imageOpts()
              ? qemuIo.open("--image-opts", golden.last())
              : qemuIo.open(golden.last());
      fresh.add(new Golden(golden.arguments(), printed));
      text.append("$ ").append(golden.arguments()).append('\n').append(printed).append("\n\n");
    }
    Files.writeString(FILE, text);
    return fresh;
  }
}
