package io.faultdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.UsageException;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the guide and the README show is what runs: each Java block is a piece of the example
 * project, whose tests run in the same build, and each rule file is read.
 */
class GuideTest {
  private static final Path ROOT = Path.of(System.getProperty("faultdisk.root"));
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  private record Block(String page, String language, String text) {
    @Override
    public String toString() {
      return page + ", " + language + ": " + text.strip().lines().findFirst().orElse("");
    }
  }

  private static List<Block> blocks(String... languages) throws IOException {
    List<Block> blocks = new ArrayList<>();
    blocks.addAll(blocksOf("docs/jvm.md", Files.readString(ROOT.resolve("docs/jvm.md"))));
    String readme = Files.readString(ROOT.resolve("README.md"));
    int from = readme.indexOf("## Inside a JVM");
    assertThat(from).as("the README's section").isPositive();
    blocks.addAll(blocksOf("README.md", readme.substring(from, readme.indexOf("\n## ", from))));
    blocks.removeIf(block -> !List.of(languages).contains(block.language()));
    assertThat(blocks).isNotEmpty();
    return blocks;
  }

  private static List<Block> blocksOf(String page, String text) {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      blocks.add(new Block(page, matcher.group(1), matcher.group(2)));
    }
    return blocks;
  }

  static List<Block> java() throws IOException {
    return blocks("java");
  }

  static List<Block> rules() throws IOException {
    return blocks("ini", "json");
  }

  /** Without what the formatter decides. */
  private static String plain(String text) {
    return text.replaceAll("\\s+", "");
  }

  @ParameterizedTest
  @MethodSource("java")
  void isAPieceOfTheExampleProject(Block block) throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(ROOT.resolve("examples/jvm/src"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        sources.add(plain(Files.readString(file)));
      }
    }
    String wanted = plain(block.text());
    assertThat(sources).anyMatch(source -> source.contains(wanted));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void isARuleFile(Block block) throws UsageException {
    assertThat(RuleSources.read(RuleFile.of("guide", block.text()), Dialect.FILES)).isNotEmpty();
  }

  /** Who imports it gets one version of all that is published, and of nothing else. */
  @Test
  void theBomHasWhatIsPublished() throws IOException {
    String bom = Files.readString(ROOT.resolve("bom/pom.xml"));
    Set<String> named = new TreeSet<>(all(bom, "<artifactId>faultdisk-([a-z]+)</artifactId>"));
    assertThat(named.remove("bom")).isTrue();
    Set<String> published = new TreeSet<>();
    for (String module : all(Files.readString(ROOT.resolve("pom.xml")), "<module>([a-z0-9-]+)<")) {
      if (Files.exists(ROOT.resolve(module).resolve("src/main/java/module-info.java"))) {
        published.add(module);
      }
    }
    assertThat(named).isEqualTo(published);
    String parent = Files.readString(ROOT.resolve("pom.xml"));
    String version = "<version>([0-9][^<]*)</version>";
    assertThat(all(bom, version).get(0)).isEqualTo(all(parent, version).get(0));
  }

  private static List<String> all(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
  }
}
