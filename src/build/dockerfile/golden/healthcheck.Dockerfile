FROM busybox
HEALTHCHECK NONE
HEALTHCHECK CMD curl -f http://localhost/ || exit 1
HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=5s --start-interval=1s --retries=3 CMD ["/check", "a b"]
healthcheck --interval=0 --retries=0 cmd x
HEALTHCHECK --interval=5s NONE
HEALTHCHECK --timeout= CMD x
HEALTHCHECK \
  --retries=+2 \
  CMD x \
    y
