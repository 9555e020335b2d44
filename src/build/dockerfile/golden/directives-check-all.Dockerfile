# check=skip=all;experimental=CopyIgnoredFile
FROM busybox
