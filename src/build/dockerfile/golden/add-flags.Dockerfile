FROM scratch
ADD https://example.com/a.tar.gz /a/
ADD --checksum=sha256:0123 https://example.com/b /b
ADD --keep-git-dir=true --link https://github.com/a/b.git#v1:sub /c
ADD --unpack=false --exclude=*.md a.tar /d
ADD --unpack --chown=0:0 --chmod=600 ["x y", "/e"]
ADD --keep-git-dir git@github.com:a/b /f
