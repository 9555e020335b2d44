FROM busybox
LABEL a=b
LABEL "com.example.a b"="x y" com.example.multi="line one\
line two" version='1'
LABEL old form
LABEL empty= quoted=""
