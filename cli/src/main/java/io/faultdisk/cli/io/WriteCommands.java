package io.faultdisk.cli.io;

import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.block.RequestFlags;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.tool.Refusal;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code write}, {@code writev} and {@code discard}. */
final class WriteCommands {
  /** What is written unless the user says otherwise. */
  static final int DEFAULT_PATTERN = 0xcd;

  private WriteCommands() {}

  /** {@code write}. */
  static final class Write implements Command {
    @Override
    public Spec spec() {
      return Spec.of("write", "writes a number of bytes at a specified offset")
          .alias("w")
          .takes(2, Spec.ANY, "[-bcCfnquz] [-P pattern | -s source_file] off len")
          .needing(Permission.WRITE);
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Arguments arguments = new Arguments(session, spec(), words, "bcCfnpP:qs:uz");
      boolean parsable = false;
      boolean quiet = false;
      boolean vmState = false;
      boolean compressed = false;
      boolean zeroes = false;
      int pattern = -1;
      String source = null;
      int flags = RequestFlags.NONE;
      for (int o = arguments.next(); o != Getopt.END; o = arguments.next()) {
        switch (o) {
          case 'b' -> vmState = true;
          case 'c' -> compressed = true;
          case 'C' -> parsable = true;
          case 'f' -> flags |= RequestFlags.FUA;
          case 'n' -> flags |= RequestFlags.NO_FALLBACK;
          case 'P' -> pattern = arguments.pattern(arguments.argument());
          case 'q' -> quiet = true;
          case 's' -> source = arguments.argument();
          case 'u' -> flags |= RequestFlags.MAY_UNMAP;
          case 'z' -> zeroes = true;
          default -> {} // -p, of old
        }
      }
      List<String> operands = arguments.operands();
      if (operands.size() != 2) {
        throw arguments.usage();
      }
      checkCombination(arguments, flags, vmState, compressed, zeroes);
      if ((zeroes ? 1 : 0) + (pattern >= 0 ? 1 : 0) + (source != null ? 1 : 0) > 1) {
        throw arguments.refuse("Only one of -z, -P, and -s can be specified at the same time");
      }
      long offset = arguments.size(operands.get(0));
      long bytes = arguments.size(operands.get(1));
      if (bytes > Node.REQUEST_MAX && (flags & RequestFlags.NO_FALLBACK) == 0) {
        throw arguments.refuse(
            "length cannot exceed " + Node.REQUEST_MAX + " without -n, given " + operands.get(1));
      }
      if (vmState || compressed) {
        arguments.requireSectors(offset, bytes);
      }

      ByteBuffer buffer = zeroes ? null : content(session, (int) bytes, pattern, source);
      int requestFlags = flags;
      boolean toVmState = vmState;
      boolean isCompressed = compressed;
      long start = session.clock().nanoTime();
      try {
        BlockBackend image = session.image();
        session.synchronous(
            () -> {
              if (buffer == null) {
                image.writeZeroes(offset, bytes, requestFlags);
              } else if (toVmState) {
                image.writeVmState(offset, buffer);
              } else if (isCompressed) {
                image.writeCompressed(offset, buffer);
              } else {
                image.write(offset, buffer, requestFlags);
              }
            });
      } catch (BlockIoException failure) {
        throw arguments.refuse("write failed: " + failure.errno().text());
      }
      long nanos = session.clock().nanoTime() - start;
      if (!quiet) {
        IoReport.print(session.console(), "wrote", offset, bytes, nanos, parsable);
      }
    }

    private static void checkCombination(
        Arguments arguments, int flags, boolean vmState, boolean compressed, boolean zeroes)
        throws Refusal {
      if (vmState && zeroes) {
        throw arguments.refuse("-b and -z cannot be specified at the same time");
      }
      if ((flags & RequestFlags.FUA) != 0 && (vmState || compressed)) {
        throw arguments.refuse("-f and -b or -c cannot be specified at the same time");
      }
      if ((flags & RequestFlags.NO_FALLBACK) != 0 && !zeroes) {
        throw arguments.refuse("-n requires -z to be specified");
      }
      if ((flags & RequestFlags.MAY_UNMAP) != 0 && !zeroes) {
        throw arguments.refuse("-u requires -z to be specified");
      }
    }

    private static ByteBuffer content(
        Session session, int bytes, int pattern, @Nullable String source) throws Refusal {
      return source == null
          ? session.buffers().filled(bytes, pattern < 0 ? DEFAULT_PATTERN : pattern)
          : SourceFile.repeated(session, source, bytes);
    }

    @Override
    public String help() {
      return HelpTexts.WRITE;
    }
  }

  /** {@code writev}: one request from several buffers, which lie side by side here. */
  static final class Writev implements Command {
    @Override
    public Spec spec() {
      return Spec.of("writev", "writes a number of bytes at a specified offset")
          .takes(2, Spec.ANY, "[-Cfq] [-P pattern] off len [len..]")
          .needing(Permission.WRITE);
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Arguments arguments = new Arguments(session, spec(), words, "CfqP:");
      boolean parsable = false;
      boolean quiet = false;
      int pattern = DEFAULT_PATTERN;
      int flags = RequestFlags.NONE;
      for (int o = arguments.next(); o != Getopt.END; o = arguments.next()) {
        switch (o) {
          case 'C' -> parsable = true;
          case 'f' -> flags |= RequestFlags.FUA;
          case 'q' -> quiet = true;
          default -> pattern = arguments.pattern(arguments.argument()); // -P
        }
      }
      List<String> operands = arguments.operands();
      if (operands.size() < 2) {
        throw arguments.usage();
      }
      long offset = arguments.size(operands.get(0));
      int bytes = arguments.total(operands.subList(1, operands.size()));
      ByteBuffer buffer = session.buffers().filled(bytes, pattern);
      int requestFlags = flags;
      long start = session.clock().nanoTime();
      try {
        session.synchronousLikeAio(() -> session.image().write(offset, buffer, requestFlags));
      } catch (BlockIoException failure) {
        throw arguments.refuse("writev failed: " + failure.errno().text());
      }
      long nanos = session.clock().nanoTime() - start;
      if (!quiet) {
        IoReport.print(session.console(), "wrote", offset, bytes, nanos, parsable);
      }
    }

    @Override
    public String help() {
      return HelpTexts.WRITEV;
    }
  }

  /** {@code discard}. */
  static final class Discard implements Command {
    @Override
    public Spec spec() {
      return Spec.of("discard", "discards a number of bytes at a specified offset")
          .alias("d")
          .takes(2, Spec.ANY, "[-Cq] off len")
          .needing(Permission.WRITE);
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Arguments arguments = new Arguments(session, spec(), words, "Cq");
      boolean parsable = false;
      boolean quiet = false;
      for (int o = arguments.next(); o != Getopt.END; o = arguments.next()) {
        parsable |= o == 'C';
        quiet |= o == 'q';
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
      Console console = session.console();
      long start = session.clock().nanoTime();
      try {
        session.synchronous(() -> session.image().discard(offset, bytes));
      } catch (BlockIoException failure) {
        throw arguments.refuse("discard failed: " + failure.errno().text());
      }
      long nanos = session.clock().nanoTime() - start;
      if (!quiet) {
        IoReport.print(console, "discard", offset, bytes, nanos, parsable);
      }
    }

    @Override
    public String help() {
      return HelpTexts.DISCARD;
    }
  }
}
