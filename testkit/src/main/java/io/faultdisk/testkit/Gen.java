package io.faultdisk.testkit;

import java.util.List;

/**
 * Enumerates every combination of choices that a test makes, without the test describing them
 * beforehand.
 *
 * <pre>{@code
 * for (Gen gen = new Gen(); gen.next(); ) {
 *   boolean once = gen.bool();
 *   int sector = once ? gen.below(3) : 0;
 *   ... // runs for (false), (true, 0), (true, 1), (true, 2)
 * }
 * }</pre>
 *
 * <p>Each round answers as the round before, up to the last choice that has another answer left. So
 * the body must make the same choices if it gets the same answers. For one thread.
 *
 * <p>The idea is Alex Kladov's, "Generate All the Things" (2021), as used by TigerBeetle.
 */
public final class Gen {
  private static final int CHOICES_MAX = 64;

  private final int[] answers = new int[CHOICES_MAX];
  private final int[] bounds = new int[CHOICES_MAX];

  /** Choices made in this round. */
  private int at;

  /** Choices made in the round before; -1 before the first. */
  private int depth = -1;

  private long rounds;

  /** Creates a generator that stands before its first round. */
  public Gen() {}

  /** Starts the next round; false when all combinations were run. */
  public boolean next() {
    if (depth < 0) {
      depth = 0;
    } else {
      depth = at;
      while (depth > 0 && answers[depth - 1] + 1 == bounds[depth - 1]) {
        depth--;
      }
      if (depth == 0) {
        return false;
      }
      answers[depth - 1]++;
    }
    at = 0;
    rounds++;
    return true;
  }

  /** A number from 0 to {@code bound - 1}. */
  public int below(int bound) {
    if (bound <= 0 || at == CHOICES_MAX) {
      throw new IllegalArgumentException(
          bound <= 0 ? "no choice below " + bound : "more than " + CHOICES_MAX + " choices");
    }
    if (at >= depth) {
      answers[at] = 0;
    }
    bounds[at] = bound;
    return answers[at++];
  }

  /** False, then true. */
  public boolean bool() {
    return below(2) == 1;
  }

  /** One of the elements. */
  public <T> T of(List<T> elements) {
    return elements.get(below(elements.size()));
  }

  /** How many rounds were started. */
  public long rounds() {
    return rounds;
  }
}
