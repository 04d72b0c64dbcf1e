package io.faultdisk.cli.img;

import io.faultdisk.base.Clock;
import io.faultdisk.base.Sleeper;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.create.ImageCreation;
import io.faultdisk.block.options.Warning;
import io.faultdisk.cli.Console;
import io.faultdisk.cli.Program;
import io.faultdisk.cli.tool.ConsoleMessages;
import io.faultdisk.cli.tool.Drivers;
import io.faultdisk.cli.tool.Refusal;
import io.faultdisk.daemon.objects.UserObjects;

/**
 * What the parts of one run of the tool share: the graph of open images, and where to print.
 *
 * <p>For the thread that made it.
 */
final class ImgSession implements AutoCloseable {
  private final Program program;
  private final Console console;
  private final ToolTurns turns = new ToolTurns();
  private final UserObjects objects;
  private final BlockGraph graph;

  ImgSession(Program program, Console console) {
    this.program = program;
    this.console = console;
    this.objects = new UserObjects(program.dialect());
    this.graph =
        new BlockGraph(
            Drivers.all(program.dialect(), objects), turns, new ConsoleMessages(console));
  }

  Program program() {
    return program;
  }

  Console console() {
    return console;
  }

  /** What images may refer to by name. */
  UserObjects objects() {
    return objects;
  }

  BlockGraph graph() {
    return graph;
  }

  /** Makes new images; knows QEMU's formats that we do not make by name. */
  ImageCreation creation() {
    return new ImageCreation(graph, Drivers::isOfQemuOnly);
  }

  /** Who decides which request may run; for commands that send several at a time. */
  ToolTurns turns() {
    return turns;
  }

  Clock clock() {
    return Clock.system();
  }

  Sleeper sleeper() {
    return Sleeper.system();
  }

  /** Reports a failure; to be thrown. */
  Refusal failed(String message) {
    console.report(message);
    return new Refusal();
  }

  /** Says what is wrong with a value that is taken all the same. */
  void warn(Warning warning) {
    console.warn(warning.message());
    warning.hints().forEach(console::error);
  }

  /** Reports a failure in the words of whoever refused; to be thrown. */
  Refusal failed(UsageException reason) {
    return failed("", reason);
  }

  /** Reports a failure, {@code prefix} before the words of whoever refused; to be thrown. */
  Refusal failed(String prefix, UsageException reason) {
    console.report(prefix + reason.getMessage(), reason.hints());
    return new Refusal();
  }

  /** Reports a wrong command line and where to find help; to be thrown. */
  Refusal misused(String message) {
    console.report(message);
    console.error("Try '" + program.name() + " --help' for more information");
    return new Refusal();
  }

  /** Prints the help; to be thrown. */
  Refusal help() {
    HelpText.print(program, console);
    return new Refusal(0);
  }

  /** Closes all images. */
  @Override
  public void close() {
    graph.close();
  }
}
