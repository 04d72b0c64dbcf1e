package io.faultdisk.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every file in {@code examples} does what its head says: {@code $} commands, {@code >} output,
 * {@code 2>} standard error, {@code !} exit code of the last command.
 */
final class ExamplesTest {
  private static final Path EXAMPLES = Path.of("..", "examples");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
  private static final Pattern SIZE = Pattern.compile("(\\d+)M");

  @TempDir Path temp;

  @TestFactory
  Stream<DynamicTest> doesWhatItSays() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(EXAMPLES)) {
      files = all.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(5);
    return files.stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> run(file)));
  }

  private void run(Path example) throws Exception {
    List<String> expected = new ArrayList<>();
    List<String> complaints = new ArrayList<>();
    List<String> printed = new ArrayList<>();
    List<String> complained = new ArrayList<>();
    int expectedExit = 0;
    boolean exitGiven = false;
    int exit = 0;
    for (String line : Files.readAllLines(example)) {
      if (line.equals("# >") || line.startsWith("# > ")) {
        expected.add(line.substring(Math.min(4, line.length())));
      } else if (line.startsWith("# 2> ")) {
        complaints.add(line.substring(5));
      } else if (line.startsWith("# ! ")) {
        expectedExit = Integer.parseInt(line.substring(4));
        exitGiven = true;
      } else if (line.startsWith("# $ ")) {
        exit = command(words(line.substring(4)), example, printed, complained);
      }
    }
    assertThat(expected).as("the example shows its output").isNotEmpty();
    assertThat(printed).containsExactlyElementsOf(expected);
    assertThat(complained).containsExactlyElementsOf(complaints);
    boolean failures = expected.stream().anyMatch(line -> line.contains(" failed: "));
    assertThat(exit).isEqualTo(exitGiven ? expectedExit : failures ? 1 : 0);
  }

  private int command(
      List<String> words, Path example, List<String> printed, List<String> complained)
      throws Exception {
    switch (words.get(0)) {
      case "truncate" -> {
        Matcher size = SIZE.matcher(words.get(2));
        assertThat(size.matches()).as(words.get(2)).isTrue();
        try (RandomAccessFile image = new RandomAccessFile(absolute(words.get(3), example), "rw")) {
          image.setLength(Long.parseLong(size.group(1)) << 20);
        }
        return 0;
      }
      case "mkfs.ext4" -> {
        Path tool = Path.of("/sbin/mkfs.ext4");
        Assumptions.assumeTrue(
            Files.isExecutable(tool), "mkfs.ext4 is not installed (Debian: apt install e2fsprogs)");
        List<String> call = new ArrayList<>(List.of(tool.toString()));
        words.subList(1, words.size()).forEach(word -> call.add(absolute(word, example)));
        return new ProcessBuilder(call).inheritIO().start().waitFor();
      }
      case "faultdisk" -> {
        List<String> args = new ArrayList<>();
        words.subList(1, words.size()).forEach(word -> args.add(absolute(word, example)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit =
            Main.run(args, new Stdio(new ByteArrayInputStream(new byte[0]), out, err, false));
        complained.addAll(err.toString(StandardCharsets.UTF_8).lines().toList());
        for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
          printed.add(line.replaceAll("( ops; ).*", "$1..."));
        }
        return exit;
      }
      default -> throw new AssertionError("an example cannot run " + words);
    }
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
    return words;
  }

  /**
   * Commands are written as if run in the examples directory; the image goes to a directory of the
   * test's own.
   */
  private String absolute(String word, Path example) {
    String name = example.getFileName().toString();
    return word.replace("disk.img", temp.resolve(name + ".img").toString())
        .replace("blkdebug:" + name, "blkdebug:" + example.toAbsolutePath().normalize());
  }
}
