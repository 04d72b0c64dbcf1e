package io.faultdisk.explore.disk;

import java.util.List;
import java.util.Optional;

/** Decides whether what is on a disk after a case is good. Several threads at once. */
public interface StateCheck {
  /** What it looks for, in a few words. */
  String description();

  /**
   * Checks; the content itself does not change.
   *
   * @throws InterruptedException if it was told to give up
   */
  Finding check(DiskState state) throws InterruptedException;

  /**
   * Uses the disk as whoever recovers it would: mounts it, for example, where that repairs it. What
   * goes wrong then is no reason to throw.
   *
   * @throws InterruptedException if it was told to give up
   */
  default void recover(DiskUnderTest disk) throws InterruptedException {}

  /** Shell commands that check {@code disk.img} by hand; empty if there are none. */
  default Optional<String> commandLine() {
    return Optional.empty();
  }

  /**
   * A disk that was left.
   *
   * @param content what is on it
   * @param acknowledged what the workload had acknowledged by then, in order
   */
  record DiskState(DiskContent content, List<String> acknowledged) {
    /** Copies the list. */
    public DiskState {
      acknowledged = List.copyOf(acknowledged);
    }
  }

  /**
   * What was found.
   *
   * @param good whether nothing is lost
   * @param text what there is to say, one line or a few; may be empty
   */
  record Finding(boolean good, String text) {
    /** Nothing is wrong. */
    public static final Finding GOOD = new Finding(true, "");

    /** Something is. */
    public static Finding bad(String text) {
      return new Finding(false, text);
    }
  }
}
