package io.faultdisk.cli.io;

import io.faultdisk.base.Units;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.BlockStatus;
import io.faultdisk.block.ImageInfo;
import io.faultdisk.block.Node;
import io.faultdisk.block.Permission;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.format.Describable;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.tool.DetailText;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;

/** Commands about the image as a whole: flush, truncate, length, info, alloc, map. */
final class ImageCommands {
  private static final int SECTOR = 512;

  private ImageCommands() {}

  /** {@code flush}. */
  static final class Flush implements Command {
    @Override
    public Spec spec() {
      return Spec.of("flush", "flush all in-core file state to disk").alias("f");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      try {
        session.synchronous(session.image()::flush);
      } catch (BlockIoException failure) {
        throw new Refusal(); // without a word, as in qemu-io
      }
    }
  }

  /** {@code truncate}. */
  static final class Truncate implements Command {
    @Override
    public Spec spec() {
      return Spec.of("truncate", "truncates the current file at the given offset")
          .alias("t")
          .takes(1, 3, "[-m prealloc_mode] off")
          .needing(Permission.WRITE | Permission.RESIZE);
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Arguments arguments = new Arguments(session, spec(), words, "m:");
      Preallocation preallocation = Preallocation.OFF;
      for (int o = arguments.next(); o != Getopt.END; o = arguments.next()) {
        Optional<Preallocation> named = Preallocation.named(arguments.argument());
        if (named.isEmpty()) {
          session.console().report("Invalid preallocation mode '" + arguments.argument() + "'");
          throw new Refusal();
        }
        preallocation = named.get();
      }
      // A wrong size is reported as the first word after sorting, which need not be the size; so
      // does qemu-io, which
      // crashes when there is no size at all.
      String shown = arguments.permuted().get(0);
      List<String> operands = arguments.operands();
      if (operands.isEmpty()) {
        throw arguments.notASize(shown);
      }
      long size = arguments.size(operands.get(0), shown);
      Preallocation mode = preallocation;
      try {
        session.synchronous(() -> session.image().truncate(size, false, mode));
      } catch (BlockIoException failure) {
        session.console().report(failure.reason());
        throw new Refusal();
      }
    }
  }

  /** {@code length}. */
  static final class Length implements Command {
    @Override
    public Spec spec() {
      return Spec.of("length", "gets the length of the current file").alias("l");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      try {
        session.console().line(Units.human(session.image().length()));
      } catch (BlockIoException failure) {
        session.console().line("getlength: " + failure.errno().text());
        throw new Refusal();
      }
    }
  }

  /** {@code info}. */
  static final class Info implements Command {
    @Override
    public Spec spec() {
      return Spec.of("info", "prints information about the current file").alias("i");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Console console = session.console();
      Node root = session.image().root();
      console.line("format name: " + root.type().name());
      if (root.type().opensAsProtocol()) {
        String protocol = root.type().prefix().orElse(root.type().name());
        console.line("format name: " + protocol); // once as format, once as protocol
      }
      ImageInfo info;
      try {
        info = root.driver().info();
      } catch (BlockIoException failure) {
        throw new Refusal(); // without a word, as in qemu-io
      }
      console.line("cluster size: " + Units.human(info.clusterSize()));
      console.line("vm state offset: " + Units.human(info.vmStateOffset()));
      if (root.driver() instanceof Describable describable) {
        describe(console, describable);
      }
    }

    private static void describe(Console console, Describable image) throws Refusal {
      try {
        image.formatSpecific().ifPresent(details -> DetailText.print(console, details));
      } catch (BlockIoException failure) {
        throw new Refusal(); // without a word, as in qemu-io
      }
    }
  }

  /** {@code alloc}. */
  static final class Alloc implements Command {
    @Override
    public Spec spec() {
      return Spec.of("alloc", "checks if offset is allocated in the file")
          .alias("a")
          .takes(1, 2, "offset [count]");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Arguments arguments = new Arguments(session, spec(), words, "");
      long start = arguments.size(words.argument(0));
      long count = words.arguments().size() == 2 ? arguments.size(words.argument(1)) : SECTOR;
      long offset = start;
      long remaining = count;
      long allocated = 0;
      while (remaining > 0) {
        BlockStatus status;
        try {
          status = allocation(session, offset, remaining);
        } catch (BlockIoException failure) {
          throw arguments.refuse("is_allocated failed: " + failure.errno().text());
        }
        if (status.bytes() == 0) {
          count -= remaining; // the end of the image
          break;
        }
        offset += status.bytes();
        remaining -= status.bytes();
        allocated += status.allocated() ? status.bytes() : 0;
      }
      session
          .console()
          .line(allocated + "/" + count + " bytes allocated at offset " + Units.human(start));
    }
  }

  /** {@code map}. */
  static final class Map implements Command {
    @Override
    public Spec spec() {
      return Spec.of("map", "prints the allocated areas of a file").takes(0, 0, "");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Console console = session.console();
      BlockBackend image = session.image();
      long bytes;
      try {
        bytes = image.length();
      } catch (BlockIoException failure) {
        console.report("Failed to query image length: " + failure.errno().text());
        throw new Refusal();
      }
      long offset = 0;
      while (bytes > 0) {
        Stretch stretch;
        try {
          stretch = stretch(session, offset, bytes);
        } catch (BlockIoException failure) {
          console.report("Failed to get allocation status: " + failure.errno().text());
          throw new Refusal();
        }
        if (stretch.bytes() == 0) {
          console.report("Unexpected end of image");
          throw new Refusal();
        }
        console.line(
            Units.human(stretch.bytes())
                + " (0x"
                + Long.toHexString(stretch.bytes())
                + ") bytes "
                + (stretch.allocated() ? "    allocated" : "not allocated")
                + " at offset "
                + Units.human(offset)
                + " (0x"
                + Long.toHexString(offset)
                + ")");
        offset += stretch.bytes();
        bytes -= stretch.bytes();
      }
    }

    /** A part of the image that is all allocated or all not. */
    private record Stretch(boolean allocated, long bytes) {}

    /** Puts neighbours together. A failure counts only if it is the first answer. */
    private static Stretch stretch(Session session, long from, long bytes) throws BlockIoException {
      BlockStatus first = allocation(session, from, bytes);
      long length = first.bytes();
      long last = length;
      long left = bytes - length;
      while (left > 0 && last > 0) {
        BlockStatus next;
        try {
          next = allocation(session, from + length, left);
        } catch (BlockIoException failure) {
          break; // the next stretch begins here and meets it again
        }
        if (next.allocated() != first.allocated()) {
          break;
        }
        last = next.bytes();
        length += last;
        left -= last;
      }
      return new Stretch(first.allocated(), length);
    }
  }

  private static BlockStatus allocation(Session session, long offset, long bytes)
      throws BlockIoException {
    BlockStatus[] answer = new BlockStatus[1];
    session.synchronous(() -> answer[0] = session.image().allocation(offset, bytes));
    return answer[0];
  }
}
