FROM busybox AS base
FROM busybox
COPY --from=base --chown=1000:$GID --chmod=u=rw,go=r --link --parents --exclude=*.o --exclude=a\ b ./x/./y /z/
COPY --link=false --parents=true --from=0 a b
COPY --chown="a:b" --chmod=0755 ["a", "b"]
COPY --from=docker.io/library/busybox:1 /bin/sh /sh
COPY --from= a b
