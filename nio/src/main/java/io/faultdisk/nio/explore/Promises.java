package io.faultdisk.nio.explore;

import java.util.ArrayList;
import java.util.List;

/**
 * What a workload has promised so far: each time that the program under test has said that
 * something is done, and will not be lost. A check looks whether that was true.
 *
 * <p>Safe from any thread.
 */
public final class Promises {
  private final List<String> made = new ArrayList<>();

  Promises() {}

  /** The program has promised this. */
  public synchronized void made(String what) {
    made.add(what);
  }

  /** All that was promised, in order. */
  public synchronized List<String> made() {
    return List.copyOf(made);
  }

  synchronized int count() {
    return made.size();
  }
}
