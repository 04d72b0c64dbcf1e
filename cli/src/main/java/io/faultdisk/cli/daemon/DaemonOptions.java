package io.faultdisk.cli.daemon;

import io.faultdisk.base.UsageException;
import io.faultdisk.cli.getopt.LongOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The options of the tool. Those that are looked at {@linkplain #isEarly early} prepare the
 * process; all others do something to the daemon, one after the other.
 */
final class DaemonOptions {
  static final String SHORT_OPTIONS = "hT:V";

  static final int DAEMONIZE = 256;
  static final int PIDFILE = 257;

  /** The code of the first one of {@link #ALL}. */
  private static final int FIRST = 258;

  private DaemonOptions() {}

  /** What an option does with its argument. */
  interface Action {
    void run(RunningDaemon daemon, String argument) throws UsageException;
  }

  /** An option with an argument. */
  record DaemonOption(String name, Action action) {}

  /** All that do something to the daemon. */
  static final List<DaemonOption> ALL =
      List.of(
          new DaemonOption("blockdev", RunningDaemon::addNode),
          new DaemonOption("chardev", RunningDaemon::addCharacterDevice),
          new DaemonOption("export", RunningDaemon::addExport),
          new DaemonOption("monitor", RunningDaemon::addMonitor),
          new DaemonOption("nbd-server", RunningDaemon::startNbdServer),
          new DaemonOption("object", RunningDaemon::addObject));

  /** What QEMU's tool does not have; behind its own, so that codes tell them apart. */
  private static final List<DaemonOption> OURS =
      List.of(
          new DaemonOption("disk", RunningDaemon::addDisk),
          new DaemonOption("http", RunningDaemon::serveHttp));

  /**
   * Every long option, each with its letter if it has one.
   *
   * @param own whether ours are among them
   */
  static List<LongOption> longOptions(boolean own) {
    List<LongOption> options = new ArrayList<>();
    options.add(LongOption.flag("help", 'h'));
    options.add(LongOption.withArgument("trace", 'T'));
    options.add(LongOption.flag("version", 'V'));
    options.add(LongOption.flag("daemonize", DAEMONIZE));
    options.add(LongOption.withArgument("pidfile", PIDFILE));
    int code = FIRST;
    for (DaemonOption option : ALL) {
      options.add(LongOption.withArgument(option.name(), code++));
    }
    if (own) {
      for (DaemonOption option : OURS) {
        options.add(LongOption.withArgument(option.name(), code++));
      }
    }
    return options;
  }

  /** Whether an option is looked at before all others. */
  static boolean isEarly(int code) {
    return code < FIRST;
  }

  /** The one of a code that is not early. */
  static DaemonOption of(int code) {
    int index = code - FIRST;
    return index < ALL.size() ? ALL.get(index) : OURS.get(index - ALL.size());
  }
}
