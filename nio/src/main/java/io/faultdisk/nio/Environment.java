package io.faultdisk.nio;

import io.faultdisk.faults.Faults;
import java.nio.file.FileSystem;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a program says in the environment of {@code FileSystems.newFileSystem}.
 *
 * @param rest what is not for us
 */
record Environment(
    @Nullable Faults faults,
    @Nullable MappedMemory mappedMemory,
    @Nullable Durability powerLoss,
    @Nullable Number quota,
    @Nullable Number outOfSpaceAfter,
    Map<String, Object> rest) {

  /**
   * Takes our part out of an environment.
   *
   * @throws IllegalArgumentException if a value has the wrong type
   */
  static Environment of(Map<String, ?> env) {
    Map<String, Object> rest = new HashMap<>(env);
    return new Environment(
        take(rest, "faults", Faults.class),
        take(rest, "mappedMemory", MappedMemory.class),
        take(rest, "powerLoss", Durability.class),
        take(rest, "quota", Number.class),
        take(rest, "outOfSpaceAfter", Number.class),
        rest);
  }

  private static <T> @Nullable T take(Map<String, Object> env, String key, Class<T> type) {
    Object value = env.remove(key);
    if (value != null && !type.isInstance(value)) {
      throw new IllegalArgumentException(
          "'" + key + "' is a " + value.getClass().getName() + ", not a " + type.getSimpleName());
    }
    return type.cast(value);
  }

  FaultFileSystem.Builder builder(FileSystem delegate) {
    FaultFileSystem.Builder builder = FaultFileSystem.over(delegate);
    if (faults != null) {
      builder.faults(faults);
    }
    if (mappedMemory != null) {
      builder.mappedMemory(mappedMemory);
    }
    if (powerLoss != null) {
      builder.powerLoss(powerLoss);
    }
    if (quota != null) {
      builder.quota(quota.longValue());
    }
    if (outOfSpaceAfter != null) {
      builder.outOfSpaceAfter(outOfSpaceAfter.longValue());
    }
    return builder;
  }
}
