package io.faultdisk.cli.top;

import io.faultdisk.base.Clock;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Signals;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code top}: shows every second what the disks of a running server do. */
@Command(
    name = "top",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows every second what the disks of a running server do: requests by type, latencies,"
          + " state, faults and the requests that these hit.",
      "",
      "On a terminal the same lines are drawn anew; otherwise there is a block of lines each time."
          + " Ctrl-C ends it."
    },
    footer = {"", "Example:", "  faultdisk top 'http://127.0.0.1:8080/?token=...'"})
public final class TopCommand implements Callable<Integer> {
  /** Waiting events; the reader waits when there are more. */
  private static final int EVENTS_MAX = 1000;

  private static final String HOME_AND_CLEAR = "\u001b[H\u001b[J";

  private final Console console;
  private final Signals signals;
  private final Clock clock = Clock.system();
  private final BlockingQueue<News> news = new LinkedBlockingQueue<>(EVENTS_MAX);

  @Spec CommandSpec spec;

  @Parameters(
      paramLabel = "URL",
      description =
          "What the server printed when it started, with the token, unless FAULTDISK_TOKEN has it.")
  String url;

  @Option(names = "--once", description = "Print one block, of one interval, and end.")
  boolean once;

  @Option(names = "--json", description = "Print a line of JSON instead of a block.")
  boolean json;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "1",
      description = "The time between two blocks; default ${DEFAULT-VALUE}.")
  int interval;

  @Option(
      names = "--tls-dir",
      paramLabel = "DIR",
      description =
          "With https: a directory with ca-cert.pem, and client-cert.pem and client-key.pem if the"
              + " server wants to see them.")
  Optional<String> tls;

  /** What the reader has to say. */
  private sealed interface News {
    record Event(String name, JsonValue data) implements News {}

    /** There will be no more. */
    record Lost(UsageException why) implements News {}

    /** The user has enough. */
    record Enough() implements News {}
  }

  /** Prints to a console; hears of Ctrl-C from there. */
  public TopCommand(Console console, Signals signals) {
    this.console = console;
    this.signals = signals;
  }

  @Override
  public Integer call() {
    if (interval < 1 || interval > 3600) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--interval: '" + interval + "' is not from 1 to 3600");
    }
    try (ConsoleClient client = ConsoleClient.of(url, tls, System.getenv())) {
      // What is waiting is of no interest any more.
      Signals.Termination termination = signals.onTermination(this::enough);
      try {
        Thread.ofVirtual().name("events").start(() -> read(client));
        return show();
      } finally {
        termination.close();
      }
    } catch (UsageException e) {
      console.report(e.getMessage(), e.hints());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      console.flush();
    }
  }

  private void enough() {
    while (!news.offer(new News.Enough())) {
      news.clear();
    }
  }

  private void read(ConsoleClient client) {
    try {
      client.events((name, data) -> put(new News.Event(name, data)));
    } catch (UsageException e) {
      put(new News.Lost(e));
    } catch (RuntimeException e) {
      put(new News.Lost(new UsageException("this should not have happened: " + e)));
    }
  }

  private void put(News one) {
    try {
      news.put(one);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int show() throws UsageException, InterruptedException {
    Look look = new Look();
    boolean begun = false;
    long next = clock.nanoTime() + TimeUnit.SECONDS.toNanos(interval);
    while (true) {
      News one = news.poll(Math.max(0, next - clock.nanoTime()), TimeUnit.NANOSECONDS);
      switch (one) {
        case News.Event(String name, JsonValue data) when !(data instanceof JsonNull) -> {
          look.event(name, data);
          begun |= name.equals("disks");
        }
        case News.Event _ -> {}
        case News.Lost(UsageException why) -> throw why;
        case News.Enough _ -> {
          return 0;
        }
        case null -> {}
      }
      if (clock.nanoTime() - next < 0) {
        continue;
      }
      next += TimeUnit.SECONDS.toNanos(interval);
      // The first interval may have been too short for a tick of each.
      if (begun && look.complete()) {
        print(look);
        look.looked();
        if (once || console.lost().isPresent()) {
          return 0;
        }
      }
    }
  }

  private void print(Look look) {
    if (json) {
      console.line(Json.write(look.json()));
      console.flush();
      return;
    }
    List<String> lines = TopText.lines(look, ZoneId.systemDefault());
    if (console.outIsTerminal() && !once) {
      console.print(HOME_AND_CLEAR);
      lines.forEach(console::line);
    } else {
      lines.forEach(console::line);
      console.line("");
    }
    console.flush();
  }
}
