package io.faultdisk.cli.io;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.tool.Refusal;
import java.nio.ByteBuffer;
import java.util.List;

/** {@code read} and {@code readv}. */
final class ReadCommands {
  /** What a buffer holds before it is read into. */
  static final int UNREAD = 0xab;

  private ReadCommands() {}

  /** Where and with what read data is compared. */
  private record Comparison(int pattern, long from, long bytes) {}

  /** {@code read}. */
  static final class Read implements Command {
    @Override
    public Spec spec() {
      return Spec.of("read", "reads a number of bytes at a specified offset")
          .alias("r")
          .takes(2, Spec.ANY, "[-abCqv] [-P pattern [-s off] [-l len]] off len");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Arguments arguments = new Arguments(session, spec(), words, "bCl:pP:qs:v");
      boolean parsable = false;
      boolean quiet = false;
      boolean dump = false;
      boolean vmState = false;
      int pattern = -1;
      long from = -1;
      long length = -1;
      for (int o = arguments.next(); o != Getopt.END; o = arguments.next()) {
        switch (o) {
          case 'b' -> vmState = true;
          case 'C' -> parsable = true;
          case 'l' -> length = arguments.size(arguments.argument());
          case 'P' -> pattern = arguments.pattern(arguments.argument());
          case 'q' -> quiet = true;
          case 's' -> from = arguments.size(arguments.argument());
          case 'v' -> dump = true;
          default -> {} // -p, of old
        }
      }
      List<String> operands = arguments.operands();
      if (operands.size() != 2) {
        throw arguments.usage();
      }
      long offset = arguments.size(operands.get(0));
      long bytes = arguments.size(operands.get(1));
      if (bytes > Node.REQUEST_MAX) {
        throw arguments.refuse(
            "length cannot exceed " + Node.REQUEST_MAX + ", given " + operands.get(1));
      }
      if (pattern < 0 && (from >= 0 || length >= 0)) {
        throw arguments.usage();
      }
      Comparison comparison = comparison(arguments, pattern, Math.max(from, 0), length, bytes);
      if (vmState) {
        arguments.requireSectors(offset, bytes);
      }

      Console console = session.console();
      ByteBuffer buffer = session.buffers().filled((int) bytes, UNREAD);
      long start = session.clock().nanoTime();
      try {
        BlockBackend image = session.image();
        boolean fromVmState = vmState;
        session.synchronous(
            () -> {
              if (fromVmState) {
                image.readVmState(offset, buffer.duplicate());
              } else {
                image.read(offset, buffer.duplicate());
              }
            });
      } catch (BlockIoException failure) {
        throw arguments.refuse("read failed: " + failure.errno().text());
      }
      long nanos = session.clock().nanoTime() - start;

      boolean same = pattern < 0 || isSame(console, buffer, offset, comparison);
      if (!quiet) {
        if (dump) {
          IoReport.dump(console, buffer, offset);
        }
        IoReport.print(console, "read", offset, bytes, nanos, parsable);
      }
      if (!same) {
        throw new Refusal();
      }
    }

    private static Comparison comparison(
        Arguments arguments, int pattern, long from, long length, long bytes) throws Refusal {
      long compared = length < 0 ? bytes - from : length;
      if (compared < 0 || compared > bytes - from) {
        throw arguments.refuse("pattern verification range exceeds end of read data");
      }
      return new Comparison(pattern, from, compared);
    }

    @Override
    public String help() {
      return HelpTexts.READ;
    }
  }

  /** {@code readv}: one request for several buffers, which lie side by side here. */
  static final class Readv implements Command {
    @Override
    public Spec spec() {
      return Spec.of("readv", "reads a number of bytes at a specified offset")
          .takes(2, Spec.ANY, "[-Cqv] [-P pattern] off len [len..]");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Arguments arguments = new Arguments(session, spec(), words, "CP:qv");
      boolean parsable = false;
      boolean quiet = false;
      boolean dump = false;
      int pattern = -1;
      for (int o = arguments.next(); o != Getopt.END; o = arguments.next()) {
        switch (o) {
          case 'C' -> parsable = true;
          case 'P' -> pattern = arguments.pattern(arguments.argument());
          case 'q' -> quiet = true;
          default -> dump = true; // -v
        }
      }
      List<String> operands = arguments.operands();
      if (operands.size() < 2) {
        throw arguments.usage();
      }
      long offset = arguments.size(operands.get(0));
      int bytes = arguments.total(operands.subList(1, operands.size()));

      Console console = session.console();
      ByteBuffer buffer = session.buffers().filled(bytes, UNREAD);
      long start = session.clock().nanoTime();
      try {
        session.synchronousLikeAio(() -> session.image().read(offset, buffer.duplicate()));
      } catch (BlockIoException failure) {
        throw arguments.refuse("readv failed: " + failure.errno().text());
      }
      long nanos = session.clock().nanoTime() - start;

      boolean same =
          pattern < 0 || isSame(console, buffer, offset, new Comparison(pattern, 0, bytes));
      if (!quiet) {
        if (dump) {
          IoReport.dump(console, buffer, offset);
        }
        IoReport.print(console, "read", offset, bytes, nanos, parsable);
      }
      if (!same) {
        throw new Refusal();
      }
    }

    @Override
    public String help() {
      return HelpTexts.READV;
    }
  }

  private static boolean isSame(
      Console console, ByteBuffer buffer, long offset, Comparison comparison) {
    if (Buffers.holdsOnly(
        buffer, (int) comparison.from(), (int) comparison.bytes(), comparison.pattern())) {
      return true;
    }
    console.line(
        "Pattern verification failed at offset "
            + (offset + comparison.from())
            + ", "
            + comparison.bytes()
            + " bytes");
    return false;
  }
}
