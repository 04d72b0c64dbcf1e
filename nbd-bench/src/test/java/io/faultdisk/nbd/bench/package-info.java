/** The load against servers of ours and of others, and its parts. */
@NullMarked
package io.faultdisk.nbd.bench;

import org.jspecify.annotations.NullMarked;
