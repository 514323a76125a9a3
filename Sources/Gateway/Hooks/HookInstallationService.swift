package import InterlockGovernor
package import InterlockHooks
package import InterlockHostSettings
package import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts

/// Puts on record that hooks are installed or removed (docs/specs/coding-agents.md, section 15). Only the local socket
/// serves it: the command runs as root or as the gateway's user.
package struct HookInstallationService: Sendable {
    private let gateway: Gateway

    package init(gateway: Gateway) { self.gateway = gateway }

    /// Durable on return; the command changes no file before it.
    ///
    /// - Returns: the hash of the record.
    package func record(_ change: HookInstallation) async throws(LedgerRefusal) -> Digest {
        try await gateway.ledger.append(
            gateway.records.record(
                .hookInstalled, run: nil,
                fields: [
                    "host": .string(change.host.rawValue), "st": .string(change.state.rawValue),
                    "scope": .string(change.scope.rawValue),
                    "cnt": .integer(Int64(change.files.count)),
                ], sealing: [("detail", change.detail.serialized())])
        ).leafHash
    }
}

/// The request body that reports a change of the files of a host's hooks:
/// `{"host": …, "scope": …, "state": "installed", "files": [{"path": …, "sha256": …}]}`.
package struct HookInstallation: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable { case installed, removed }

    package struct File: Sendable, Hashable {
        package let path: String
        package let digest: Digest

        package init(path: String, digest: Digest) {
            self.path = path
            self.digest = digest
        }
    }

    package let host: HookHost
    package let scope: HostSettingsScope
    package let state: State
    /// One to 16 files.
    package let files: [File]

    package init(
        host: HookHost, scope: HostSettingsScope, state: State, files: [File]
    ) {
        self.host = host
        self.scope = scope
        self.state = state
        self.files = files
    }

    package init(_ body: JSONValue) throws(FormError) {
        let fields = try StrictFields(body, required: ["host", "scope", "state", "files"])
        host = try fields.made("host", "the name of a host") { HookHost(rawValue: $0) }
        scope = try fields.made("scope", "managed, user or project") {
            HostSettingsScope(rawValue: $0)
        }
        state = try fields.made("state", "installed or removed") { State(rawValue: $0) }
        var files: [File] = []
        for (number, value) in try fields.array("files", count: 1...16).enumerated() {
            let file = try StrictFields(
                value, at: "files[\(number)]", required: ["path", "sha256"])
            files.append(
                File(
                    path: try file.made("path", "a path of at most 4096 bytes") {
                        (1...4096).contains($0.utf8.count) ? $0 : nil
                    }, digest: try file.made("sha256", "64 hexadecimal digits") { Digest(hex: $0) })
            )
        }
        self.files = files
    }

    package var json: JSONValue {
        [
            "host": .string(host.rawValue), "scope": .string(scope.rawValue),
            "state": .string(state.rawValue), "files": detail,
        ]
    }

    fileprivate var detail: JSONValue {
        .array(files.map { ["path": .string($0.path), "sha256": .string($0.digest.hex)] })
    }
}
