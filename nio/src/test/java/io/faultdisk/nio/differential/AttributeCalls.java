package io.faultdisk.nio.differential;

import java.nio.ByteBuffer;
import java.nio.file.AccessMode;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.DosFileAttributeView;
import java.nio.file.attribute.DosFileAttributes;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Attributes, in all the ways in which they can be had. */
final class AttributeCalls {
  /** What differs between two files that were made one after the other. */
  private static final Set<String> OF_ITS_OWN =
      Set.of("fileKey", "ino", "ctime", "creationTime", "lastAccessTime", "lastModifiedTime");

  private static final List<String> NAMES =
      List.of(
          "size",
          "isDirectory",
          "basic:isRegularFile",
          "posix:permissions",
          "owner:owner",
          "posix:group",
          "unix:mode",
          "unix:nlink",
          "dos:readonly",
          "dos:hidden",
          "user:one",
          "acl:acl",
          "no:such",
          "nothing",
          "x:y:z",
          "");

  private static final List<Class<? extends FileAttributeView>> VIEWS =
      List.of(
          BasicFileAttributeView.class,
          PosixFileAttributeView.class,
          DosFileAttributeView.class,
          FileOwnerAttributeView.class,
          AclFileAttributeView.class,
          UserDefinedFileAttributeView.class);

  private AttributeCalls() {}

  private static Set<PosixFilePermission> permissions(RandomGenerator random) {
    Set<PosixFilePermission> permissions = EnumSet.allOf(PosixFilePermission.class);
    permissions.removeIf(permission -> random.nextInt(5) == 0);
    return permissions;
  }

  static Map<String, Call> all() {
    Map<String, Call> calls = new LinkedHashMap<>();
    calls.put("exists", (w, r) -> Files.exists(w.path(r), w.links(r)));
    calls.put("notExists", (w, r) -> Files.notExists(w.path(r), w.links(r)));
    calls.put("isDirectory", (w, r) -> Files.isDirectory(w.path(r), w.links(r)));
    calls.put("isRegularFile", (w, r) -> Files.isRegularFile(w.path(r), w.links(r)));
    calls.put("isSymbolicLink", (w, r) -> Files.isSymbolicLink(w.path(r)));
    calls.put("isReadable", (w, r) -> Files.isReadable(w.path(r)));
    calls.put("isWritable", (w, r) -> Files.isWritable(w.path(r)));
    calls.put("isExecutable", (w, r) -> Files.isExecutable(w.path(r)));
    calls.put("isHidden", (w, r) -> Files.isHidden(w.path(r)));
    calls.put(
        "isSameFile",
        (w, r) -> Files.isSameFile(w.path(r), r.nextInt(9) == 0 ? w.foreign : w.path(r)));
    calls.put("size", (w, r) -> Files.size(w.path(r)));
    calls.put("readSymbolicLink", (w, r) -> Files.readSymbolicLink(w.path(r)));
    calls.put("probeContentType", (w, r) -> Files.probeContentType(w.path(r)));
    calls.put("getOwner", (w, r) -> Files.getOwner(w.path(r), w.links(r)).getName());
    calls.put(
        "setOwner",
        (w, r) -> {
          Path path = w.path(r);
          Files.setOwner(path, Files.getOwner(path));
          return null;
        });
    calls.put(
        "getPosixFilePermissions", (w, r) -> Files.getPosixFilePermissions(w.path(r), w.links(r)));
    calls.put(
        "setPosixFilePermissions",
        (w, r) -> {
          Files.setPosixFilePermissions(w.path(r), permissions(r));
          return null;
        });
    calls.put(
        "createFile with permissions",
        (w, r) ->
            Files.createFile(w.path(r), PosixFilePermissions.asFileAttribute(permissions(r))));
    calls.put(
        "createDirectory with permissions",
        (w, r) ->
            Files.createDirectory(w.path(r), PosixFilePermissions.asFileAttribute(permissions(r))));
    calls.put(
        "setLastModifiedTime",
        (w, r) -> {
          Path path = w.path(r);
          Files.setLastModifiedTime(path, FileTime.fromMillis(r.nextInt(1 << 30) * 2000L));
          return Files.getLastModifiedTime(path);
        });
    calls.put("getAttribute", (w, r) -> Files.getAttribute(w.path(r), World.of(r, NAMES)));
    calls.put(
        "setAttribute",
        (w, r) -> {
          List<Object> values = List.of(true, 1, "x", EnumSet.of(PosixFilePermission.OWNER_READ));
          Files.setAttribute(w.path(r), World.of(r, NAMES), World.of(r, values), w.links(r));
          return null;
        });
    calls.put(
        "readAttributes *", (w, r) -> comparable(Files.readAttributes(w.path(r), "*", w.links(r))));
    calls.put(
        "readAttributes names",
        (w, r) ->
            comparable(
                Files.readAttributes(
                    w.path(r),
                    World.of(r, List.of("posix:*", "dos:*", "size,isOther", "a:*", "")))));
    calls.put(
        "readAttributes basic",
        (w, r) -> text(Files.readAttributes(w.path(r), BasicFileAttributes.class, w.links(r))));
    calls.put(
        "readAttributes posix",
        (w, r) -> {
          PosixFileAttributes it = Files.readAttributes(w.path(r), PosixFileAttributes.class);
          return List.of(text(it), it.permissions(), it.owner().getName(), it.group().getName());
        });
    calls.put(
        "readAttributes dos",
        (w, r) -> {
          DosFileAttributes it = Files.readAttributes(w.path(r), DosFileAttributes.class);
          return List.of(text(it), it.isHidden(), it.isReadOnly(), it.isSystem(), it.isArchive());
        });
    calls.put(
        "getFileStore",
        (w, r) -> {
          FileStore store = Files.getFileStore(w.path(r));
          return List.of(
              store.name(),
              store.type(),
              store.isReadOnly(),
              store.supportsFileAttributeView(World.of(r, VIEWS)),
              store.supportsFileAttributeView("posix"),
              store.equals(Files.getFileStore(w.root)));
        });
    calls.put(
        "file store attribute",
        (w, r) ->
            Files.getFileStore(w.root)
                    .getAttribute(World.of(r, List.of("totalSpace", "nothing", "")))
                instanceof Long);
    calls.put(
        "checkAccess",
        (w, r) -> {
          Path path = w.path(r);
          path.getFileSystem()
              .provider()
              .checkAccess(
                  path,
                  World.some(r, AccessMode.READ, AccessMode.WRITE, AccessMode.EXECUTE)
                      .toArray(new AccessMode[0]));
          return null;
        });
    calls.put("view", AttributeCalls::view);
    return calls;
  }

  private static String text(BasicFileAttributes it) {
    return it.isDirectory()
        + " "
        + it.isRegularFile()
        + " "
        + it.isSymbolicLink()
        + " "
        + it.isOther()
        + " "
        + (it.isRegularFile() ? it.size() : 0);
  }

  private static Map<String, Object> comparable(Map<String, Object> attributes) {
    Map<String, Object> copy = new LinkedHashMap<>(attributes);
    copy.keySet().removeAll(OF_ITS_OWN);
    if (Boolean.TRUE.equals(copy.get("isDirectory"))) {
      copy.remove("size");
    }
    return copy;
  }

  private static Object view(World w, RandomGenerator r) throws Exception {
    Class<? extends FileAttributeView> type = World.of(r, VIEWS);
    LinkOption[] links = w.links(r);
    FileAttributeView view = Files.getFileAttributeView(w.path(r), type, links);
    if (view == null) {
      return "none";
    }
    if (r.nextInt(4) == 0) {
      return view.name();
    }
    if (view instanceof UserDefinedFileAttributeView user) {
      return user(user, r);
    }
    if (view instanceof AclFileAttributeView acl) {
      if (r.nextBoolean()) {
        acl.setAcl(acl.getAcl());
      }
      return acl.getAcl();
    }
    if (view instanceof FileOwnerAttributeView owner && r.nextBoolean()) {
      owner.setOwner(owner.getOwner());
      return owner.getOwner().getName();
    }
    if (view instanceof PosixFileAttributeView posix && r.nextBoolean()) {
      posix.setPermissions(permissions(r));
      posix.setGroup(posix.readAttributes().group());
      return posix.readAttributes().permissions();
    }
    if (view instanceof DosFileAttributeView dos && r.nextBoolean()) {
      switch (r.nextInt(4)) {
        case 0 -> dos.setArchive(r.nextBoolean());
        case 1 -> dos.setHidden(r.nextBoolean());
        case 2 -> dos.setReadOnly(r.nextInt(4) == 0);
        default -> dos.setSystem(r.nextBoolean());
      }
      return dos.readAttributes().isHidden();
    }
    if (view instanceof BasicFileAttributeView basic) {
      FileTime time = FileTime.fromMillis(r.nextInt(1 << 30) * 2000L);
      basic.setTimes(time, r.nextBoolean() ? time : null, null);
      return basic.readAttributes().lastModifiedTime();
    }
    return view.name();
  }

  private static Object user(UserDefinedFileAttributeView view, RandomGenerator r)
      throws Exception {
    String name = r.nextBoolean() ? "one" : "two";
    switch (r.nextInt(5)) {
      case 0 -> {
        return view.write(name, ByteBuffer.wrap(new byte[r.nextInt(9)]));
      }
      case 1 -> {
        return view.size(name);
      }
      case 2 -> {
        ByteBuffer buffer = ByteBuffer.allocate(5);
        return List.of(view.read(name, buffer), buffer.array());
      }
      case 3 -> {
        view.delete(name);
        return null;
      }
      default -> {
        return view.list().stream().sorted().toList();
      }
    }
  }
}
