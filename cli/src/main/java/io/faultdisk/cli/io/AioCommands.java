package io.faultdisk.cli.io;

import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Permission;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.tool.Refusal;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code aio_read}, {@code aio_write} and {@code aio_flush}: requests that go on while further
 * commands run.
 *
 * <p>Such a command has succeeded when its request is on the way. What becomes of the request is
 * printed later and does not change the exit code.
 */
final class AioCommands {
  private AioCommands() {}

  /** A request on its way: what it is, and what became of it. */
  private static final class InFlight {
    final Session.Request request;
    final String failureText;
    @Nullable BlockIoException failure;

    InFlight(Session.Request request, String failureText) {
      this.request = request;
      this.failureText = failureText;
    }

    /** Runs on the request's own thread. */
    void send() {
      try {
        request.send();
      } catch (BlockIoException failed) {
        failure = failed;
      }
    }

    /** Prints why it failed; false if it did not. */
    boolean reportFailure(Console console) {
      BlockIoException failed = failure;
      if (failed == null) {
        return false;
      }
      console.line(failureText + " failed: " + failed.errno().text());
      return true;
    }
  }

  /** {@code aio_read}. */
  static final class Read implements Command {
    @Override
    public Spec spec() {
      return Spec.of("aio_read", "asynchronously reads a number of bytes")
          .takes(2, Spec.ANY, "[-Ciqv] [-P pattern] off len [len..]");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Arguments arguments = new Arguments(session, spec(), words, "CP:iqv");
      Console console = session.console();
      boolean parsable = false;
      boolean quiet = false;
      boolean dump = false;
      int pattern = -1;
      for (int o = arguments.next(); o != Getopt.END; o = arguments.next()) {
        switch (o) {
          case 'C' -> parsable = true;
          case 'P' -> pattern = arguments.pattern(arguments.argument());
          case 'i' -> {
            console.line("injecting invalid read request");
            return;
          }
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

      ByteBuffer buffer = session.buffers().filled(bytes, ReadCommands.UNREAD);
      InFlight read = new InFlight(() -> session.image().read(offset, buffer.duplicate()), "readv");
      Printing printing = new Printing(parsable, quiet, dump, pattern);
      long start = session.clock().nanoTime();
      session
          .loop()
          .start(
              read::send,
              () -> {
                if (!read.reportFailure(console)) {
                  printing.print(console, buffer, offset, session.clock().nanoTime() - start);
                }
              });
    }

    /** What to print of the data. */
    private record Printing(boolean parsable, boolean quiet, boolean dump, int pattern) {
      void print(Console console, ByteBuffer buffer, long offset, long nanos) {
        int bytes = buffer.capacity();
        if (pattern >= 0 && !Buffers.holdsOnly(buffer, 0, bytes, pattern)) {
          console.line("Pattern verification failed at offset " + offset + ", " + bytes + " bytes");
        }
        if (!quiet) {
          if (dump) {
            IoReport.dump(console, buffer, offset);
          }
          IoReport.print(console, "read", offset, bytes, nanos, parsable);
        }
      }
    }

    @Override
    public String help() {
      return HelpTexts.AIO_READ;
    }
  }

  /** {@code aio_write}. */
  static final class Write implements Command {
    @Override
    public Spec spec() {
      return Spec.of("aio_write", "asynchronously writes a number of bytes")
          .takes(2, Spec.ANY, "[-Cfiquz] [-P pattern] off len [len..]")
          .needing(Permission.WRITE);
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Arguments arguments = new Arguments(session, spec(), words, "CfiqP:uz");
      Console console = session.console();
      boolean parsable = false;
      boolean quiet = false;
      boolean zeroes = false;
      int pattern = WriteCommands.DEFAULT_PATTERN;
      int given = RequestFlags.NONE;
      for (int o = arguments.next(); o != Getopt.END; o = arguments.next()) {
        switch (o) {
          case 'C' -> parsable = true;
          case 'f' -> given |= RequestFlags.FUA;
          case 'q' -> quiet = true;
          case 'u' -> given |= RequestFlags.MAY_UNMAP;
          case 'P' -> pattern = arguments.pattern(arguments.argument());
          case 'i' -> {
            console.line("injecting invalid write request");
            return;
          }
          default -> zeroes = true; // -z
        }
      }
      List<String> operands = arguments.operands();
      if (operands.size() < 2) {
        throw arguments.usage();
      }
      if (zeroes && operands.size() != 2) {
        throw arguments.refuse("-z supports only a single length parameter");
      }
      if ((given & RequestFlags.MAY_UNMAP) != 0 && !zeroes) {
        throw arguments.refuse("-u requires -z to be specified");
      }
      // -z with -P is let through: qemu-io has a message for it but forgets to note that -P was
      // given.
      int flags = given;
      boolean isParsable = parsable;
      boolean isQuiet = quiet;
      long offset = arguments.size(operands.get(0));
      long bytes;
      long start;
      InFlight write;
      if (zeroes) {
        bytes = arguments.size(operands.get(1));
        write = new InFlight(() -> session.image().writeZeroes(offset, bytes, flags), "aio_write");
        start = 0; // qemu-io forgets to look at the clock: it prints how long the computer is up
      } else {
        bytes = arguments.total(operands.subList(1, operands.size()));
        ByteBuffer buffer = session.buffers().filled((int) bytes, pattern);
        write = new InFlight(() -> session.image().write(offset, buffer, flags), "aio_write");
        start = session.clock().nanoTime();
      }
      session
          .loop()
          .start(
              write::send,
              () -> {
                if (!write.reportFailure(console) && !isQuiet) {
                  long nanos = session.clock().nanoTime() - start;
                  IoReport.print(console, "wrote", offset, bytes, nanos, isParsable);
                }
              });
    }

    @Override
    public String help() {
      return HelpTexts.AIO_WRITE;
    }
  }

  /** {@code aio_flush}: no flush of the disk, despite the name. */
  static final class Flush implements Command {
    @Override
    public Spec spec() {
      return Spec.of("aio_flush", "completes all outstanding aio requests");
    }

    @Override
    public void run(Session session, Words words) {
      session.loop().drain();
    }
  }
}
