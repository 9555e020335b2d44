# syntax=docker/dockerfile:1-labs
FROM busybox
RUN --mount=type=cache,target=/root/.cache --mount=type=bind,from=base,source=/a,target=/b,rw make
RUN --mount=type=secret,id=npm,required=true,env=TOKEN --mount=type=ssh --network=none --security=sandbox x
RUN --network=host --security=insecure ["x"]
RUN --mount="type=tmpfs,target=/a b" x
RUN --mount=type=cache,target=$HOME/x,id=a\ b -- --not-a-flag
RUN --mount='type=bind,"target=/x,y"' \
    --network=default \
    x --mount=later
