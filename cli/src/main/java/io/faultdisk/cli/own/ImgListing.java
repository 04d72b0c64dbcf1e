package io.faultdisk.cli.own;

import io.faultdisk.cli.img.ImgTool;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * {@code img} and its commands as the overview and the shell completion show them. They never run
 * from here: their own parser is faster and speaks as qemu-img does.
 */
final class ImgListing {
  private ImgListing() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("img");
    spec.usageMessage()
        .description(
            "Makes, inspects, checks and changes disk images: the command set of qemu-img.");
    spec.addOption(OptionSpec.builder("-h", "--help").build());
    spec.addOption(OptionSpec.builder("-V", "--version").build());
    for (Map.Entry<String, String> command : ImgTool.synopses().entrySet()) {
      spec.addSubcommand(
          command.getKey(), new picocli.CommandLine(command(command.getKey(), command.getValue())));
    }
    return spec;
  }

  /** Reads the options out of a synopsis: {@code [-f fmt] [-q] [--output=ofmt] filename}. */
  private static CommandSpec command(String name, String synopsis) {
    CommandSpec spec = CommandSpec.create().name(name);
    String[] words = synopsis.split(" ", -1);
    for (int i = 0; i < words.length; i++) {
      String word = bare(words[i]);
      if (word.length() < 2 || word.charAt(0) != '-') {
        continue;
      }
      boolean closed = words[i].endsWith("]");
      String next = i + 1 < words.length ? bare(words[i + 1]) : "";
      boolean hasArgument =
          word.contains("=") || (!closed && !next.isEmpty() && !next.startsWith("-"));
      String option = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
      if (spec.findOption(option) == null) {
        spec.addOption(
            OptionSpec.builder(option)
                .arity(hasArgument ? "1" : "0")
                .type(hasArgument ? String.class : boolean.class)
                .completionCandidates(choices(option))
                .build());
      }
    }
    spec.addPositional(
        PositionalParamSpec.builder().paramLabel("FILE").type(java.io.File.class).build());
    return spec;
  }

  private static String bare(String word) {
    StringBuilder bare = new StringBuilder();
    word.chars().filter(c -> "[]()|.".indexOf(c) < 0).forEach(c -> bare.append((char) c));
    return bare.toString();
  }

  private static List<String> choices(String option) {
    return switch (option) {
      case "--output" -> List.of("human", "json");
      case "-f", "-O", "-F" -> List.of("raw", "qcow2");
      case "-t", "-T" -> List.of("none", "writeback", "writethrough", "directsync", "unsafe");
      case "--preallocation" -> List.of("off", "metadata", "falloc", "full");
      case "-r" -> List.of("leaks", "all");
      default -> List.of();
    };
  }
}
