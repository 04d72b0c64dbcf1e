package io.faultdisk.cli.own;

import io.faultdisk.base.Errno;
import io.faultdisk.posix.FileStatus;
import io.faultdisk.posix.OpenFlag;
import io.faultdisk.posix.PosixException;
import io.faultdisk.posix.PosixFile;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.QemuEvents;
import io.faultdisk.rules.RequestType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rules for-file}: turns a file into the rules for a disk that hit this file. */
@Command(
    name = "for-file",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints rules for the sectors that hold a file of a mounted file system.",
      "",
      "So a rule for a disk can hit one file. The file is synced first. The sectors, of 512 bytes,"
          + " are counted from the beginning of the block device that the file system is on, which"
          + " is named; for a partition, or a loop device, --whole counts from the beginning of"
          + " the disk or the image file instead. They are right until the file is moved: by"
          + " writing to it, with some file systems, or by defragmenting.",
    },
    footer = {
      "",
      "Example, as root:",
      "  faultdisk rules for-file --iotype read --errno EIO /mnt/db/wal > rules.conf"
    })
final class ForFileCommand implements Callable<Integer> {
  private static final int LARGEST_BLOCK_BYTES = 64 * 1024;
  private static final int USUAL_BLOCK_BYTES = 4096;

  /** How the ranges are printed. */
  enum Format {
    rules,
    table,
    json
  }

  @Spec CommandSpec spec;

  @Parameters(paramLabel = "PATH", description = "The file.")
  String path;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "rules",
      description = "rules, table or json; default ${DEFAULT-VALUE}.")
  Format format;

  @Option(
      names = "--device",
      description = "Print only the name of what the sectors are counted in.")
  boolean deviceOnly;

  @Option(
      names = "--whole",
      description =
          "Count in what the device is part of: the disk of a partition, the file behind a loop"
              + " device.")
  boolean whole;

  @Option(
      names = "--event",
      paramLabel = "EVENT",
      defaultValue = "none",
      description = "The event of the rules; default ${DEFAULT-VALUE}: they are always in force.")
  String event;

  @Option(
      names = "--errno",
      paramLabel = "ERRNO",
      defaultValue = "EIO",
      description = "What the requests fail with, a name or number; default ${DEFAULT-VALUE}.")
  String errno;

  @Option(
      names = "--iotype",
      paramLabel = "TYPE",
      description =
          "Only requests of this type: read, write, write-zeroes, discard or block-status; default"
              + " all but block-status.")
  Optional<String> iotype;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    FileRangesReport.Fault fault = fault();
    FileRangesReport report;
    try {
      report = ask(fault);
    } catch (IOException | InvalidPathException e) {
      err.println("faultdisk: " + reason(e));
      return 1;
    }
    if (deviceOnly) {
      out.println(report.countedIn());
      return 0;
    }
    report.ranges().warnings().forEach(line -> err.println("faultdisk: warning: " + line));
    if (report.ranges().ranges().isEmpty()) {
      err.println("faultdisk: no sectors hold '" + path + "': " + report.whyNone());
      return 1;
    }
    out.print(
        switch (format) {
          case rules -> report.rules();
          case table -> report.table();
          case json -> report.json() + System.lineSeparator();
        });
    out.flush();
    return 0;
  }

  private FileRangesReport.Fault fault() {
    if (QemuEvents.named(event, Dialect.FAULTDISK).isEmpty()) {
      throw wrong("--event", event, "an event; 'faultdisk rules events' lists them");
    }
    boolean number = errno.matches("[0-9]{1,4}");
    if (!number && Errno.named(errno).isEmpty()) {
      throw wrong("--errno", errno, "the name of an error, such as EIO, or a number");
    }
    if (iotype.isPresent()) {
      Optional<RequestType> type = RequestType.named(iotype.get());
      if (type.isEmpty() || type.get() == RequestType.FLUSH) {
        throw wrong(
            "--iotype",
            iotype.get(),
            "one of read, write, write-zeroes, discard, block-status, which have a range");
      }
    }
    return new FileRangesReport.Fault(event, errno, iotype);
  }

  private FileRangesReport ask(FileRangesReport.Fault fault) throws IOException {
    if (path.isEmpty()) {
      throw new NoSuchFileException(path);
    }
    Path real = Path.of(path).toRealPath();
    if (Files.isDirectory(real)) {
      throw new IOException("'" + path + "' is a directory: name a file in it");
    }
    if (!Files.isRegularFile(real)) {
      throw new IOException("'" + path + "' is not a regular file, so no file system places it");
    }
    try (PosixFile file = PosixFile.open(real.toString(), Set.<OpenFlag>of())) {
      FileStatus status = file.status();
      HoldingDevice device =
          HoldingDevice.find(Path.of("/proc"), Path.of("/sys"), real, status.device());
      int preferred = status.preferredBlockBytes();
      boolean isBlock = Integer.bitCount(preferred) == 1 && preferred <= LARGEST_BLOCK_BYTES;
      try {
        FileRanges ranges =
            FileRanges.of(
                file.extents(), status.size(), isBlock ? preferred : USUAL_BLOCK_BYTES, device);
        return new FileRangesReport(real.toString(), status.size(), device, whole, ranges, fault);
      } catch (PosixException e) {
        if (e.errno().equals(Errno.EOPNOTSUPP) || e.errno().equals(Errno.ENOTTY)) {
          throw new IOException(
              "'"
                  + path
                  + "' is on "
                  + device.fileSystem()
                  + ", which does not tell where its files lie (it has no FIEMAP)",
              e);
        }
        throw e;
      }
    }
  }

  private String reason(Exception e) {
    return switch (e) {
      case NoSuchFileException _ -> "cannot open '" + path + "': No such file or directory";
      case java.nio.file.AccessDeniedException _ -> "cannot open '" + path + "': Permission denied";
      case java.nio.file.FileSystemException other ->
          "cannot open '" + path + "': " + other.getReason();
      case InvalidPathException _ -> "'" + path + "' cannot be the name of a file";
      case PosixException posix -> "cannot read '" + path + "': " + posix.errno().text();
      default -> String.valueOf(e.getMessage());
    };
  }

  private CommandLine.ParameterException wrong(String option, String text, String needed) {
    return new CommandLine.ParameterException(
        spec.commandLine(), option + ": '" + text + "' is not " + needed);
  }
}
