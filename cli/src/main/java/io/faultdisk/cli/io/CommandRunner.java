package io.faultdisk.cli.io;

import io.faultdisk.base.UsageException;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Loop;
import io.faultdisk.cli.tool.Refusal;
import java.util.List;
import java.util.Optional;

/** Takes a command line apart, checks it against the command's {@link Spec} and runs it. */
final class CommandRunner {
  private final Session session;
  private final Console console;

  CommandRunner(Session session) {
    this.session = session;
    this.console = session.console();
  }

  /** Runs one line; true if it went well. A line without words does. */
  boolean run(String line) {
    List<String> cut = Words.cut(line);
    if (cut.isEmpty()) {
      return true;
    }
    Words words = new Words(cut.get(0), cut.subList(1, cut.size()));
    Optional<Command> command = Commands.find(words.command(), session.dialect());
    if (command.isEmpty()) {
      console.error("command \"" + words.command() + "\" not found");
      return false;
    }
    try {
      check(command.get().spec(), words);
      command.get().run(session, words);
      return true;
    } catch (Refusal said) {
      return false;
    } catch (Loop.Stuck stuck) {
      console.report(words.command() + ": " + stuck.what());
      return false;
    } catch (OutOfMemoryError tooLarge) {
      console.report(
          words.command()
              + ": not enough memory for such a request (-XX:MaxDirectMemorySize=4g gives more)");
      return false;
    }
  }

  private void check(Spec spec, Words words) throws Refusal {
    if (spec.needsImage() && !session.hasImage()) {
      console.error("no file open, try 'help open'");
      throw new Refusal();
    }
    int count = words.arguments().size();
    if (count < spec.least() || (spec.most() != Spec.ANY && count > spec.most())) {
      console.error(
          "bad argument count " + count + " to " + words.command() + ", expected " + range(spec));
      throw new Refusal();
    }
    if (spec.permissions() != 0) {
      try {
        session.image().requirePermissions(spec.permissions());
      } catch (UsageException refused) {
        console.report(refused.getMessage(), refused.hints());
        throw new Refusal();
      }
    }
  }

  private static String range(Spec spec) {
    if (spec.most() == Spec.ANY) {
      return "at least " + spec.least() + " arguments";
    }
    if (spec.least() == spec.most()) {
      return spec.least() + " arguments";
    }
    return "between " + spec.least() + " and " + spec.most() + " arguments";
  }
}
