package io.faultdisk.suites;

import io.faultdisk.base.Seed;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What came out: counts, and for each kind of failure the first one, in words. */
public final class Report {
  private static final int TEXT_MAX = 1200;

  private final String title;
  private final Seed seed;
  private final long startedNanos = System.nanoTime();
  private final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
  private final Map<String, String> examples = new TreeMap<>();
  private final Map<String, Long> counts = new TreeMap<>();

  long runs;
  long points;
  long distinct;

  Report(String title, Seed seed) {
    this.title = title;
    this.seed = seed;
  }

  /**
   * Counts a verdict.
   *
   * @param kind what it is counted under, beside
   */
  void add(Verdict verdict, String kind, Supplier<String> words) {
    verdicts.merge(verdict, 1L, Long::sum);
    if (verdict != Verdict.HOLDS) {
      if (!kind.isEmpty()) {
        count(verdict + kind);
      }
      examples.computeIfAbsent(verdict + kind, v -> words.get());
    }
  }

  /** Counts something else worth knowing. */
  void count(String what) {
    counts.merge(what, 1L, Long::sum);
  }

  /** How many crash states were judged. */
  public long cuts() {
    return verdicts.values().stream().mapToLong(n -> n).sum();
  }

  /** How many of them so. */
  public long of(Verdict verdict) {
    return verdicts.getOrDefault(verdict, 0L);
  }

  /** How often something was counted whose name contains these. */
  public long counted(String... parts) {
    return counts.entrySet().stream()
        .filter(entry -> Arrays.stream(parts).allMatch(entry.getKey()::contains))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** One line. */
  public String summary() {
    StringBuilder text =
        new StringBuilder(title)
            .append(": ")
            .append(runs)
            .append(" runs, ")
            .append(points)
            .append(" fault points, ")
            .append(cuts())
            .append(" power cuts, ")
            .append(distinct)
            .append(" different states opened (")
            .append(cuts() - distinct)
            .append(" saved); ");
    verdicts.forEach((verdict, n) -> text.append(n).append(' ').append(verdict).append(", "));
    counts.forEach((what, n) -> text.append(n).append(' ').append(what).append(", "));
    return text.append("seed ")
        .append(seed)
        .append(", ")
        .append((System.nanoTime() - startedNanos) / 1_000_000)
        .append(" ms")
        .toString();
  }

  /** The beginning of what a thing says. */
  static String brief(Object thing) {
    String text = String.valueOf(thing);
    return text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) + "..." : text;
  }

  /** The summary, and the first failure of each kind. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(summary());
    examples.forEach(
        (verdict, words) -> text.append("\n  first ").append(verdict).append(": ").append(words));
    return text.toString();
  }
}
