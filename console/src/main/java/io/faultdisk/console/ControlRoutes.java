package io.faultdisk.console;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.daemon.disk.Disk;
import io.faultdisk.rules.SuspendedRequest;
import java.util.List;
import java.util.Optional;

/** State, breakpoints and power of a disk. */
final class ControlRoutes {
  private final Storage storage;

  ControlRoutes(Storage storage) {
    this.storage = storage;
  }

  List<Route> routes() {
    return List.of(
        Route.put("/disks/{disk}/state", this::setState),
        Route.get("/disks/{disk}/breakpoints", call -> breakpoints(200, disk(call))),
        Route.post("/disks/{disk}/breakpoints", this::addBreakpoint),
        Route.delete("/disks/{disk}/breakpoints/{tag}", this::removeBreakpoint),
        Route.get("/disks/{disk}/suspended", call -> suspended(disk(call))),
        Route.post("/disks/{disk}/resume", this::resume),
        Route.get("/disks/{disk}/power", call -> power(disk(call))),
        Route.put("/disks/{disk}/power", this::setPower),
        Route.post("/disks/{disk}/power/checkpoint", this::checkpoint),
        Route.post("/disks/{disk}/power/lose-unsynced", this::loseUnsynced));
  }

  private Disk disk(Call call) throws ApiException {
    return DiskRoutes.find(storage, call);
  }

  private Answer setState(Call call) throws UsageException, ApiException {
    Disk disk = disk(call);
    JsonBody body = call.json();
    body.requireOnly("state");
    // As in a rule: the state 0 is none to be in, it stands for any.
    long state =
        body.number("state", 1, Integer.MAX_VALUE).orElseThrow(() -> JsonBody.missing("state"));
    disk.setState((int) state);
    return Answer.json(new JsonText().object().member("state", disk.snapshot().state()).end());
  }

  private static Answer breakpoints(int status, Disk disk) {
    return Answer.json(status, Views.breakpoints(new JsonText(), disk.breakpoints()));
  }

  private Answer addBreakpoint(Call call) throws UsageException, ApiException {
    Disk disk = disk(call);
    JsonBody body = call.json();
    body.requireOnly("event", "tag");
    disk.addBreakpoint(body.string("event"), body.string("tag"));
    return breakpoints(201, disk);
  }

  private Answer removeBreakpoint(Call call) throws ApiException {
    Disk disk = disk(call);
    try {
      disk.removeBreakpoint(call.place("tag"));
    } catch (UsageException e) {
      throw ApiException.notFound(e.getMessage());
    }
    return Answer.nothing();
  }

  private static Answer suspended(Disk disk) {
    JsonText json = new JsonText().array();
    for (SuspendedRequest stop : disk.suspended()) {
      Views.suspended(json.object(), stop).end();
    }
    return Answer.json(json.end());
  }

  private Answer resume(Call call) throws UsageException, ApiException {
    Disk disk = disk(call);
    JsonBody body = call.json();
    body.requireOnly("tag");
    Optional<String> tag = body.optional("tag");
    if (tag.isEmpty()) {
      disk.resumeAll();
    } else {
      try {
        disk.resume(tag.get());
      } catch (UsageException e) {
        throw ApiException.notFound(e.getMessage());
      }
    }
    return suspended(disk);
  }

  private static Answer power(Disk disk) {
    return Answer.json(Views.power(disk.power()));
  }

  private Answer setPower(Call call) throws UsageException, BlockIoException, ApiException {
    Disk disk = disk(call);
    JsonBody body = call.json();
    body.requireOnly("power", "survivors", "seed");
    switch (body.string("power")) {
      case "on" -> {
        body.requireOnly("power");
        disk.restorePower();
      }
      case "off" ->
          disk.cutPower(
              body.optional("survivors").orElse("none"),
              body.number("seed", Long.MIN_VALUE, Long.MAX_VALUE).orElse(0L));
      default -> throw new UsageException("'power' must be \"on\" or \"off\"");
    }
    return power(disk);
  }

  private Answer checkpoint(Call call) throws UsageException, BlockIoException, ApiException {
    call.json().requireOnly();
    Disk disk = disk(call);
    disk.checkpoint();
    return power(disk);
  }

  private Answer loseUnsynced(Call call) throws UsageException, BlockIoException, ApiException {
    call.json().requireOnly();
    Disk disk = disk(call);
    disk.loseUnsynced();
    return power(disk);
  }
}
