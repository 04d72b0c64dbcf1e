package io.faultdisk.cli.io;

import io.faultdisk.base.Seed;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.PowerSwitch;
import io.faultdisk.block.Unsynced;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.rules.Survivors;
import java.util.List;
import java.util.Optional;

/**
 * Commands of our own about what is not durable yet: power, lose-unfsynced-writes, checkpoint,
 * unsynced-data-report. They act on the nearest node that has a power switch.
 */
final class PowerCommands {
  private PowerCommands() {}

  /** {@code power}. */
  static final class Power implements Command {
    @Override
    public Spec spec() {
      return Spec.of("power", "cuts the power of the disk, restores it, or says how things are")
          .takes(1, Spec.ANY, "cut [SURVIVORS [SEED]] | restore | status");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      PowerSwitch power = power(session);
      int count = words.arguments().size();
      switch (words.argument(0)) {
        case "cut" -> {
          if (count > 3) {
            throw usage(session);
          }
          cut(session, power, words.arguments().subList(1, count));
        }
        case "restore" -> {
          if (count > 1) {
            throw usage(session);
          }
          power.restore();
        }
        case "status" -> {
          if (count > 1) {
            throw usage(session);
          }
          session.console().line("power is " + (power.isOn() ? "on" : "off"));
        }
        default -> throw usage(session);
      }
    }

    private static void cut(Session session, PowerSwitch power, List<String> how) throws Refusal {
      Console console = session.console();
      if (!power.isOn()) {
        console.line("power is off already");
        return;
      }
      Unsynced before = power.unsynced();
      try {
        Survivors left = cut(power, how);
        console.line("power is off: " + text(before, left));
      } catch (UsageException mistake) {
        console.report(mistake.getMessage(), mistake.hints());
        throw new Refusal();
      } catch (BlockIoException failure) {
        console.line("power is off, but the survivors could not be stored: " + failure.reason());
        throw new Refusal();
      }
    }

    private static Survivors cut(PowerSwitch power, List<String> how)
        throws UsageException, BlockIoException {
      if (how.isEmpty()) {
        return power.cut();
      }
      Survivors survivors = Survivors.parse(how.get(0));
      Seed seed = how.size() > 1 ? Seed.parse(how.get(1)) : Seed.fresh();
      return power.cut(survivors, seed);
    }

    private static String text(Unsynced before, Survivors left) {
      if (before.writes() == 0) {
        return "everything was durable";
      }
      String survive = left.kind() == Survivors.Kind.NONE ? "none survives" : left + " survive";
      return "of " + writes(before.writes()) + " since the last flush " + survive;
    }

    private Refusal usage(Session session) {
      session.console().line(spec().usageLine(spec().name()));
      return new Refusal();
    }

    @Override
    public String help() {
      return HelpTexts.POWER;
    }
  }

  /** {@code lose-unfsynced-writes}. */
  static final class Lose implements Command {
    @Override
    public Spec spec() {
      return Spec.of("lose-unfsynced-writes", "forgets all writes since the last flush");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      PowerSwitch power = power(session);
      send(session, power::loseUnsynced, "Could not lose writes");
    }
  }

  /** {@code checkpoint}. */
  static final class Checkpoint implements Command {
    @Override
    public Spec spec() {
      return Spec.of("checkpoint", "makes all writes durable, past the rules for flushes");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      PowerSwitch power = power(session);
      send(session, power::checkpoint, "Could not make writes durable");
    }
  }

  /** {@code unsynced-data-report}. */
  static final class Report implements Command {
    @Override
    public Spec spec() {
      return Spec.of("unsynced-data-report", "shows what a power cut may take");
    }

    @Override
    public void run(Session session, Words words) throws Refusal {
      Console console = session.console();
      Unsynced unsynced = power(session).unsynced();
      console.line(
          writes(unsynced.writes()) + " since the last flush, " + unsynced.bytes() + " bytes");
      if (unsynced.held() < unsynced.writes()) {
        console.line(
            "the first " + (unsynced.writes() - unsynced.held()) + " are on the medium already");
      }
      if (unsynced.dropped() > 0) {
        console.line(writes(unsynced.dropped()) + " dropped by a flush that failed");
      }
      for (Unsynced.Range range : unsynced.ranges()) {
        console.line(range.bytes() + " bytes at " + range.offset());
      }
    }
  }

  private static String writes(long count) {
    return count + (count == 1 ? " write" : " writes");
  }

  private static void send(Session session, Session.Request request, String failed) throws Refusal {
    try {
      session.synchronous(request);
    } catch (BlockIoException failure) {
      session.console().line(failed + ": " + failure.errno().text());
      throw new Refusal();
    }
  }

  private static PowerSwitch power(Session session) throws Refusal {
    Optional<PowerSwitch> power = session.image().power();
    if (power.isEmpty()) {
      session
          .console()
          .line(
              "no power switch: this image has no write-cache node"
                  + " (open driver=write-cache,file.driver=...)");
      throw new Refusal();
    }
    return power.get();
  }
}
