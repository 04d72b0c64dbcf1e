package io.faultdisk.explore.disk;

import io.faultdisk.explore.Outcome;
import io.faultdisk.explore.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of one run under rules.
 *
 * @param injected what was done to requests
 * @param verdict how it ended
 * @param text what there is to say
 */
record Tried(List<DiskTrace.Injected> injected, Verdict verdict, String text) {
  Tried {
    injected = List.copyOf(injected);
  }

  boolean wasDead() {
    return verdict == Verdict.CRASHED;
  }

  List<String> receipts() {
    List<String> receipts = new ArrayList<>(injected.size());
    injected.forEach(fault -> receipts.add(fault.toString()));
    return receipts;
  }

  Outcome outcome() {
    return new Outcome(verdict, text, receipts());
  }
}
