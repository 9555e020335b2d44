FROM busybox
VOLUME /a
VOLUME /a /b $C
VOLUME ["/a b", " /c "]
