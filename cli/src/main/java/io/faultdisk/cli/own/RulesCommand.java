package io.faultdisk.cli.own;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.blkdebug.EventMeanings;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rules}: what there is to know about rule files, without any image. */
@Command(
    name = "rules",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Checks rule files, makes some, and lists what rules can hang on.",
    commandListHeading = "%nCommands:%n",
    subcommands = ForFileCommand.class)
final class RulesCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "Missing command: lint, explain, events or for-file");
  }

  @Command(
      name = "lint",
      mixinStandardHelpOptions = true,
      description = {
        "Reads rule files and says what is wrong with them, with file and line.",
        "",
        "Also names every line that is fine here but that QEMU itself would refuse. The exit code"
            + " is 0 if there is nothing to say."
      })
  int lint(
      @Option(
              names = "--files",
              description = "The rules are for the files of a Java program, not for a disk.")
          boolean forFiles,
      @Parameters(arity = "1..*", paramLabel = "FILE", description = "Rule files.")
          List<String> files) {
    PrintWriter out = spec.commandLine().getOut();
    int findings = 0;
    for (String file : files) {
      RuleLint lint;
      try {
        byte[] content = read(file);
        lint = forFiles ? RuleLint.ofFiles(file, content) : RuleLint.of(file, content);
      } catch (IOException unreadable) {
        spec.commandLine()
            .getErr()
            .println("faultdisk: cannot read " + file + ": " + reason(unreadable));
        findings++;
        continue;
      }
      lint.findings().forEach(out::println);
      findings += lint.findings().size();
      if (lint.findings().isEmpty()) {
        out.println(
            file + ": " + lint.rules() + (lint.rules() == 1 ? " rule" : " rules") + ", fine");
      }
    }
    return findings == 0 ? 0 : 1;
  }

  @Command(
      name = "explain",
      mixinStandardHelpOptions = true,
      description = {
        "Says in words what the rules of a file do, and draws their state machine.",
        "",
        "One sentence a rule, in the order of the file, by state. The text ends with the drawing"
            + " for Mermaid, if the rules change states."
      })
  int explain(
      @Option(
              names = "--files",
              description = "The rules are for the files of a Java program, not for a disk.")
          boolean forFiles,
      @Option(
              names = "--format",
              paramLabel = "FORMAT",
              defaultValue = "text",
              description = "text (the default), mermaid or dot.")
          RuleExplanation.Format format,
      @Parameters(paramLabel = "FILE", description = "A rule file.") String file) {
    PrintWriter err = spec.commandLine().getErr();
    try {
      RuleFile content = new RuleFile(file, read(file));
      List<Rule> rules = RuleSources.read(content, forFiles ? Dialect.FILES : Dialect.FAULTDISK);
      new RuleExplanation(file, rules).lines(format).forEach(spec.commandLine().getOut()::println);
      return 0;
    } catch (IOException unreadable) {
      err.println("faultdisk: cannot read " + file + ": " + reason(unreadable));
    } catch (UsageException wrong) {
      err.println("faultdisk: " + wrong.getMessage());
      wrong.hints().forEach(err::println);
    }
    return 1;
  }

  private static byte[] read(String file) throws IOException {
    try {
      if (file.isEmpty()) {
        throw new NoSuchFileException(file);
      }
      return Files.readAllBytes(Path.of(file));
    } catch (InvalidPathException unnameable) {
      throw new IOException("the name cannot be used here", unnameable);
    }
  }

  private static String reason(IOException unreadable) {
    return switch (unreadable) {
      case NoSuchFileException _ -> "No such file or directory";
      case AccessDeniedException _ -> "Permission denied";
      default -> String.valueOf(unreadable.getMessage());
    };
  }

  @Command(
      name = "events",
      mixinStandardHelpOptions = true,
      description = {
        "Lists the events that rules and breakpoints can name, and when they happen.",
        "",
        "These are QEMU's, and two of an NBD export's connections. Programs that embed the engine"
            + " announce events of their own; any name that does not look like a mistyped one of"
            + " these is accepted."
      })
  void events(
      @Option(names = "--files", description = "Those of the files of a Java program instead.")
          boolean ofFiles) {
    PrintWriter out = spec.commandLine().getOut();
    List<Event> events = ofFiles ? EventMeanings.ofFiles() : EventMeanings.ofDisks();
    int width = 0;
    for (Event event : events) {
      width = Math.max(width, event.name().length());
    }
    for (Event event : events) {
      out.println(
          event.name() + " ".repeat(width - event.name().length() + 2) + EventMeanings.of(event));
    }
  }
}
