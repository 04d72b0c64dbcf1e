package io.faultdisk.suites;

import java.util.ArrayList;
import java.util.List;

/**
 * What a workload has committed: contents, in order, the first being the empty one. Says whether
 * what is found after a power cut may be there. Safe from any thread.
 */
public final class History {
  private final List<Object> contents = new ArrayList<>();
  private int acknowledged;

  /**
   * A history without commits.
   *
   * @param empty what is there before the first
   */
  public History(Object empty) {
    contents.add(empty);
  }

  /** A part of a history, by numbers of commits. */
  record Range(int acknowledged, int begun) {}

  /**
   * A commit begins: from now on it may be there.
   *
   * @param content all that is there then; must not change, nor equal what was there before
   */
  public synchronized void begin(Object content) {
    if (contents.contains(content)) {
      throw new IllegalArgumentException("not to be told from an earlier commit: " + content);
    }
    contents.add(content);
  }

  /** The system says that all that has begun is durable: from now on it must be there. */
  public synchronized void acknowledge() {
    acknowledged = contents.size() - 1;
  }

  /** The last commit that must be there, and the last that may be. */
  synchronized Range range() {
    return new Range(acknowledged, contents.size() - 1);
  }

  /** The number of the commit that has this content, or -1. */
  synchronized int find(Object content) {
    return contents.lastIndexOf(content);
  }

  /** How many commits have begun. */
  synchronized int size() {
    return contents.size() - 1;
  }

  /**
   * Judges what was found.
   *
   * @param must the last commit acknowledged before the power went
   * @param may the last commit begun when it was gone
   */
  Verdict judge(Finding finding, int must, int may) {
    if (finding.failure() != null && !(finding.failure() instanceof Damage)) {
      return must == 0 ? Verdict.STILLBORN : Verdict.UNUSABLE;
    }
    int number = find(finding.content());
    if (number < 0) {
      return Verdict.GARBAGE;
    }
    if (number < must) {
      return Verdict.LOST;
    }
    if (number > may) {
      return Verdict.GARBAGE;
    }
    return finding.failure() == null ? Verdict.HOLDS : Verdict.DAMAGED;
  }
}
