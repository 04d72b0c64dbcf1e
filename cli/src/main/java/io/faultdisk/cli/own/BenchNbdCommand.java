package io.faultdisk.cli.own;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Seed;
import io.faultdisk.base.SizeText;
import io.faultdisk.base.Units;
import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.NbdLimits;
import io.faultdisk.nbd.NbdUri;
import io.faultdisk.nbd.bench.Access;
import io.faultdisk.nbd.bench.Load;
import io.faultdisk.nbd.bench.LoadPlan;
import io.faultdisk.nbd.bench.LoadResult;
import io.faultdisk.nbd.bench.LostConnectionException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench nbd}: puts load on an NBD server. */
@Command(
    name = "nbd",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Puts load on an NBD server, whichever it is, and prints how it bore it.",
      "",
      "Requests that the server answers with an error are counted; a connection that breaks ends"
          + " the measurement, with exit code 1."
    },
    footer = {
      "",
      "Times take the suffixes ms, s, m; sizes k, M, G, T.",
      "",
      "Example:",
      "  faultdisk bench nbd --depth 64 'nbd+unix:///?socket=disk.sock'"
    })
final class BenchNbdCommand implements Callable<Integer> {
  private static final String DEFAULT_TIME = "5s";
  private static final String DEFAULT_WARMUP = "1s";

  @Spec CommandSpec spec;

  @Parameters(
      paramLabel = "URI",
      description = "The export, nbd://HOST/NAME or nbd+unix:///NAME?socket=PATH.")
  String uri;

  @Option(
      names = "--rw",
      paramLabel = "MODE",
      defaultValue = "randread",
      description =
          "read, write, randread, randwrite or randrw; default ${DEFAULT-VALUE}. Those that write"
              + " destroy what the export holds.")
  String rw;

  @Option(
      names = "--read-percent",
      paramLabel = "N",
      description = "With randrw: how many of a hundred requests are reads; default 50.")
  Optional<Integer> readPercent;

  @Option(
      names = "--bs",
      paramLabel = "SIZE",
      defaultValue = "4k",
      description = "The length of each request; default ${DEFAULT-VALUE}.")
  String bs;

  @Option(
      names = "--depth",
      paramLabel = "N",
      defaultValue = "16",
      description = "How many requests each connection has in flight; default ${DEFAULT-VALUE}.")
  int depth;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many connections; default ${DEFAULT-VALUE}.")
  int connections;

  @Option(
      names = "--time",
      paramLabel = "TIME",
      description =
          "How long to measure; default " + DEFAULT_TIME + ", or as long as --requests takes.")
  Optional<String> time;

  @Option(
      names = "--requests",
      paramLabel = "N",
      description = "How many requests to measure, over all connections.")
  Optional<Long> requests;

  @Option(
      names = "--warmup",
      paramLabel = "TIME",
      description =
          "How long the load is on before it is measured; default "
              + DEFAULT_WARMUP
              + ", with --requests 0s.")
  Optional<String> warmup;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description = "Use only the first so many bytes of the export.")
  Optional<String> size;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Repeat the random choices of another run; it printed the number.")
  Optional<String> seed;

  @Option(
      names = "--structured",
      description = "Ask for structured replies; without it the server sends simple ones.")
  boolean structured;

  @Option(
      names = "--patience",
      paramLabel = "TIME",
      defaultValue = "30s",
      description = "Give up when nothing comes for so long; default ${DEFAULT-VALUE}.")
  String patience;

  @Option(
      names = "--server-pid",
      paramLabel = "PID",
      description = "Also measure the processor time that this process spends for a request.")
  Optional<Long> serverPid;

  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  @Override
  public Integer call() {
    LoadPlan plan = plan();
    PrintWriter err = spec.commandLine().getErr();
    try {
      NbdUri server = NbdUri.parse(uri);
      LoadResult result = Load.run(server, plan, Clock.system());
      BenchReport report = new BenchReport(uri, plan, result);
      PrintWriter out = spec.commandLine().getOut();
      out.println(json ? report.json() : report.text());
      return 0;
    } catch (UsageException e) {
      err.println("faultdisk: " + e.getMessage());
      e.hints().forEach(err::println);
    } catch (LostConnectionException e) {
      err.println("faultdisk: " + e.getMessage() + " (seed " + plan.seed() + ")");
    }
    return 1;
  }

  private LoadPlan plan() {
    Access access =
        Access.of(rw)
            .orElseThrow(
                () -> wrong("--rw", rw, "one of read, write, randread, randwrite, randrw"));
    if (readPercent.isPresent() && access != Access.RANDRW) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--read-percent needs --rw randrw");
    }
    long blockBytes = sizeOf("--bs", bs);
    if (blockBytes > NbdLimits.PAYLOAD_BYTES_MAX) {
      throw wrong("--bs", bs, "at most 32M");
    }
    boolean timed = time.isPresent() || requests.isEmpty();
    return new LoadPlan(
        access,
        (int) within("--read-percent", readPercent.orElse(50), 0, 100),
        (int) blockBytes,
        (int) within("--depth", depth, 1, LoadPlan.DEPTH_MAX),
        (int) within("--connections", connections, 1, LoadPlan.CONNECTIONS_MAX),
        size.isPresent() ? OptionalLong.of(sizeOf("--size", size.get())) : OptionalLong.empty(),
        seed(),
        nanos("--warmup", warmup.orElse(timed ? DEFAULT_WARMUP : "0s"), 0),
        timed
            ? OptionalLong.of(nanos("--time", time.orElse(DEFAULT_TIME), 1))
            : OptionalLong.empty(),
        requests.isPresent()
            ? OptionalLong.of(within("--requests", requests.get(), 1, Long.MAX_VALUE))
            : OptionalLong.empty(),
        structured,
        nanos("--patience", patience, 1),
        server());
  }

  private Optional<ProcessHandle> server() {
    Optional<ProcessHandle> server = serverPid.flatMap(ProcessHandle::of);
    if (serverPid.isPresent() && server.isEmpty()) {
      throw wrong("--server-pid", serverPid.get().toString(), "a process that runs here");
    }
    return server;
  }

  private Seed seed() {
    if (seed.isEmpty()) {
      return Seed.fresh();
    }
    try {
      return Seed.parse(seed.get());
    } catch (UsageException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private long sizeOf(String option, String text) {
    SizeText parsed = Units.parseSize(text);
    if (!parsed.isOk() || parsed.bytes() == 0) {
      throw wrong(option, text, "a size above 0, such as 4096 or 4k");
    }
    return parsed.bytes();
  }

  private long within(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw wrong(
          option,
          Long.toString(value),
          max == Long.MAX_VALUE ? "at least " + min : "from " + min + " to " + max);
    }
    return value;
  }

  private long nanos(String option, String text, long min) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    long unit =
        switch (text.substring(digits)) {
          case "ms" -> 1_000_000L;
          case "", "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          default -> 0;
        };
    // Nine digits of minutes would not fit into 64 bits of nanoseconds, and nobody waits so long.
    if (unit == 0 || digits == 0 || digits > 8 || Long.parseLong(text, 0, digits, 10) < min) {
      throw wrong(option, text, "a time" + (min > 0 ? " above 0" : "") + ", such as 500ms or 5s");
    }
    return Long.parseLong(text, 0, digits, 10) * unit;
  }

  private CommandLine.ParameterException wrong(String option, String text, String needed) {
    return new CommandLine.ParameterException(
        spec.commandLine(), option + ": '" + text + "' is not " + needed);
  }
}
