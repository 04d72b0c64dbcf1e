package io.faultdisk.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class UnitsTest {

  static List<String> golden() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(UnitsTest.class.getResourceAsStream("sizes.golden"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("golden")
  void isWhatQemuIoSaid(String line) {
    String[] words = line.split(" ", 3);
    String ours =
        words[0].equals("parse")
            ? SizeOracle.ours(words[1])
            : Units.human(Long.parseLong(words[1]));
    assertThat(ours).isEqualTo(words[2]);
  }

  @Test
  void randomArgumentsMeanWhatQemuIoTakesThemFor(@TempDir Path directory) throws Exception {
    SizeOracle oracle = new SizeOracle(directory);
    assumeTrue(oracle.isThere(), "no qemu-io 7.2 on PATH to compare with");
    String given = System.getProperty("faultdisk.seed", "");
    Seed seed = given.isEmpty() ? Seed.fresh() : Seed.parse(given);
    RandomGenerator random = seed.random();
    for (int round = 0; round < 10; round++) {
      List<String> arguments = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String argument = randomArgument(random);
        // Where strtod overflows, the real tool's answer depends on the command it is given to.
        arguments.add(OVERFLOWING.matcher(argument).find() ? "1" : argument);
      }
      List<String> expected = oracle.parse(arguments);
      assertThat(expected).hasSameSizeAs(arguments);
      for (int i = 0; i < arguments.size(); i++) {
        assertThat(SizeOracle.ours(arguments.get(i)))
            .as("%s; repeat with -Dfaultdisk.seed=%s", arguments.get(i), seed)
            .isEqualTo(expected.get(i));
      }
    }
  }

  private static final Pattern OVERFLOWING = Pattern.compile("[.][0-9]*[eE][+-]?[0-9]{3}");

  private static String randomArgument(RandomGenerator random) {
    String alphabet = "0123456789" + "0159".repeat(3) + "..kKmMgGtTpPeEbBxX+-_fz";
    StringBuilder argument = new StringBuilder();
    if (random.nextInt(3) == 0) {
      argument.append(random.nextLong(1L << random.nextInt(1, 63)));
      argument.append(random.nextBoolean() ? "." + random.nextInt(10000) : "");
      argument.append("bkKMGTPE".charAt(random.nextInt(8)));
    } else {
      for (int i = random.nextInt(7); i >= 0; i--) {
        argument.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
    }
    return argument.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "0.160218, 0.160218 bytes",
    "0.0001, 0 bytes",
    "1, 1 bytes",
    "1023, 1023 bytes",
    "1023.5, 1023.500000 bytes",
    "1023.9999999, 1024 bytes",
    "1088, 1.062 KiB",
    "1048575, 1023.999 KiB",
    "22350397.44, 21.315 MiB",
  })
  void ratesAreWrittenLikeSizes(double rate, String expected) {
    assertThat(Units.human(rate)).isEqualTo(expected);
  }

  @Test
  void whatIsNoNumberIsWrittenAsC() {
    assertThat(Units.human(Double.POSITIVE_INFINITY)).isEqualTo("inf EiB");
    assertThat(Units.human(Double.NaN)).isEqualTo("nan bytes");
    assertThat(Units.fixed(0.125, 2)).isEqualTo("0.12");
    assertThat(Units.fixed(0.375, 2)).isEqualTo("0.38");
    assertThat(Units.fixed(1.005, 2)).isEqualTo("1.00");
    assertThat(Units.fixed(-1.5, 0)).isEqualTo("-2");
    assertThat(Units.fixed(Double.NEGATIVE_INFINITY, 1)).isEqualTo("-inf");
  }

  @Test
  void unsignedSizesReachTwiceAsFar() {
    assertThat(Units.parseUnsignedSize("18446744073709551615").bytes()).isEqualTo(-1);
    assertThat(Units.parseUnsignedSize("9E").isOk()).isTrue();
    assertThat(Units.parseUnsignedSize("16E").kind()).isEqualTo(SizeText.Kind.TOO_LARGE);
    assertThat(Units.parseUnsignedSize("-1").kind()).isEqualTo(SizeText.Kind.NOT_A_NUMBER);
  }

  @Test
  void hexadecimalWithSuffixIsFlagged() {
    assertThat(Units.parseSize("0x10k").hexWithSuffix()).isTrue();
    assertThat(Units.parseSize("0x10").hexWithSuffix()).isFalse();
    // b is a digit here.
    assertThat(Units.parseSize("0x1b").hexWithSuffix()).isFalse();
    assertThat(Units.parseSize("10k").hexWithSuffix()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "0x1kx, NOT_A_NUMBER, true",
    "0xffffffffffffffffkx, NOT_A_NUMBER, true",
    "0xfffffffffffffffk, TOO_LARGE, true",
    "0x1p, OK, true",
    "0x1z, NOT_A_NUMBER, false",
    "0x1bx, NOT_A_NUMBER, false",
    "0x1.5k, NOT_A_NUMBER, false",
    "0xffffffffffffffff, TOO_LARGE, false",
    // As in QEMU: more than 64 bits are refused before the suffix is looked at.
    "0xffffffffffffffffffk, NOT_A_NUMBER, false",
  })
  void hexadecimalWithSuffixIsFlaggedEvenIfRefused(
      String text, SizeText.Kind kind, boolean flagged) {
    assertThat(Units.parseSize(text).kind()).isEqualTo(kind);
    assertThat(Units.parseSize(text).hexWithSuffix()).isEqualTo(flagged);
  }

  @Test
  void blanksMayLeadButNotFollow() {
    assertThat(Units.parseSize(" \t7").bytes()).isEqualTo(7);
    assertThat(Units.parseSize("7 ").kind()).isEqualTo(SizeText.Kind.NOT_A_NUMBER);
    assertThat(Units.parseSize("").kind()).isEqualTo(SizeText.Kind.NOT_A_NUMBER);
  }

  @Test
  void aMillionDigitsAreNoTrouble() {
    assertThat(Units.parseSize("9".repeat(1_000_000)).kind()).isEqualTo(SizeText.Kind.TOO_LARGE);
    assertThat(Units.parseSize("0".repeat(1_000_000) + "5").bytes()).isEqualTo(5);
    assertThat(Units.parseSize("1." + "9".repeat(100_000) + "x").isOk()).isFalse();
  }

  /** Observed with qemu-img 7.2 info, which shows sizes so. */
  @Test
  void briefSizesHaveThreeDigitsAtMost() {
    assertThat(Units.brief(0)).isEqualTo("0 B");
    assertThat(Units.brief(1)).isEqualTo("1 B");
    assertThat(Units.brief(999)).isEqualTo("999 B");
    assertThat(Units.brief(1000)).isEqualTo("0.977 KiB");
    assertThat(Units.brief(1024)).isEqualTo("1 KiB");
    assertThat(Units.brief(196 << 10)).isEqualTo("196 KiB");
    assertThat(Units.brief(1111490)).isEqualTo("1.06 MiB");
    assertThat(Units.brief(64L << 20)).isEqualTo("64 MiB");
    assertThat(Units.brief((1000L << 20) - 1)).isEqualTo("1e+03 MiB");
    assertThat(Units.brief(1000L << 20)).isEqualTo("0.977 GiB");
    assertThat(Units.brief(Long.MAX_VALUE)).isEqualTo("8 EiB");
  }
}
