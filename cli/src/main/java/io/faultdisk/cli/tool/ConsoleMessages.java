package io.faultdisk.cli.tool;

import io.faultdisk.block.Messages;
import io.faultdisk.cli.Console;

/** Prints on standard error what drivers and the graph have to say. */
public record ConsoleMessages(Console console) implements Messages {
  @Override
  public void lines(String text) {
    console.error(text);
  }

  @Override
  public void unended(String text) {
    console.errorText(text);
  }

  @Override
  public void unmet(String text) {
    console.unmet(text);
  }

  @Override
  public void report(String text) {
    console.report(text);
  }
}
