FROM busybox
COPY <<a.txt /dst/
hello $NAME
a.txt
COPY <<a <<-"b" c <<'c' /dst/
$A
a
	B
	b
"C"
c
COPY --chmod=755 <<EOF /run.sh
#!/bin/sh
EOF
ADD <<EOF /x
EOF
COPY 3<<fd /x
y
fd
COPY ["<<EOF", "/x"]
