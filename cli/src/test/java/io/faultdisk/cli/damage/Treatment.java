package io.faultdisk.cli.damage;

import io.faultdisk.cli.call.ToolCall;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that is done with a damaged image.
 *
 * @param writes whether the image may be changed by it
 */
record Treatment(String name, boolean writes, ToolCall call) {
  private static final String IMAGE = ToolCall.DIR + "/" + SampleImage.FILE;

  /** An external data file has to be told: its name in the image is relative to wherever we are. */
  private static final List<String> WITH_DATA_FILE =
      List.of(
          "--image-opts",
          "driver=qcow2,file.filename="
              + IMAGE
              + ",data-file.driver=file,data-file.filename="
              + ToolCall.DIR
              + "/data.raw");

  static List<Treatment> of(SampleImage sample) {
    List<String> image =
        sample.name().equals("external") ? WITH_DATA_FILE : List.of("-f", "qcow2", IMAGE);
    List<Treatment> all = new ArrayList<>();
    all.add(img("check", false, image, "check"));
    all.add(img("json", false, image, "check", "--output=json"));
    all.add(img("leaks", true, image, "check", "-r", "leaks"));
    all.add(img("repair", true, image, "check", "-r", "all"));
    all.add(img("info", false, image, "info"));
    all.add(img("map", false, image, "map"));
    List<String> readOnly = List.of("-r");
    all.add(
        io(
            "read",
            false,
            readOnly,
            image,
            "read 0 4k",
            "read 64k 8k",
            "read 0 " + sample.diskSize()));
    List<String> writeBack = List.of("-t", "writeback");
    String zeroes = "write -z 64k 4k";
    all.add(
        io(
            "write",
            true,
            writeBack,
            image,
            "write -P 77 512 1k",
            "discard 8k 16k",
            zeroes,
            "flush"));
    if (sample.snapshots() > 0) {
      all.add(new Treatment("apply", true, ToolCall.img("snapshot", "-a", "one", IMAGE)));
      all.add(new Treatment("delete", true, ToolCall.img("snapshot", "-d", "one", IMAGE)));
    }
    return all;
  }

  private static Treatment img(String name, boolean writes, List<String> image, String... command) {
    List<String> args = new ArrayList<>(List.of(command));
    args.addAll(image);
    return new Treatment(name, writes, new ToolCall("qemu-img", args));
  }

  private static Treatment io(
      String name, boolean writes, List<String> options, List<String> image, String... commands) {
    List<String> args = new ArrayList<>(options);
    for (String command : commands) {
      args.add("-c");
      args.add(command);
    }
    args.addAll(image);
    return new Treatment(name, writes, new ToolCall("qemu-io", args));
  }

  @Override
  public String toString() {
    return name;
  }
}
