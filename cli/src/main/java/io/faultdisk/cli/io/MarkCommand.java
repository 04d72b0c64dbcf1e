package io.faultdisk.cli.io;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.logwrites.LogWritesDriver;
import io.faultdisk.cli.tool.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** {@code mark}, a command of our own: gives a moment in a log of writes a name. */
final class MarkCommand implements Command {
  @Override
  public Spec spec() {
    return Spec.of("mark", "writes a mark into the log of a blklogwrites node").takes(1, 1, "name");
  }

  @Override
  public void run(Session session, Words words) throws Refusal {
    String name = words.argument(0);
    Optional<LogWritesDriver> driver = LogWritesDriver.nearest(session.image());
    if (driver.isEmpty()) {
      throw refuse(
          session, "no log: this image has no blklogwrites node (open driver=blklogwrites,...)");
    }
    int max = driver.get().markBytesMax();
    if (name.getBytes(StandardCharsets.UTF_8).length > max) {
      throw refuse(session, "a mark in this log can have " + max + " bytes");
    }
    try {
      session.synchronous(() -> driver.get().mark(name));
    } catch (BlockIoException failure) {
      throw refuse(session, "mark failed: " + failure.errno().text());
    }
  }

  private static Refusal refuse(Session session, String why) {
    session.console().line(why);
    return new Refusal();
  }
}
