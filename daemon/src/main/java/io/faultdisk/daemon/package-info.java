/**
 * What a running storage daemon consists of: nodes, user objects, exports, jobs. Entry: {@code
 * StorageDaemon}.
 *
 * <p>The library behind QMP and the HTTP API: verbs are methods with typed arguments, results are
 * records, and a user's mistake is a {@link io.faultdisk.base.UsageException} with the text of
 * qemu-storage-daemon 7.2. It knows no protocol: it reads no JSON and prints nothing.
 */
@NullMarked
package io.faultdisk.daemon;

import org.jspecify.annotations.NullMarked;
