/** See the module's description. */
@NullMarked
package io.faultdisk.events;

import org.jspecify.annotations.NullMarked;
