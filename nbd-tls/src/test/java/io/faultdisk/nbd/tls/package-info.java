/** Tests of TLS between two ends of ours. */
@NullMarked
package io.faultdisk.nbd.tls;

import org.jspecify.annotations.NullMarked;
