package io.faultdisk.cli.io;

import io.faultdisk.base.Clock;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Signals;
import io.faultdisk.cli.tool.CInteger;
import io.faultdisk.cli.tool.Refusal;
import java.util.OptionalLong;

/** Commands about the tool itself: sleep, sigraise, abort, quit. */
final class ProcessCommands {
  private ProcessCommands() {}

  /** {@code sleep}: other requests go on meanwhile. */
  static final class Sleep implements Command {
    private static final long NANOS_PER_MILLI = 1_000_000;

    @Override
    public Spec spec() {
      return Spec.of("sleep", "waits for the given value in milliseconds")
          .takes(1, 1)
          .withoutImage();
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      OptionalLong millis = CInteger.parse(words.argument(0));
      if (millis.isEmpty() || millis.getAsLong() < 0) {
        session.console().line(words.argument(0) + " is not a valid number");
        throw new Refusal();
      }
      Clock clock = session.clock();
      long nanos = Math.min(millis.getAsLong(), Long.MAX_VALUE / NANOS_PER_MILLI) * NANOS_PER_MILLI;
      long start = clock.nanoTime();
      for (long past = 0; past < nanos; past = clock.nanoTime() - start) {
        if (!session.loop().runOnce()) {
          rest(session, nanos - past);
        }
      }
    }

    private static void rest(Session session, long nanos) throws Refusal {
      try {
        session.sleeper().sleepNanos(nanos);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new Refusal();
      }
    }
  }

  /** {@code sigraise}. */
  static final class Sigraise implements Command {
    /** One more than the largest signal; passing exactly this is let through, as in qemu-io. */
    private static final int SIGNALS = 65;

    @Override
    public Spec spec() {
      return Spec.of("sigraise", "raises a signal").takes(1, 1, "signal").withoutImage();
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Arguments arguments = new Arguments(session, spec(), words, "");
      long signal = arguments.size(words.argument(0));
      if (signal > SIGNALS) {
        throw arguments.refuse(
            "signal argument '" + words.argument(0) + "' is too large to be a valid signal");
      }
      session.console().flush();
      session.signals().raise((int) signal);
    }

    @Override
    public String help() {
      return HelpTexts.SIGRAISE;
    }
  }

  /**
   * {@code abort}: what standard output holds back is lost, as is everything the image has not
   * written.
   */
  static final class Abort implements Command {
    @Override
    public Spec spec() {
      return Spec.of("abort", "simulate a program crash using abort(3)").withoutImage();
    }

    @Override
    public void run(Session session, Words words) {
      session.console().discard();
      session.signals().raise(Signals.SIGABRT);
    }
  }

  /** {@code quit}. */
  static final class Quit implements Command {
    @Override
    public Spec spec() {
      return Spec.of("quit", "exit the program").alias("q").takes(0, Spec.ANY).withoutImage();
    }

    @Override
    public void run(Session session, Words words) {
      session.quit();
    }
  }

  /** {@code help}. */
  static final class Help implements Command {
    @Override
    public Spec spec() {
      return Spec.of("help", "help for one or all commands")
          .alias("?")
          .takes(0, 1, "[command]")
          .withoutImage();
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Console console = session.console();
      if (words.arguments().isEmpty()) {
        for (Command command : Commands.all(session.dialect())) {
          console.line(command.spec().usageLine(command.spec().name()));
        }
        console.line("");
        console.line("Use 'help commandname' for extended help.");
        return;
      }
      String word = words.argument(0);
      Command command = Commands.find(word, session.dialect()).orElse(null);
      if (command == null) {
        console.line("command " + word + " not found");
        throw new Refusal();
      }
      console.line(command.spec().usageLine(word));
      if (!command.help().isEmpty()) {
        console.print("\n" + command.help() + "\n");
      }
    }
  }
}
