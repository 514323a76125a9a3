/// The systemd unit of a deployment. Its restrictions leave `interlock-launch` what its sandbox needs: namespaces of each
/// kind, a host name for them (so no `ProtectHostname=`), and an uncovered `/proc` (decision 0041).
struct SystemUnit {
    let program: String
    let directory: String
    let user: String

    var text: String {
        """
        # Made by `interlock init --system`.
        [Unit]
        Description=Interlock gateway
        Documentation=file:\(directory)
        Wants=network-online.target
        After=network-online.target

        [Service]
        Type=exec
        User=\(user)
        Group=\(user)
        ExecStart=\(program) serve --dir \(directory)
        ExecReload=/bin/kill -HUP $MAINPID
        Restart=on-failure
        RestartSec=2s
        TimeoutStopSec=30s
        UMask=0077
        LimitNOFILE=65536
        LimitCORE=0

        # The gateway gains nothing and writes nowhere else. Its children have walls of their own within these.
        NoNewPrivileges=yes
        CapabilityBoundingSet=
        AmbientCapabilities=
        ProtectSystem=strict
        ReadWritePaths=\(directory)
        # /run/interlock, for a socket that other users may connect to: listeners.hooks_socket.
        RuntimeDirectory=interlock
        RuntimeDirectoryMode=0755
        ProtectHome=read-only
        PrivateTmp=yes
        DevicePolicy=closed
        ProtectClock=yes
        ProtectKernelModules=yes
        LockPersonality=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
        SystemCallArchitectures=native
        KeyringMode=private
        RemoveIPC=yes

        [Install]
        WantedBy=multi-user.target

        """
    }
}
