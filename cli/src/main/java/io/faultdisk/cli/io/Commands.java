package io.faultdisk.cli.io;

import io.faultdisk.rules.Dialect;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All commands by name. Made one by one on demand, since most runs need two of them. */
final class Commands {
  private Commands() {}

  /** The commands that qemu-io does not have. */
  private static @Nullable Command own(String word) {
    return switch (word) {
      case "checkpoint" -> new PowerCommands.Checkpoint();
      case "faults" -> new FaultsCommand();
      case "lose-unfsynced-writes" -> new PowerCommands.Lose();
      case "mark" -> new MarkCommand();
      case "power" -> new PowerCommands.Power();
      case "unsynced-data-report" -> new PowerCommands.Report();
      default -> null;
    };
  }

  /** The command with that name or alias. */
  static Optional<Command> find(String word, Dialect dialect) {
    Command command =
        switch (word) {
          case "abort" -> new ProcessCommands.Abort();
          case "aio_flush" -> new AioCommands.Flush();
          case "aio_read" -> new AioCommands.Read();
          case "aio_write" -> new AioCommands.Write();
          case "alloc", "a" -> new ImageCommands.Alloc();
          case "break" -> new BreakCommands.Break();
          case "close", "c" -> new FileCommands.Close();
          case "discard", "d" -> new WriteCommands.Discard();
          case "flush", "f" -> new ImageCommands.Flush();
          case "help", "?" -> new ProcessCommands.Help();
          case "info", "i" -> new ImageCommands.Info();
          case "length", "l" -> new ImageCommands.Length();
          case "map" -> new ImageCommands.Map();
          case "open", "o" -> new FileCommands.Open();
          case "quit", "q" -> new ProcessCommands.Quit();
          case "read", "r" -> new ReadCommands.Read();
          case "readv" -> new ReadCommands.Readv();
          case "remove_break" -> new BreakCommands.RemoveBreak();
          case "reopen" -> new FileCommands.Reopen();
          case "resume" -> new BreakCommands.Resume();
          case "sigraise" -> new ProcessCommands.Sigraise();
          case "sleep" -> new ProcessCommands.Sleep();
          case "truncate", "t" -> new ImageCommands.Truncate();
          case "wait_break" -> new BreakCommands.WaitBreak();
          case "write", "w" -> new WriteCommands.Write();
          case "writev" -> new WriteCommands.Writev();
          default -> dialect == Dialect.FAULTDISK ? own(word) : null;
        };
    return Optional.ofNullable(command);
  }

  /** The names in alphabetical order. */
  static List<String> names(Dialect dialect) {
    return NAMES.stream().filter(name -> find(name, dialect).isPresent()).toList();
  }

  /** All in alphabetical order. */
  static List<Command> all(Dialect dialect) {
    return NAMES.stream().flatMap(name -> find(name, dialect).stream()).toList();
  }

  private static final List<String> NAMES =
      List.of(
          "abort",
          "aio_flush",
          "aio_read",
          "aio_write",
          "alloc",
          "break",
          "checkpoint",
          "close",
          "discard",
          "faults",
          "flush",
          "help",
          "info",
          "length",
          "lose-unfsynced-writes",
          "map",
          "mark",
          "open",
          "power",
          "quit",
          "read",
          "readv",
          "remove_break",
          "reopen",
          "resume",
          "sigraise",
          "sleep",
          "truncate",
          "unsynced-data-report",
          "wait_break",
          "write",
          "writev");
}
