package io.faultdisk.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.testkit.RandomCases;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathGlobTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "*.wal /data/a.wal true",
        "*.wal /data/a.wal.old false",
        "a.wal /data/a.wal true",
        "/data/*.wal /data/a.wal true",
        "/data/*.wal /data/x/a.wal false",
        "/data/**/*.wal /data/x/y/a.wal true",
        "/**.wal /data/x/a.wal true",
        "seg-?.log /s/seg-1.log true",
        "seg-[0-3].log /s/seg-4.log false",
        "seg-[!0-3].log /s/seg-4.log true",
        "*.{log,wal} /s/x.wal true",
        "a\\*b /s/a*b true",
        "a\\*b /s/axb false",
        "a.b /s/axb false",
        "[-a] /s/- true",
        "[a-] /s/- true",
        "[a-c-e] /s/d false",
        "x{,y}z /s/xz true",
        "x{,y}z /s/xyz true",
        "{} /s/ true",
        "a},b /s/a},b true",
      })
  void matches(String glob, String path, boolean expected) {
    assertThat(PathGlob.of(glob).matches(path)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[a", "{a", "{a{b}}", "a\\", "[b-a]", "[!]"})
  void refusesWhatIsNotAPattern(String glob) {
    assertThatThrownBy(() -> PathGlob.of(glob)).isInstanceOf(PatternSyntaxException.class);
  }

  @Test
  void aLiteralPathMatchesItselfOnly() {
    String path = "/d*t?/[a]{b,c}/\\!x";
    assertThat(PathGlob.literally(path).matches(path)).isTrue();
    assertThat(PathGlob.literally(path).matches("/dat?/[a]{b,c}/\\!x")).isFalse();
  }

  /** The JDK's globs are the yardstick. */
  @Test
  void agreesWithTheJdk() {
    String[] parts = {"*", "**", "?", "a", "b", ".", "/", "[ab]", "[!a]", "{a,b.}", "-", "+", "("};
    String[] names = {"a", "b", ".", "/", "-", "+", "(", "ab", "b."};
    RandomCases.run(
        "globs",
        20000,
        random -> {
          StringBuilder glob = new StringBuilder("/");
          StringBuilder path = new StringBuilder("/x");
          for (int i = random.nextInt(6); i >= 0; i--) {
            glob.append(parts[random.nextInt(parts.length)]);
          }
          for (int i = random.nextInt(6); i >= 0; i--) {
            path.append(names[random.nextInt(names.length)]);
          }
          Path jdk = Path.of(path.toString());
          boolean expected = FileSystems.getDefault().getPathMatcher("glob:" + glob).matches(jdk);
          assertThat(PathGlob.of(glob.toString()).matches(jdk.toString()))
              .as("%s against %s", glob, jdk)
              .isEqualTo(expected);
        });
  }
}
