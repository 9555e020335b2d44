#!/bin/sh
# Writes to standard output the tar of a root file system made from this machine's static busybox.
set -eu
cd "$(dirname "$0")/.."
sh scripts/packages.sh busybox=busybox-static >&2
busybox=$(command -v busybox) || { echo "There is no busybox on this machine to make an image from: install busybox-static" >&2; exit 1; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/etc" "$root/root" "$root/tmp" "$root/var/spool/mail" "$root/var/www" "$root/home" "$root/usr/sbin" "$root/usr/bin" "$root/dev" "$root/proc" "$root/sys"
chmod 755 "$root"
chmod 1777 "$root/tmp"
cp "$busybox" "$root/bin/busybox"
# installs itself in one process, which not every build of it can
"$root/bin/busybox" --install "$root/bin" 2>/dev/null ||
  "$busybox" --list | while read -r applet; do [ "$applet" = busybox ] || ln "$root/bin/busybox" "$root/bin/$applet" 2>/dev/null || true; done
echo 'root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false' > "$root/etc/passwd"
echo 'root:x:0:
daemon:x:1:
www-data:x:33:
users:x:100:
nogroup:x:65534:' > "$root/etc/group"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$root" -cf - .
