FROM busybox
ONBUILD RUN make
ONBUILD COPY --from=base --link . /app
onbuild add ["a b", "/c"]
ONBUILD ENV A=1 \
   B=2
ONBUILD RUN <<EOF
x
EOF
ONBUILD COPY <<-a <<b /x/
	1
	a
2
b
ONBUILD UNKNOWN thing
ONBUILD   CMD ["x"]
