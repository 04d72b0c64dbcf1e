/** TLS between our tools and the real ones. */
@NullMarked
package io.faultdisk.cli.tls;

import org.jspecify.annotations.NullMarked;
