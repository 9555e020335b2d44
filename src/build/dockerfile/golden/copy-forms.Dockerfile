FROM busybox
COPY a b
COPY a b c /d/
COPY ["a b", "c", "/d e/"]
COPY *.c ../x "q" /q/
COPY  a	b
copy . .
