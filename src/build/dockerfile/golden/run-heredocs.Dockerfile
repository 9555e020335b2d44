FROM busybox
RUN <<EOF
set -e
  echo $A "b"
EOF
RUN <<-EOF
	echo a
		echo b
	EOF
RUN <<'EOF' python3 -
print("$x")
EOF
RUN <<"A B"
x
A B
RUN cat <<one 3<<-two 4<<'three' >/x
1
one
	2
	two
$3
three
RUN <<EOF
#!/bin/sh
# a comment that stays

\
EOF
RUN --mount=type=cache,target=/c <<EOF
EOF
RUN echo "<<EOF" '<<EOF' \<<EOF $((1<<2)) a<<EOF <<<x
RUN ["<<EOF"]
RUN <<\EOF
\EOF
EOF
