package io.faultdisk.cli.tool;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Programs of this machine. Any thread. */
public final class Installed {
  private static final String USUAL_PLACES = ":/usr/sbin:/usr/bin:/sbin:/bin";

  private Installed() {}

  /** A program's file, from PATH or wherever programs usually are; also those for root. */
  public static Optional<Path> find(String program) {
    String places = System.getenv().getOrDefault("PATH", "") + USUAL_PLACES;
    return Arrays.stream(places.split(":", -1))
        .filter(place -> !place.isEmpty())
        .map(place -> Path.of(place, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
