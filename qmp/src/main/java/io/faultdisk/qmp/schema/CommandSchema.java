package io.faultdisk.qmp.schema;

import java.util.List;

/**
 * What a command takes and gives, or what an event brings.
 *
 * @param arguments the name of the object type of its arguments, or of an event's data
 * @param result the name of the type of what it returns; {@link Schema#EMPTY} for an event
 * @param oob whether it may be executed out of band
 * @param features {@code deprecated}, {@code unstable}
 */
public record CommandSchema(
    String name, String arguments, String result, boolean oob, List<String> features) {
  public CommandSchema {
    features = List.copyOf(features);
  }
}
