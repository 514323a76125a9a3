import InterlockTesting

@testable import InterlockClusterStore

/// A PostgreSQL server of a test, on a unix socket in a folder of its own, run by an ordinary user.
final class TestServer {
    private static let programs = "/usr/lib/postgresql/15/bin"
    static let isInstalled = !TestFiles.list(programs, suffix: "postgres").isEmpty

    /// The folder of the socket.
    let folder: String

    init?() {
        let script = """
            set -e; cd /
            folder=$(mktemp -d /tmp/ilpg-XXXXXX); as=
            if [ "$(id -u)" = 0 ]; then
                chown 65534:65534 "$folder"
                as="setpriv --reuid=65534 --regid=65534 --clear-groups --"
            fi
            $as \(Self.programs)/initdb -D "$folder/data" -U admin -A trust --no-sync >/dev/null
            $as \(Self.programs)/pg_ctl -D "$folder/data" -w -l "$folder/log" \
                -o "-c listen_addresses= -c unix_socket_directories=$folder -c shared_buffers=16MB" start >/dev/null
            printf %s "$folder"
            """
        // The script ends without the name if a command of it fails.
        let folder = shellOutput(of: script)
        guard folder.hasPrefix("/tmp/ilpg-") else { return nil }
        self.folder = folder
    }

    /// Stops the process that takes connections: they are opened, and nothing is answered.
    func freeze() {
        shellOutput(of: "kill -STOP $(head -n 1 \(folder)/data/postmaster.pid)")
    }

    /// Ends the server, also if it is frozen, and removes its folder.
    func stop() {
        shellOutput(
            of: """
                cd /; kill -CONT $(head -n 1 \(folder)/data/postmaster.pid); as=
                if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=65534 --regid=65534 --clear-groups --"; fi
                $as \(Self.programs)/pg_ctl -D \(folder)/data -m immediate stop >/dev/null
                rm -rf \(folder)
                """)
    }

    func connect(
        _ role: String, limit: Duration = .seconds(30)
    ) throws -> StoreConnection {
        try StoreConnection("host=\(folder) dbname=postgres user=\(role)", limit: limit)
    }
}

extension StoreConnection {
    /// Calls a function, without the types of its values.
    func call(
        _ function: StoreFunction, _ values: [StoreValue]
    ) throws(StoreCallFailure) -> [[StoreColumn]] {
        try run(function.statement(values: values.count), values)
    }
}
