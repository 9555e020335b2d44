FROM busybox
MAINTAINER Some One <one@example.com>
USER 1000:users
USER a b
WORKDIR /a b
WORKDIR relative/$X
WORKDIR "quoted"
STOPSIGNAL SIGTERM
STOPSIGNAL --flag 9
