package io.faultdisk.cli.io;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.options.Options;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.getopt.Getopt;
import io.faultdisk.cli.tool.OptionStrings;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;

/** Commands that open and close images: open, close, reopen. */
final class FileCommands {
  private FileCommands() {}

  /** {@code open}. */
  static final class Open implements Command {
    @Override
    public Spec spec() {
      return Spec.of("open", "open the file specified by path")
          .alias("o")
          .takes(1, Spec.ANY, "[-rsCnkU] [-t cache] [-d discard] [-o options] [path]")
          .withoutImage();
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Console console = session.console();
      Arguments arguments = new Arguments(session, spec(), words, "snCro:ki:t:d:U");
      Options options = new Options();
      OpenOptions flags = new OpenOptions(console);
      boolean forceShare = false;
      for (int o = arguments.next(); o != Getopt.END; o = arguments.next()) {
        switch (o) {
          case 'o' -> {
            if (session.imageOptions()) {
              throw arguments.refuse("--image-opts and 'open -o' are mutually exclusive");
            }
            options = OptionStrings.withoutId(console, arguments.argument(), options);
          }
          case 'U' -> forceShare = true;
          case 't', 'd', 'i' -> flags.take(o, arguments.argument());
          default -> flags.take(o);
        }
      }
      List<String> operands = arguments.operands();
      Optional<String> filename = Optional.empty();
      if (operands.size() == 1) {
        if (session.imageOptions()) {
          options = OptionStrings.withoutId(console, operands.get(0), options);
        } else {
          filename = Optional.of(operands.get(0));
        }
      } else if (operands.size() > 1) {
        throw arguments.usage();
      }
      session.open(filename, flags.flags(), options, forceShare);
    }

    @Override
    public String help() {
      return HelpTexts.OPEN;
    }
  }

  /** {@code close}. */
  static final class Close implements Command {
    @Override
    public Spec spec() {
      return Spec.of("close", "close the current open file").alias("c");
    }

    @Override
    public void run(Session session, Words words) {
      session.closeImage();
    }
  }

  /** {@code reopen}. */
  static final class Reopen implements Command {
    @Override
    public Spec spec() {
      return Spec.of("reopen", "reopens an image with new options")
          .takes(0, Spec.ANY, "[(-r|-w)] [-c cache] [-o options]");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Console console = session.console();
      BlockBackend image = session.image();
      Arguments arguments = new Arguments(session, spec(), words, "c:o:rw");
      Options changes = new Options();
      OpenFlags flags = cacheMode(image.root().flags(), image.writeThrough());
      boolean accessGiven = false;
      boolean cacheGiven = false;
      for (int o = arguments.next(); o != Getopt.END; o = arguments.next()) {
        switch (o) {
          case 'c' -> {
            Optional<OpenFlags> cached = flags.withCacheMode(arguments.argument());
            if (cached.isEmpty()) {
              throw refuse(console, "Invalid cache option: " + arguments.argument());
            }
            flags = cached.get();
            cacheGiven = true;
          }
          case 'o' -> changes = OptionStrings.withoutId(console, arguments.argument(), changes);
          default -> { // -r, -w
            if (accessGiven) {
              throw refuse(console, "Only one -r/-w option may be given");
            }
            flags = flags.withReadOnly(o == 'r');
            accessGiven = true;
          }
        }
      }
      if (!arguments.operands().isEmpty()) {
        throw arguments.usage();
      }
      if (accessGiven && changes.has("read-only")) {
        throw refuse(console, "Cannot set both -r/-w and 'read-only'");
      }
      if (cacheGiven && (changes.has("cache.direct") || changes.has("cache.no-flush"))) {
        throw refuse(console, "Cannot set both -c and the cache options");
      }
      session.loop().drain();
      try {
        image.reopen(flags, changes);
      } catch (UsageException refused) {
        console.report(refused.getMessage(), refused.hints());
        throw new Refusal();
      }
      image.writeThrough(flags.writeThrough());
    }

    private static OpenFlags cacheMode(OpenFlags flags, boolean writeThrough) {
      return flags.withCache(flags.direct(), flags.noFlush(), writeThrough);
    }

    private static Refusal refuse(Console console, String message) {
      console.report(message);
      return new Refusal();
    }

    @Override
    public String help() {
      return HelpTexts.REOPEN;
    }
  }
}
