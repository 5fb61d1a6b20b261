# Turns Maven's output into progress: one line that changes on a terminal (-v terminal=1), a line for each module elsewhere.

function show(text) {
    if (terminal) {
        printf "\r\033[Kskiff: %s", text
    } else if (text != shown) {
        printf "skiff: %s\n", text
    }
    shown = text
    fflush()
}

/^\[INFO\] Building .*\[[0-9]+\/[0-9]+\]$/ {
    number = $NF
    gsub(/[][]/, "", number)
    sub("/", " of ", number)
    module = $0
    sub(/^\[INFO\] Building (Skiff: )?/, "", module)
    sub(/ .*/, "", module)
    show("building " module ", " number)
}

/^Downloaded from/ {
    downloads++
    if (terminal) {
        show("building " (module == "" ? "" : module ", " number ", ") downloads " downloads")
    } else if (downloads % 100 == 0) {
        show(downloads " downloads")
    }
}

END {
    if (terminal) {
        printf "\r\033[K"
    }
}
