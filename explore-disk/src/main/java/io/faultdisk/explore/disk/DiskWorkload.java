package io.faultdisk.explore.disk;

import java.util.Optional;

/** What uses the disk. Several runs at once; each has a disk of its own. */
public interface DiskWorkload {
  /** What it is, in one line. */
  String description();

  /**
   * Opens the disk, uses it and closes it.
   *
   * @return how that ended; errors that the disk had are no reason to throw
   * @throws InterruptedException if it was told to give up
   */
  Ending run(DiskUnderTest disk) throws InterruptedException;

  /**
   * Whether each run sends the same requests in the same order. Then a fault point is a request's
   * number; otherwise it is looked for by epoch and range.
   */
  boolean isRepeatable();

  /**
   * How to run it by hand.
   *
   * @param image the words that name the disk, quoted for a shell; a format may stand before it
   * @return a command line; empty if that tool cannot run it
   */
  Optional<String> commandLine(Tool tool, String image);

  /** What can run a workload by hand. */
  enum Tool {
    /** Ours. */
    FAULTDISK("faultdisk io", "faultdisk img"),
    /** QEMU's. */
    QEMU("qemu-io", "qemu-img");

    private final String io;
    private final String img;

    Tool(String io, String img) {
      this.io = io;
      this.img = img;
    }

    /** What a command on the content of an image begins with. */
    public String io() {
      return io;
    }

    /** What a command on images begins with. */
    public String img() {
      return img;
    }
  }

  /**
   * How a run ended.
   *
   * @param exitCode of the program; 0 if all went well
   * @param died whether it did not end by itself, such as by a signal
   * @param output what it said, the end of it if that was much
   */
  record Ending(int exitCode, boolean died, String output) {
    /** Ended well and said nothing. */
    public static final Ending GOOD = new Ending(0, false, "");
  }
}
