# Shared by the scripts of the lab; sourced, not run.
#
# A lab script calls `lab_enter "$@"` first. That runs the script again inside
# its own mount, PID, host-name and network namespaces: /run and /etc/postfix
# are empty file systems there, so no file, process or interface of the machine
# is touched. The kernel ends every process of the lab with the script, whether
# it finishes, fails or is killed; nothing needs to be cleaned up by name.
# shellcheck shell=bash disable=SC2034

LAB_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
LAB_PCAPS=${LAB_PCAPS:-$(cd -- "$LAB_DIR/../../pcaps" && pwd)}   # where captures go
LAB_RUN=/run/lab          # in the lab's own /run
LAB_TIME_MAX=${LAB_TIME_MAX:-900}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

say() {
    printf '%s\n' "$*" >&2
}

# Commands the lab needs, each with the Debian package that has it.
LAB_COMMANDS=(
    unshare:util-linux ip:iproute2 ethtool:ethtool nft:nftables
    tcpdump:tcpdump postfix:postfix dovecot:dovecot-core nginx:nginx
    swaks:swaks openssl:openssl python3:python3 pgrep:procps
)
LAB_FILES=(
    /usr/lib/dovecot/lmtp:dovecot-lmtpd
    /usr/lib/dovecot/pop3:dovecot-pop3d
    /usr/lib/dovecot/submission:dovecot-submissiond
    /usr/lib/nginx/modules/ngx_mail_module.so:libnginx-mod-mail
    /usr/share/perl5/Authen/SASL.pm:libauthen-sasl-perl
    /usr/share/perl5/IO/Socket/SSL.pm:libio-socket-ssl-perl
    /usr/share/perl5/IO/Socket/INET6.pm:libio-socket-inet6-perl
)

lab_require() {
    local entry missing=()
    [[ $EUID -eq 0 ]] || die 'network namespaces need root'
    for entry in "${LAB_COMMANDS[@]}"; do
        command -v "${entry%%:*}" >/dev/null || missing+=("${entry#*:}")
    done
    for entry in "${LAB_FILES[@]}"; do
        [[ -e ${entry%%:*} ]] || missing+=("${entry#*:}")
    done
    ((${#missing[@]} == 0)) ||
        die "missing Debian packages: ${missing[*]} (apt-get install --no-install-recommends ${missing[*]})"
}

lab_enter() {
    export PATH=$PATH:/usr/sbin:/sbin
    lab_require
    if [[ -z ${LAB_INSIDE:-} ]]; then
        LAB_INSIDE=1 exec timeout --foreground --kill-after=5 "$LAB_TIME_MAX" \
            unshare --mount --propagation private --net --uts --ipc \
            --pid --fork --kill-child --mount-proc -- "$0" "$@"
    fi
    # The first process of a PID namespace has no default signal actions.
    trap 'exit 130' INT TERM HUP
    exec {LAB_STDERR}>&2    # a failing command may have its own redirected
    trap 'lab_failed >&"$LAB_STDERR"' ERR
    set -o errtrace

    # Dovecot puts the host name into CRAM-MD5 challenges.
    hostname mail.example.com
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir -p "$LAB_RUN"/{log,etc,tmp}
    mkdir -p /run/lock
    lab_names
    lab_certificate
}

# What the servers and clients said last, for whoever has to find out why.
lab_failed() {
    printf '%s: failed in %s, line %s: %s\n' "${0##*/}" "${FUNCNAME[1]:-main}" "${BASH_LINENO[0]}" "$BASH_COMMAND"
    tail -n 8 "$LAB_RUN"/log/* || true
    exit 1
}

# No DNS in the lab: every name comes from this file.
lab_names() {
    cat >"$LAB_RUN/etc/hosts" <<'HOSTS'
127.0.0.1       localhost
::1             localhost
192.0.2.10      mail.example.com
192.0.2.11      submit.example.com
192.0.2.12      gateway.example.com
192.0.2.13      mx.example.com
192.0.2.14      strict.example.com
192.0.2.15      exim.example.com
192.0.2.16      smtpd.example.com
192.0.2.20      client.example.com
192.0.2.21      alice-pc.example.com
192.0.2.22      bob-pc.example.com
198.51.100.25   mta.example.org
203.0.113.25    mx.example.net
203.0.113.50    outside.example.net
2001:db8::10    mail.example.com
2001:db8::12    gateway.example.com
2001:db8::20    client.example.com
2001:db8::21    alice-pc.example.com
2001:db8::22    bob-pc.example.com
2001:db8:113::25 mx.example.net
2001:db8:113::50 outside.example.net
HOSTS
    : >"$LAB_RUN/etc/resolv.conf"
    printf 'passwd: files\ngroup: files\nhosts: files\nservices: files\n' \
        >"$LAB_RUN/etc/nsswitch.conf"
    local file
    for file in hosts resolv.conf nsswitch.conf; do
        [[ -e /etc/$file ]] || continue
        mount --bind "$LAB_RUN/etc/$file" "/etc/$file"
    done
}

lab_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -days 3650 -subj /CN=mail.example.com \
        -addext subjectAltName=DNS:mail.example.com,DNS:gateway.example.com \
        -keyout "$LAB_RUN/etc/key.pem" -out "$LAB_RUN/etc/cert.pem" 2>/dev/null
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=strict.example.com \
        -addext subjectAltName=DNS:strict.example.com \
        -keyout "$LAB_RUN/etc/rsa-key.pem" -out "$LAB_RUN/etc/rsa-cert.pem" 2>/dev/null
    chmod 600 "$LAB_RUN/etc/key.pem" "$LAB_RUN/etc/rsa-key.pem"
}

# host_add NAME: a host is a network namespace.
host_add() {
    ip netns add "$1"
    ip -n "$1" link set lo up
    # No router solicitations and no duplicate address detection: noise.
    in_host "$1" sysctl -q -w net.ipv6.conf.all.accept_ra=0 \
        net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 \
        net.ipv6.conf.default.router_solicitations=0
}

# in_host NAME COMMAND...: run a command on that host.
in_host() {
    local name=$1
    shift
    ip netns exec "$name" "$@"
}

# link_add HOST INTERFACE MAC HOST INTERFACE MAC: a cable between two hosts.
link_add() {
    ip link add "$2" address "$3" netns "$1" type veth peer name "$5" address "$6" netns "$4"
    local host interface
    for host in "$1:$2" "$4:$5"; do
        interface=${host#*:} host=${host%%:*}
        # As a network card would send it: whole checksums, no joined segments.
        in_host "$host" ethtool -K "$interface" tx off rx off tso off gso off gro off >/dev/null 2>&1
        ip -n "$host" link set "$interface" up
    done
}

# address_add HOST INTERFACE ADDRESS/LEN...
address_add() {
    local host=$1 interface=$2 address
    shift 2
    for address in "$@"; do
        ip -n "$host" address add "$address" dev "$interface"
    done
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < until)) || die "gave up waiting for: $*"
        sleep 0.05
    done
}

port_open() {
    local host=$1 address=$2 port=$3
    [[ -n $(in_host "$host" ss -Hltn "src $address and sport = :$port") ]]
}

# capture_start HOST INTERFACE FILE [FILTER]
capture_start() {
    local log=$LAB_RUN/log/tcpdump
    : >"$log"
    # Not in_host: the background process must be tcpdump itself, to be stopped.
    ip netns exec "$1" tcpdump -Z root -i "$2" -U --immediate-mode -n -w "$3" "${4:-}" 2>"$log" &
    CAPTURE_PID=$!
    wait_for 5 grep -q 'listening on' "$log"
}

capture_stop() {
    sleep 0.3       # the last acknowledgements
    kill -TERM "$CAPTURE_PID"
    wait "$CAPTURE_PID" || true
}

# The servers. Their configuration is in conf/; all state is under $LAB_RUN.

# postfix_prepare INSTANCE...: must come before the first postfix_start.
postfix_prepare() {
    local instance directories=
    for instance; do
        directories+=" $LAB_RUN/postfix/$instance/etc"
    done
    mkdir -p "$LAB_RUN/postfix/main"
    cp /etc/postfix/{postfix-files,post-install,postfix-script,dynamicmaps.cf} "$LAB_RUN/postfix/main/"
    : >"$LAB_RUN/postfix/main/master.cf"
    printf 'compatibility_level = 3.7\nalternate_config_directories =%s\n' "$directories" \
        >"$LAB_RUN/postfix/main/main.cf"
    mount --bind "$LAB_RUN/postfix/main" /etc/postfix

    for instance; do
        local root=$LAB_RUN/postfix/$instance
        mkdir -p "$root"/{etc,queue,data}
        cp "$LAB_DIR/conf/$instance"/*.cf "$root/etc/"
        cp /etc/postfix/{postfix-files,dynamicmaps.cf} "$root/etc/"
        chown postfix "$root/data"
    done
}

# postfix_start HOST INSTANCE
postfix_start() {
    in_host "$1" postfix -c "$LAB_RUN/postfix/$2/etc" start 2>>"$LAB_RUN/log/postfix-start"
}

postfix_stop() {
    in_host "$1" postfix -c "$LAB_RUN/postfix/$2/etc" stop 2>>"$LAB_RUN/log/postfix-start"
}

# dovecot_start HOST CONFIG-FILE
dovecot_start() {
    mkdir -p "$LAB_RUN/mail" "$LAB_RUN/dovecot" "$LAB_RUN/dovecot-state"
    chown 5000:5000 "$LAB_RUN/mail"
    in_host "$1" dovecot -c "$2"
    wait_for 10 test -S "$LAB_RUN/dovecot/sasl"
}

# message FROM TO SUBJECT [BODY-LINE...]: a small message in a file; prints its name.
message() {
    local from=$1 to=$2 subject=$3 file
    file=$(mktemp -p "$LAB_RUN/tmp" message.XXXXXX)
    shift 3
    (($#)) || set -- 'The lab recorded this message.'
    {
        printf 'Date: %s\n' "$(date -R)"
        printf 'From: <%s>\nTo: <%s>\n' "$from" "$to"
        printf 'Subject: %s\n' "$subject"
        printf 'Message-ID: <%s.%s@%s>\n\n' "${file##*.}" "$(date +%s)" "${from#*@}"
        printf '%s\n' "$@"
    } >"$file"
    printf '%s' "$file"
}

# secret USER: the password of a user of the lab.
secret() {
    case $1 in
    alice) echo 'Tr0ub4dor-alice' ;;
    bob) echo 'c0rrect-horse-bob' ;;
    wrong) echo 'wr0ng-pony-guess' ;;
    token) echo 'lab-0auth-t0ken-of-nobody' ;;
    *) die "no such user: $1" ;;
    esac
}
