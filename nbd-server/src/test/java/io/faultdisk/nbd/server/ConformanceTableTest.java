package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nbd.AllocationFlag;
import io.faultdisk.nbd.ChunkFlag;
import io.faultdisk.nbd.CommandFlag;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.ExportFlag;
import io.faultdisk.nbd.HandshakeFlag;
import io.faultdisk.nbd.InfoType;
import io.faultdisk.nbd.NbdError;
import io.faultdisk.nbd.OptionReply;
import io.faultdisk.nbd.OptionType;
import io.faultdisk.nbd.ReplyType;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** The tables in {@code docs/nbd.md} are complete, and the tests that they name are there. */
class ConformanceTableTest {
  /** What the protocol puts before a constant's name. */
  private static final Map<Class<? extends Enum<?>>, String> PREFIXES =
      Map.ofEntries(
          Map.entry(OptionType.class, "NBD_OPT_"),
          Map.entry(OptionReply.class, "NBD_REP_"),
          Map.entry(InfoType.class, "NBD_INFO_"),
          Map.entry(CommandType.class, "NBD_CMD_"),
          Map.entry(CommandFlag.class, "NBD_CMD_FLAG_"),
          Map.entry(ExportFlag.class, "NBD_FLAG_"),
          Map.entry(HandshakeFlag.class, "NBD_FLAG_"),
          Map.entry(ReplyType.class, "NBD_REPLY_TYPE_"),
          Map.entry(ChunkFlag.class, "NBD_REPLY_FLAG_"),
          Map.entry(NbdError.class, "NBD_"),
          Map.entry(AllocationFlag.class, "NBD_STATE_"));

  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))#(\\w+)`");

  private static String text = "";
  private static List<String> rows = List.of();

  @BeforeAll
  static void read() throws IOException {
    Path root = Path.of(System.getProperty("faultdisk.root", ".."));
    text = Files.readString(root.resolve("docs/nbd.md"));
    rows = text.lines().filter(line -> line.startsWith("| `NBD_")).toList();
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>();
    PREFIXES.forEach(
        (type, prefix) -> {
          for (Enum<?> constant : type.getEnumConstants()) {
            names.add(prefix + constant.name());
          }
        });
    // The protocol has a shorter name for this one.
    names.replaceAll(
        name ->
            name.equals("NBD_FLAG_BLOCK_STATUS_PAYLOAD") ? "NBD_FLAG_BLOCK_STAT_PAYLOAD" : name);
    return names;
  }

  @Test
  void everyConstantHasOneRow() {
    List<String> first = rows.stream().map(row -> row.split("`")[1]).toList();
    assertThat(first).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(names());
  }

  @Test
  void everyRowHasATestUnlessItSaysNo() {
    for (String row : rows) {
      String[] cells = row.split("\\|");
      assertThat(TEST.matcher(row).find() || cells[2].strip().startsWith("no:")).as(row).isTrue();
    }
  }

  @Test
  void everyTestIsThere() {
    List<MatchResult> tests = TEST.matcher(text).results().toList();
    assertThat(tests).isNotEmpty();
    for (MatchResult test : tests) {
      assertThat(method(test.group(1), test.group(2))).as(test.group()).isPresent();
    }
  }

  private static Optional<Method> method(String type, String name) {
    try {
      Class<?> found = Class.forName(ConformanceTableTest.class.getPackageName() + "." + type);
      return Arrays.stream(found.getDeclaredMethods())
          .filter(method -> method.getName().equals(name))
          .filter(
              method ->
                  method.isAnnotationPresent(Test.class)
                      || method.isAnnotationPresent(ParameterizedTest.class))
          .findFirst();
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  /** A name in backquotes with a {@code #} that the pattern misses would go unchecked. */
  @Test
  void everyNameOfATestIsUnderstood() {
    Matcher any = Pattern.compile("`[^`\\s]+#[^`]*`").matcher(text);
    assertThat(any.results().map(MatchResult::group))
        .allMatch(each -> TEST.matcher(each).matches());
  }
}
