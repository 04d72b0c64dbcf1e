package io.faultdisk.base;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Linux error number with the name and the text the C library has for it.
 *
 * <p>The numbers are those of Linux on x86 and ARM, whatever this JVM runs on: they are what rule
 * files and QEMU's messages mean. The texts are glibc's {@code strerror} in the C locale, because
 * QEMU prints them. Numbers outside the table exist too ({@code errno = "1000"} in a rule); their
 * {@link #name()} is the number and their text is {@code Unknown error 1000}.
 *
 * <p>A value: two objects with the same number are equal. Immutable; safe from any thread.
 *
 * <p>Source: the table was printed by glibc 2.36 through Python's {@code errno.errorcode} and
 * {@code os.strerror}.
 */
public final class Errno {
  /** One past the highest number in the table ({@link #EHWPOISON}). */
  private static final int TABLE_SIZE = 134;

  private static final Errno[] TABLE = new Errno[TABLE_SIZE];

  /** Number 0, "no error": in a rule it means "match, but let the request through". */
  public static final Errno SUCCESS = define(0, "SUCCESS", "Success");

  public static final Errno EPERM = define(1, "EPERM", "Operation not permitted");
  public static final Errno ENOENT = define(2, "ENOENT", "No such file or directory");
  public static final Errno ESRCH = define(3, "ESRCH", "No such process");
  public static final Errno EINTR = define(4, "EINTR", "Interrupted system call");
  public static final Errno EIO = define(5, "EIO", "Input/output error");
  public static final Errno ENXIO = define(6, "ENXIO", "No such device or address");
  public static final Errno E2BIG = define(7, "E2BIG", "Argument list too long");
  public static final Errno ENOEXEC = define(8, "ENOEXEC", "Exec format error");
  public static final Errno EBADF = define(9, "EBADF", "Bad file descriptor");
  public static final Errno ECHILD = define(10, "ECHILD", "No child processes");
  public static final Errno EAGAIN = define(11, "EAGAIN", "Resource temporarily unavailable");
  public static final Errno ENOMEM = define(12, "ENOMEM", "Cannot allocate memory");
  public static final Errno EACCES = define(13, "EACCES", "Permission denied");
  public static final Errno EFAULT = define(14, "EFAULT", "Bad address");
  public static final Errno ENOTBLK = define(15, "ENOTBLK", "Block device required");
  public static final Errno EBUSY = define(16, "EBUSY", "Device or resource busy");
  public static final Errno EEXIST = define(17, "EEXIST", "File exists");
  public static final Errno EXDEV = define(18, "EXDEV", "Invalid cross-device link");
  public static final Errno ENODEV = define(19, "ENODEV", "No such device");
  public static final Errno ENOTDIR = define(20, "ENOTDIR", "Not a directory");
  public static final Errno EISDIR = define(21, "EISDIR", "Is a directory");
  public static final Errno EINVAL = define(22, "EINVAL", "Invalid argument");
  public static final Errno ENFILE = define(23, "ENFILE", "Too many open files in system");
  public static final Errno EMFILE = define(24, "EMFILE", "Too many open files");
  public static final Errno ENOTTY = define(25, "ENOTTY", "Inappropriate ioctl for device");
  public static final Errno ETXTBSY = define(26, "ETXTBSY", "Text file busy");
  public static final Errno EFBIG = define(27, "EFBIG", "File too large");
  public static final Errno ENOSPC = define(28, "ENOSPC", "No space left on device");
  public static final Errno ESPIPE = define(29, "ESPIPE", "Illegal seek");
  public static final Errno EROFS = define(30, "EROFS", "Read-only file system");
  public static final Errno EMLINK = define(31, "EMLINK", "Too many links");
  public static final Errno EPIPE = define(32, "EPIPE", "Broken pipe");
  public static final Errno EDOM = define(33, "EDOM", "Numerical argument out of domain");
  public static final Errno ERANGE = define(34, "ERANGE", "Numerical result out of range");
  public static final Errno EDEADLK = define(35, "EDEADLK", "Resource deadlock avoided");
  public static final Errno ENAMETOOLONG = define(36, "ENAMETOOLONG", "File name too long");
  public static final Errno ENOLCK = define(37, "ENOLCK", "No locks available");
  public static final Errno ENOSYS = define(38, "ENOSYS", "Function not implemented");
  public static final Errno ENOTEMPTY = define(39, "ENOTEMPTY", "Directory not empty");
  public static final Errno ELOOP = define(40, "ELOOP", "Too many levels of symbolic links");
  public static final Errno ENOMSG = define(42, "ENOMSG", "No message of desired type");
  public static final Errno EIDRM = define(43, "EIDRM", "Identifier removed");
  public static final Errno ECHRNG = define(44, "ECHRNG", "Channel number out of range");
  public static final Errno EL2NSYNC = define(45, "EL2NSYNC", "Level 2 not synchronized");
  public static final Errno EL3HLT = define(46, "EL3HLT", "Level 3 halted");
  public static final Errno EL3RST = define(47, "EL3RST", "Level 3 reset");
  public static final Errno ELNRNG = define(48, "ELNRNG", "Link number out of range");
  public static final Errno EUNATCH = define(49, "EUNATCH", "Protocol driver not attached");
  public static final Errno ENOCSI = define(50, "ENOCSI", "No CSI structure available");
  public static final Errno EL2HLT = define(51, "EL2HLT", "Level 2 halted");
  public static final Errno EBADE = define(52, "EBADE", "Invalid exchange");
  public static final Errno EBADR = define(53, "EBADR", "Invalid request descriptor");
  public static final Errno EXFULL = define(54, "EXFULL", "Exchange full");
  public static final Errno ENOANO = define(55, "ENOANO", "No anode");
  public static final Errno EBADRQC = define(56, "EBADRQC", "Invalid request code");
  public static final Errno EBADSLT = define(57, "EBADSLT", "Invalid slot");
  public static final Errno EBFONT = define(59, "EBFONT", "Bad font file format");
  public static final Errno ENOSTR = define(60, "ENOSTR", "Device not a stream");
  public static final Errno ENODATA = define(61, "ENODATA", "No data available");
  public static final Errno ETIME = define(62, "ETIME", "Timer expired");
  public static final Errno ENOSR = define(63, "ENOSR", "Out of streams resources");
  public static final Errno ENONET = define(64, "ENONET", "Machine is not on the network");
  public static final Errno ENOPKG = define(65, "ENOPKG", "Package not installed");
  public static final Errno EREMOTE = define(66, "EREMOTE", "Object is remote");
  public static final Errno ENOLINK = define(67, "ENOLINK", "Link has been severed");
  public static final Errno EADV = define(68, "EADV", "Advertise error");
  public static final Errno ESRMNT = define(69, "ESRMNT", "Srmount error");
  public static final Errno ECOMM = define(70, "ECOMM", "Communication error on send");
  public static final Errno EPROTO = define(71, "EPROTO", "Protocol error");
  public static final Errno EMULTIHOP = define(72, "EMULTIHOP", "Multihop attempted");
  public static final Errno EDOTDOT = define(73, "EDOTDOT", "RFS specific error");
  public static final Errno EBADMSG = define(74, "EBADMSG", "Bad message");
  public static final Errno EOVERFLOW =
      define(75, "EOVERFLOW", "Value too large for defined data type");
  public static final Errno ENOTUNIQ = define(76, "ENOTUNIQ", "Name not unique on network");
  public static final Errno EBADFD = define(77, "EBADFD", "File descriptor in bad state");
  public static final Errno EREMCHG = define(78, "EREMCHG", "Remote address changed");
  public static final Errno ELIBACC =
      define(79, "ELIBACC", "Can not access a needed shared library");
  public static final Errno ELIBBAD = define(80, "ELIBBAD", "Accessing a corrupted shared library");
  public static final Errno ELIBSCN = define(81, "ELIBSCN", ".lib section in a.out corrupted");
  public static final Errno ELIBMAX =
      define(82, "ELIBMAX", "Attempting to link in too many shared libraries");
  public static final Errno ELIBEXEC =
      define(83, "ELIBEXEC", "Cannot exec a shared library directly");
  public static final Errno EILSEQ =
      define(84, "EILSEQ", "Invalid or incomplete multibyte or wide character");
  public static final Errno ERESTART =
      define(85, "ERESTART", "Interrupted system call should be restarted");
  public static final Errno ESTRPIPE = define(86, "ESTRPIPE", "Streams pipe error");
  public static final Errno EUSERS = define(87, "EUSERS", "Too many users");
  public static final Errno ENOTSOCK = define(88, "ENOTSOCK", "Socket operation on non-socket");
  public static final Errno EDESTADDRREQ =
      define(89, "EDESTADDRREQ", "Destination address required");
  public static final Errno EMSGSIZE = define(90, "EMSGSIZE", "Message too long");
  public static final Errno EPROTOTYPE = define(91, "EPROTOTYPE", "Protocol wrong type for socket");
  public static final Errno ENOPROTOOPT = define(92, "ENOPROTOOPT", "Protocol not available");
  public static final Errno EPROTONOSUPPORT =
      define(93, "EPROTONOSUPPORT", "Protocol not supported");
  public static final Errno ESOCKTNOSUPPORT =
      define(94, "ESOCKTNOSUPPORT", "Socket type not supported");
  public static final Errno EOPNOTSUPP = define(95, "EOPNOTSUPP", "Operation not supported");
  public static final Errno EPFNOSUPPORT =
      define(96, "EPFNOSUPPORT", "Protocol family not supported");
  public static final Errno EAFNOSUPPORT =
      define(97, "EAFNOSUPPORT", "Address family not supported by protocol");
  public static final Errno EADDRINUSE = define(98, "EADDRINUSE", "Address already in use");
  public static final Errno EADDRNOTAVAIL =
      define(99, "EADDRNOTAVAIL", "Cannot assign requested address");
  public static final Errno ENETDOWN = define(100, "ENETDOWN", "Network is down");
  public static final Errno ENETUNREACH = define(101, "ENETUNREACH", "Network is unreachable");
  public static final Errno ENETRESET =
      define(102, "ENETRESET", "Network dropped connection on reset");
  public static final Errno ECONNABORTED =
      define(103, "ECONNABORTED", "Software caused connection abort");
  public static final Errno ECONNRESET = define(104, "ECONNRESET", "Connection reset by peer");
  public static final Errno ENOBUFS = define(105, "ENOBUFS", "No buffer space available");
  public static final Errno EISCONN =
      define(106, "EISCONN", "Transport endpoint is already connected");
  public static final Errno ENOTCONN =
      define(107, "ENOTCONN", "Transport endpoint is not connected");
  public static final Errno ESHUTDOWN =
      define(108, "ESHUTDOWN", "Cannot send after transport endpoint shutdown");
  public static final Errno ETOOMANYREFS =
      define(109, "ETOOMANYREFS", "Too many references: cannot splice");
  public static final Errno ETIMEDOUT = define(110, "ETIMEDOUT", "Connection timed out");
  public static final Errno ECONNREFUSED = define(111, "ECONNREFUSED", "Connection refused");
  public static final Errno EHOSTDOWN = define(112, "EHOSTDOWN", "Host is down");
  public static final Errno EHOSTUNREACH = define(113, "EHOSTUNREACH", "No route to host");
  public static final Errno EALREADY = define(114, "EALREADY", "Operation already in progress");
  public static final Errno EINPROGRESS = define(115, "EINPROGRESS", "Operation now in progress");
  public static final Errno ESTALE = define(116, "ESTALE", "Stale file handle");
  public static final Errno EUCLEAN = define(117, "EUCLEAN", "Structure needs cleaning");
  public static final Errno ENOTNAM = define(118, "ENOTNAM", "Not a XENIX named type file");
  public static final Errno ENAVAIL = define(119, "ENAVAIL", "No XENIX semaphores available");
  public static final Errno EISNAM = define(120, "EISNAM", "Is a named type file");
  public static final Errno EREMOTEIO = define(121, "EREMOTEIO", "Remote I/O error");
  public static final Errno EDQUOT = define(122, "EDQUOT", "Disk quota exceeded");
  public static final Errno ENOMEDIUM = define(123, "ENOMEDIUM", "No medium found");
  public static final Errno EMEDIUMTYPE = define(124, "EMEDIUMTYPE", "Wrong medium type");
  public static final Errno ECANCELED = define(125, "ECANCELED", "Operation canceled");
  public static final Errno ENOKEY = define(126, "ENOKEY", "Required key not available");
  public static final Errno EKEYEXPIRED = define(127, "EKEYEXPIRED", "Key has expired");
  public static final Errno EKEYREVOKED = define(128, "EKEYREVOKED", "Key has been revoked");
  public static final Errno EKEYREJECTED =
      define(129, "EKEYREJECTED", "Key was rejected by service");
  public static final Errno EOWNERDEAD = define(130, "EOWNERDEAD", "Owner died");
  public static final Errno ENOTRECOVERABLE =
      define(131, "ENOTRECOVERABLE", "State not recoverable");
  public static final Errno ERFKILL =
      define(132, "ERFKILL", "Operation not possible due to RF-kill");
  public static final Errno EHWPOISON = define(133, "EHWPOISON", "Memory page has hardware error");

  /** The other name of {@link #EAGAIN}. */
  public static final Errno EWOULDBLOCK = EAGAIN;

  /** The other name of {@link #EDEADLK}. */
  public static final Errno EDEADLOCK = EDEADLK;

  /** The other name of {@link #EOPNOTSUPP}; the one QEMU's block layer uses. */
  public static final Errno ENOTSUP = EOPNOTSUPP;

  private static final Map<String, Errno> ALIASES =
      Map.of("EWOULDBLOCK", EWOULDBLOCK, "EDEADLOCK", EDEADLOCK, "ENOTSUP", ENOTSUP);

  private final int number;
  private final String name;
  private final String text;

  private Errno(int number, String name, String text) {
    this.number = number;
    this.name = name;
    this.text = text;
  }

  private static Errno define(int number, String name, String text) {
    Errno errno = new Errno(number, name, text);
    TABLE[number] = errno;
    return errno;
  }

  /** The error with this number. Never fails: a number outside the table gives an unknown error. */
  public static Errno of(int number) {
    if (number >= 0 && number < TABLE_SIZE) {
      // The gaps (41 and 58 were reused by nobody) stay null and are unknown errors.
      Errno known = TABLE[number];
      if (known != null) {
        return known;
      }
    }
    return new Errno(number, Integer.toString(number), "Unknown error " + number);
  }

  /** All errors that have a name, by number, without {@link #SUCCESS}. */
  public static List<Errno> all() {
    List<Errno> all = new ArrayList<>();
    for (Errno errno : TABLE) {
      if (errno != null && errno.number != 0) {
        all.add(errno);
      }
    }
    return all;
  }

  /**
   * The error with this symbolic name, upper case: {@code ENOSPC}, also the aliases {@code ENOTSUP}
   * etc.
   */
  public static Optional<Errno> named(String name) {
    for (Errno errno : TABLE) {
      if (errno != null && errno.name.equals(name)) {
        return Optional.of(errno);
      }
    }
    return Optional.ofNullable(ALIASES.get(name));
  }

  /** The positive Linux number; 0 for {@link #SUCCESS}. */
  public int number() {
    return number;
  }

  /** The symbolic name, {@code ENOSPC}; the decimal number where there is none. */
  public String name() {
    return name;
  }

  /** The C library's text, {@code No space left on device}. */
  public String text() {
    return text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Errno errno && errno.number == number;
  }

  @Override
  public int hashCode() {
    return number;
  }

  /** {@code ENOSPC (No space left on device)}. */
  @Override
  public String toString() {
    return name + " (" + text + ")";
  }
}
