package io.faultdisk.cli.io;

import io.faultdisk.cli.Console;
import io.faultdisk.rules.Event;
import io.faultdisk.rules.QemuEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * A prompt with line editing, history and completion: of commands, of the events of {@code break},
 * of the commands that {@code help} knows. Ctrl-C drops the line, Ctrl-D ends.
 */
final class TerminalPrompt implements Prompt {
  /** Held, since a logger that nobody holds forgets its level. */
  private static final Logger EDITOR_LOG = Logger.getLogger("org.jline");

  private final Session session;
  private final Terminal terminal;
  private final LineReader reader;

  private TerminalPrompt(Session session, Terminal terminal) {
    this.session = session;
    this.terminal = terminal;
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName(session.console().program())
            .completer((editor, line, found) -> found.addAll(candidates(line)))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
    historyFile().ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
    this.reader = builder.build();
  }

  /** The line editor, or plain reading if the terminal cannot be used so. */
  static Prompt open(Session session) {
    // The editor logs what it cannot do, with stack traces, to the user's screen.
    EDITOR_LOG.setLevel(Level.OFF);
    try {
      Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build();
      return new TerminalPrompt(session, terminal);
    } catch (IOException unusable) {
      return new PipedPrompt(session);
    }
  }

  /** Where the history is kept between runs: nowhere if there is no place for it. */
  private static Optional<Path> historyFile() {
    String state = System.getenv("XDG_STATE_HOME");
    String home = System.getenv("HOME");
    try {
      Path base;
      if (state != null && !state.isEmpty()) {
        base = Path.of(state);
      } else if (home != null && !home.isEmpty()) {
        base = Path.of(home, ".local", "state");
      } else {
        return Optional.empty();
      }
      Path folder = Files.createDirectories(base.resolve("faultdisk"));
      return Files.isWritable(folder)
          ? Optional.of(folder.resolve("io-history"))
          : Optional.empty();
    } catch (IOException | InvalidPathException noPlace) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<String> next() {
    Console console = session.console();
    // Here nobody counts on the order of a script: what can finish is shown at once.
    while (session.loop().runOnce()) {}
    console.flush();
    while (true) {
      try {
        return Optional.of(reader.readLine(console.program() + "> "));
      } catch (UserInterruptException dropped) {
        // Ask again.
      } catch (EndOfFileException end) {
        return Optional.empty();
      }
    }
  }

  private List<Candidate> candidates(ParsedLine line) {
    List<String> choices;
    if (line.wordIndex() == 0) {
      choices = Commands.names(session.dialect());
    } else {
      choices =
          switch (line.words().get(0)) {
            case "break" -> line.wordIndex() == 1 ? eventNames() : List.of();
            case "help", "?" -> Commands.names(session.dialect());
            default -> List.of();
          };
    }
    return choices.stream().map(Candidate::new).toList();
  }

  private static List<String> eventNames() {
    return QemuEvents.all().stream().map(Event::name).toList();
  }

  @Override
  public void close() {
    try {
      reader.getHistory().save();
      terminal.close();
    } catch (IOException lost) {
      // A history that cannot be kept is no reason to complain.
    }
  }
}
