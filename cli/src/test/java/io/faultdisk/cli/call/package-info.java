/** Calling tools, ours in this JVM and the real ones as processes, and comparing what they do. */
@NullMarked
package io.faultdisk.cli.call;

import org.jspecify.annotations.NullMarked;
