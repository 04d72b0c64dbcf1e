package io.faultdisk.nio.differential;

import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.security.Principal;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What came of a call, as text in which the two worlds' roots have the same name. */
final class Outcome {
  private Outcome() {}

  static String of(Call call, World world, RandomGenerator random) {
    try {
      return text(world, call.run(world, random));
    } catch (Exception | AssertionError e) {
      return thrown(world, e);
    }
  }

  private static String text(World world, @Nullable Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof Path path) {
      return "path " + world.mask(path.toString());
    }
    if (value instanceof Principal principal) {
      return "principal " + principal.getName();
    }
    if (value instanceof byte[] bytes) {
      return Arrays.toString(bytes);
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, String> sorted = new TreeMap<>();
      map.forEach((key, each) -> sorted.put(String.valueOf(key), text(world, each)));
      return sorted.toString();
    }
    if (value instanceof Collection<?> all) {
      return all.stream().map(each -> text(world, each)).toList().toString();
    }
    return world.mask(value.toString());
  }

  static String thrown(World world, Throwable e) {
    if (e instanceof ExecutionException && e.getCause() != null) {
      return "execution of " + thrown(world, e.getCause());
    }
    String name = e.getClass().getName();
    if (e instanceof NullPointerException
        || e instanceof ClassCastException
        || e instanceof ProviderMismatchException) {
      return name; // Messages are made by the JVM out of the names of variables and classes.
    }
    String text = name + ": " + world.mask(String.valueOf(e.getMessage()));
    if (e instanceof FileSystemException file) {
      text +=
          world.mask(
              " [" + file.getFile() + ", " + file.getOtherFile() + ", " + file.getReason() + "]");
    }
    return e.getCause() == null ? text : text + " caused by " + thrown(world, e.getCause());
  }
}
