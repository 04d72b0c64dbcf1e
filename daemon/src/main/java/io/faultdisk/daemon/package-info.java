/**
 * What a running storage daemon consists of: nodes, user objects, exports, jobs, disks. Entry:
 * {@link io.faultdisk.daemon.StorageDaemon}.
 *
 * <p>The library behind QMP and the HTTP API: verbs are methods with typed arguments, results are
 * records, and a user's mistake is a {@link io.faultdisk.base.UsageException} with the text of
 * qemu-storage-daemon 7.2. It knows no protocol: it reads no JSON and prints nothing.
 *
 * <h2>How it works</h2>
 *
 * <pre>
 *   StorageDaemon ---- Nodes ------- BlockGraph     nodes that stay without a user
 *        |      \----- Exports ----- NbdServer      one server, any number of exports
 *        |      \----- Jobs                         a thread each
 *        |      \----- UserObjects                  secrets, credentials
 *        |      \----- Disks                        the blkdebug nodes, see the package disk
 *        v
 *      News ---> DaemonListener                     told with no lock held, in order
 * </pre>
 *
 * <p>One lock serializes changes of nodes, objects and exports. It is not held while a job works, a
 * command of {@code io} runs, a client is waited for or a listener is told. Requests never take it.
 * A change can still take long: one that has to have the graph for itself ({@code reopen}) waits
 * for the requests in flight, and those may stand at a breakpoint. So whatever resumes them takes
 * neither this lock nor the graph's.
 *
 * <p>Options come as flattened {@link io.faultdisk.block.options.Options}, as drivers read them;
 * whoever parses a request has checked their types.
 */
@NullMarked
package io.faultdisk.daemon;

import org.jspecify.annotations.NullMarked;
