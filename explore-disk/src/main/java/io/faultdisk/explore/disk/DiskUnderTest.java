package io.faultdisk.explore.disk;

import io.faultdisk.block.BlockGraph;
import io.faultdisk.block.DriverType;
import io.faultdisk.block.options.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The disk that a workload is to use, once: opened in a {@link BlockGraph} with these drivers and
 * options, and observed there.
 */
public final class DiskUnderTest {
  private final List<DriverType> own;
  private final GuestLog guest;
  private final Map<String, String> options;
  private final Consumer<String> acknowledgements;

  DiskUnderTest(List<DriverType> own, GuestLog guest, Map<String, String> options) {
    this(own, guest, Acknowledgements.NONE::add, options);
  }

  DiskUnderTest(
      List<DriverType> own,
      GuestLog guest,
      Consumer<String> acknowledgements,
      Map<String, String> options) {
    this.acknowledgements = acknowledgements;
    this.own = List.copyOf(own);
    this.guest = guest;
    this.options = Map.copyOf(options);
  }

  /** A disk that holds this, and that nobody watches; what is changed on it is lost. */
  public static DiskUnderTest of(DiskContent content, String format) {
    return new DiskUnderTest(
        List.of(new MediumType(DiskRun.on(content))),
        new GuestLog(new Ticks()),
        Map.of("driver", format, "file.driver", MediumType.NAME));
  }

  /** The drivers of a graph that can open the disk: the usual ones, some of them replaced. */
  public List<DriverType> drivers(List<DriverType> usual) {
    List<DriverType> drivers = new ArrayList<>();
    for (DriverType type : usual) {
      if (own.stream().noneMatch(other -> other.name().equals(type.name()))) {
        drivers.add(type);
      }
    }
    drivers.addAll(own);
    return drivers;
  }

  /** Lets the graph tell what is asked of the disk; before it is opened. */
  public void watch(BlockGraph graph) {
    graph.observeBackends(guest);
  }

  /** The workload has told the world something that must be true from now on. Any thread. */
  public void acknowledge(String text) {
    acknowledgements.accept(text);
  }

  /** What opens the disk, as options of an image. */
  public Options options() {
    Options all = new Options();
    options.forEach(all::put);
    return all;
  }
}
