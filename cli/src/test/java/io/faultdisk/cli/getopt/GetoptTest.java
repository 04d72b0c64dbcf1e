package io.faultdisk.cli.getopt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The texts are glibc's; the golden files of the io tool compare more of them with the real thing.
 */
final class GetoptTest {
  private static final List<LongOption> LONG =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.withArgument("cmd", 'c'),
          LongOption.flag("copy-on-read", 'C'),
          LongOption.withArgument("cache", 't'),
          new LongOption("color", LongOption.Argument.OPTIONAL, 300),
          LongOption.flag("nocache", 'n'),
          LongOption.flag("nothing", 'n'));

  private final List<String> mistakes = new ArrayList<>();

  /** All answers in one line: options with arguments, then operands behind a bar. */
  private String read(String... args) {
    Getopt options = new Getopt("prog", List.of(args), "hc:Ct:no::", LONG, mistakes::add);
    StringBuilder text = new StringBuilder();
    for (int o = options.next(); o != Getopt.END; o = options.next()) {
      text.append(o < 128 ? String.valueOf((char) o) : String.valueOf(o));
      text.append(options.hasArgument() ? "(" + options.argument() + ") " : " ");
    }
    return text + "| " + String.join(" ", options.operands());
  }

  @Test
  void optionsAndOperandsComeInAnyOrder() {
    assertThat(read("a", "-h", "b", "-c", "x", "c")).isEqualTo("h c(x) | a b c");
  }

  @Test
  void shortOptionsAreBundledAndCarryTheirArgument() {
    assertThat(read("-hCcx", "-cy", "-hn")).isEqualTo("h C c(x) c(y) h n | ");
  }

  @Test
  void anArgumentMayLookLikeAnOption() {
    assertThat(read("-c", "-h", "--cmd", "--", "-t", "--help"))
        .isEqualTo("c(-h) c(--) t(--help) | ");
  }

  @Test
  void twoDashesEndTheOptions() {
    assertThat(read("-h", "a", "--", "-C", "--", "b")).isEqualTo("h | a -C -- b");
  }

  @Test
  void aDashIsAnOperand() {
    assertThat(read("-", "-h")).isEqualTo("h | -");
  }

  @Test
  void anEmptyWordIsAnOperand() {
    assertThat(read("", "-h")).isEqualTo("h | ");
  }

  @Test
  void longOptionsTakeTheirArgumentEitherWay() {
    assertThat(read("--cmd=x", "--cmd", "y", "--cmd=", "--cmd=a=b"))
        .isEqualTo("c(x) c(y) c() c(a=b) | ");
  }

  @Test
  void anOptionalArgumentIsAttached() {
    assertThat(read("--color", "x", "--color=red", "-o", "y", "-oz"))
        .isEqualTo("300 300(red) o o(z) | x y");
  }

  @Test
  void longOptionsCanBeAbbreviated() {
    assertThat(read("--he", "--cop", "--ca=x", "--cm", "y")).isEqualTo("h C t(x) c(y) | ");
  }

  @Test
  void anAbbreviationOfTwoNamesForTheSameIsFine() {
    assertThat(read("--no")).isEqualTo("n | ");
    assertThat(mistakes).isEmpty();
  }

  @Test
  void anAmbiguousAbbreviationNamesThePossibilities() {
    assertThat(read("--c=1")).isEqualTo("? | ");
    assertThat(mistakes)
        .containsExactly(
            "prog: option '--c=1' is ambiguous; possibilities: '--cmd' '--copy-on-read' '--cache'"
                + " '--color'");
  }

  @Test
  void mistakesAreReportedAsGlibcDoes() {
    read("--bogus");
    read("--bogus=1");
    read("-x");
    read("-hx");
    read("-:");
    read("-c");
    read("-hc");
    read("--cmd");
    read("--ca");
    read("--help=1");
    assertThat(mistakes)
        .containsExactly(
            "prog: unrecognized option '--bogus'",
            "prog: unrecognized option '--bogus=1'",
            "prog: invalid option -- 'x'",
            "prog: invalid option -- 'x'",
            "prog: invalid option -- ':'",
            "prog: option requires an argument -- 'c'",
            "prog: option requires an argument -- 'c'",
            "prog: option '--cmd' requires an argument",
            "prog: option '--cache' requires an argument",
            "prog: option '--help' doesn't allow an argument");
  }

  @Test
  void readingGoesOnAfterAMistake() {
    assertThat(read("-xh", "--bogus", "a", "-C")).isEqualTo("? h ? C | a");
  }

  @Test
  void withoutLongOptionsTwoDashesAndAWordAreShortOptions() {
    Getopt options = new Getopt("read", List.of("--x", "1"), "x", List.of(), mistakes::add);
    assertThat(options.next()).isEqualTo(Getopt.MISTAKE);
    assertThat(mistakes).containsExactly("read: invalid option -- '-'");
    assertThat(options.next()).isEqualTo('x');
    assertThat(options.next()).isEqualTo(Getopt.END);
  }

  @Test
  void permutedWordsAreThoseThatTheCProgramWouldSee() {
    Getopt options =
        new Getopt("t", List.of("1x", "-m", "off", "--", "2"), "m:", List.of(), mistakes::add);
    while (options.next() != Getopt.END) {}
    assertThat(options.permuted()).containsExactly("-m", "off", "--", "1x", "2");
  }

  @Test
  void askingForAnArgumentThatIsNotThereIsABug() {
    Getopt options = new Getopt("t", List.of("-h"), "h", List.of(), mistakes::add);
    assertThat(options.next()).isEqualTo('h');
    assertThatThrownBy(options::argument).isInstanceOf(IllegalStateException.class);
  }

  /** What a program that writes its own messages finds in argv[optind - 1]. */
  @Test
  void theCulpritIsTheWordBeforeTheNextOne() {
    assertThat(culprit("-x")).isEqualTo("-x");
    assertThat(culprit("-f", "raw", "--foo=1", "a")).isEqualTo("--foo=1");
    assertThat(culprit("-xq")).isEqualTo("create");
    assertThat(culprit("-f", "raw", "-xq")).isEqualTo("raw");
    assertThat(culprit("foo", "-q", "-xz")).isEqualTo("foo");
    assertThat(culprit("-qf")).isEqualTo("-qf");
    assertThat(culprit("--obj")).isEqualTo("--obj");
  }

  private static String culprit(String... args) {
    Getopt options =
        new Getopt(
            "create",
            List.of(args),
            ":f:q",
            List.of(LongOption.withArgument("object", 300)),
            message -> {
              throw new AssertionError(message);
            });
    int option = options.next();
    while (option != Getopt.MISTAKE && option != Getopt.MISSING_ARGUMENT) {
      assertThat(option).isNotEqualTo(Getopt.END);
      option = options.next();
    }
    return options.culprit();
  }

  @Test
  void theFirstOperandEndsTheOptionsIfAskedTo() {
    Getopt options =
        new Getopt("img", List.of("-q", "info", "-x"), "+:q", List.of(), message -> {});
    assertThat(options.next()).isEqualTo('q');
    assertThat(options.next()).isEqualTo(Getopt.END);
    assertThat(options.operands()).containsExactly("info", "-x");
  }
}
