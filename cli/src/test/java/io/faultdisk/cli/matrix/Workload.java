package io.faultdisk.cli.matrix;

import io.faultdisk.cli.call.ToolCall;
import java.util.List;

/**
 * Something that is done to an image while rules make it fail.
 *
 * @param name what it is about
 * @param setup makes the files, with the real tools and without rules; the image is {@code
 *     {dir}/disk.qcow2}
 * @param steps what is done under the rules
 */
record Workload(String name, List<ToolCall> setup, List<ToolCall> steps) {
  @Override
  public String toString() {
    return name;
  }
}
