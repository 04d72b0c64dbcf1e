/**
 * User objects: what images and servers refer to by an id. Entry: {@link
 * io.faultdisk.daemon.objects.UserObjects}. Used by the daemon, and by every tool that knows {@code
 * --object}.
 */
@NullMarked
package io.faultdisk.daemon.objects;

import org.jspecify.annotations.NullMarked;
