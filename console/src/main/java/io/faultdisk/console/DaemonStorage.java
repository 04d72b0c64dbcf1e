package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.Node;
import io.faultdisk.daemon.DiskRequest;
import io.faultdisk.daemon.ExportInfo;
import io.faultdisk.daemon.StorageDaemon;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.daemon.disk.Disks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A storage daemon, as the console sees it. Any thread. */
public final class DaemonStorage implements Storage {
  private final StorageDaemon daemon;

  /** The disks of that daemon. */
  public DaemonStorage(StorageDaemon daemon) {
    this.daemon = daemon;
  }

  @Override
  public Disks disks() {
    return daemon.disks();
  }

  @Override
  public List<Node> nodes() {
    return daemon.graph().nodes();
  }

  @Override
  public List<Served> exports() {
    List<Served> served = new ArrayList<>();
    List<Node> nodes = nodes();
    for (ExportInfo export : daemon.exports().reversed()) {
      // Not by its name from the graph, which would wait for a change that is under way.
      Optional<Node> node =
          nodes.stream().filter(each -> each.name().equals(export.nodeName())).findFirst();
      if (node.isPresent() && !export.shuttingDown()) {
        List<String> uris = daemon.exportUris(export.name());
        served.add(
            new Served(
                export.id(),
                export.name(),
                node.get(),
                export.clients(),
                export.writable(),
                uris.isEmpty() ? "" : uris.get(0)));
      }
    }
    return served;
  }

  @Override
  public Disk create(NewDisk disk) throws UsageException {
    return daemon.addDisk(
        new DiskRequest(
            disk.name(),
            disk.image(),
            disk.format(),
            disk.rules(),
            disk.readOnly(),
            disk.export() && daemon.nbdServerAddresses().isPresent()));
  }

  @Override
  public void delete(Disk disk) throws UsageException {
    daemon.deleteDisk(disk.name());
  }
}
