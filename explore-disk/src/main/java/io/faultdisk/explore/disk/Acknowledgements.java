package io.faultdisk.explore.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** What a workload has told the world in one run, and when. Any thread. */
final class Acknowledgements {
  static final Acknowledgements NONE = new Acknowledgements(new Ticks());

  private final Ticks ticks;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Line> lines = new ArrayList<>();

  private record Line(long tick, String text) {}

  Acknowledgements(Ticks ticks) {
    this.ticks = ticks;
  }

  /** Said now. */
  void add(String text) {
    lock.lock();
    try {
      lines.add(new Line(ticks.next(), text));
    } finally {
      lock.unlock();
    }
  }

  /** What was said before that tick, in order. */
  List<String> before(long tick) {
    lock.lock();
    try {
      List<String> said = new ArrayList<>();
      for (Line line : lines) {
        if (line.tick() < tick) {
          said.add(line.text());
        }
      }
      return said;
    } finally {
      lock.unlock();
    }
  }
}
