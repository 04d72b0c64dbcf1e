/**
 * The rules and the engine: events and request shapes in, decisions out. Knows nothing of blocks,
 * files or disks.
 *
 * <p>The tour: {@link io.faultdisk.rules.RuleSources} reads QEMU's blkdebug rule files and options
 * into {@link io.faultdisk.rules.Rule}s. A {@link io.faultdisk.rules.FaultEngine} made of them is
 * told of {@link io.faultdisk.rules.Event}s and asked about requests; its {@link
 * io.faultdisk.rules.Decision} is to pass or to fail. {@link io.faultdisk.rules.QemuEvents} is the
 * vocabulary of QEMU's drivers; programs add their own. {@link io.faultdisk.rules.Snapshot} and
 * {@link io.faultdisk.rules.Observer} show what the engine does.
 *
 * <pre>{@code
 * var rules = RuleSources.read(Optional.of(RuleFile.of("rules.conf", text)), Map.of(), Dialect.FAULTDISK);
 * var engine = new FaultEngine(rules);
 * engine.announce(QemuEvents.WRITE_AIO, RequestType.WRITE, 0, 4096);
 * Decision decision = engine.check(RequestType.WRITE, 0, 4096);
 * }</pre>
 */
@NullMarked
package io.faultdisk.rules;

import org.jspecify.annotations.NullMarked;
