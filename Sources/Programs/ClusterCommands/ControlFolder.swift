import Glibc
package import InterlockCluster
package import InterlockCommandLine
package import InterlockDeployment
import InterlockJSON
package import InterlockModel

/// `state/control/`: the cluster of which this node is a member.
///
/// ```
/// founding.entry   the first entry, until the store has it
/// member.chain     the verified chain when the node became a member, an entry a line
/// member.json      {"v":1,"org":"acme","node":"gw2","genesis":"sha256:...","head":{"n":3,"digest":"sha256:..."}}
/// ```
/// A node without `member.json` is no member.
package struct ControlFolder: Sendable {
    /// The cluster as `member.json` has it.
    package struct Membership: Sendable {
        let org: String
        package let node: NodeName
        /// The digest of the first entry.
        package let genesis: Digest
    }

    private let state: String
    /// The folder.
    package let path: String
    private static let largest = 4096

    package init(_ deployment: Deployment) {
        state = deployment.state
        path = state + "/control"
    }

    private var member: String { path + "/member.json" }
    private var draft: String { path + "/founding.entry" }

    var isMember: Bool { File.exists(member) }

    /// - Throws: exit 66 if the node is no member, 65 if the file is malformed.
    package func membership() throws(Failure) -> Membership {
        let bytes: [UInt8]
        do throws(FileFailure) { bytes = try File.readRegular(member, limit: Self.largest) } catch {
            guard error.isMissing else { throw Failure(.io, error.message) }
            throw Failure(
                .notFound, "this node is no member of a cluster",
                help: "interlock cluster init founds one, and interlock cluster join joins one")
        }
        do throws(FormError) {
            let fields = try StrictFields(
                try StrictFields.value(bytes, limit: Self.largest),
                required: ["v", "org", "node", "genesis", "head"])
            try fields.expectVersion1()
            return Membership(
                org: try fields.string("org"),
                node: try fields.made("node", "the name of a node") { NodeName($0) },
                genesis: try fields.digest("genesis"))
        } catch { throw Failure(.data, "`\(member)` is damaged: \(error)") }
    }

    /// Notes the cluster and the entries that were verified; durable on return.
    func write(_ state: ChainState, _ rows: [StoredEntry], node: NodeName) throws(Failure) {
        var chain: [UInt8] = []
        for row in rows { chain += row.line }
        let json: JSONValue = [
            "v": 1, "org": .string(state.org), "node": .string(node.text),
            "genesis": .string(state.genesis.prefixed),
            "head": [
                "n": .integer(state.head.number), "digest": .string(state.head.digest.prefixed),
            ],
        ]
        try write(chain, to: path + "/member.chain")
        // If the process dies before this, the node is no member here, and the command is repeated.
        try write(json.serialized() + [0x0a], to: member)
    }

    /// Keeps the first entry before the store has it, so that a repeated command sends the same bytes.
    func keep(founding body: [UInt8]) throws(Failure) { try write(body, to: draft) }

    /// The first entry of a command that was broken off; nil if there is none.
    func founding() throws(Failure) -> [UInt8]? {
        guard File.exists(draft) else { return nil }
        return try FileFailure.exits(
            .io, try File.readRegular(draft, limit: 2 * EntryLimits.genesisBody))
    }

    func removeFounding() throws(Failure) {
        guard unsafe unlink(draft) == 0 || errno == ENOENT else {
            throw Failure(.io, FileFailure("remove", draft).message)
        }
    }

    private func write(_ bytes: [UInt8], to file: String) throws(Failure) {
        do throws(FileFailure) {
            try File.makeFolder(path, mode: 0o700)
            try File.syncFolder(of: path)
            try File.write(bytes, to: file)
            try File.syncFolder(of: file)
        } catch { throw Failure(.cannotCreate, error.message) }
    }
}

extension StoredEntry {
    /// The entry as a line of JSON.
    fileprivate var line: [UInt8] {
        let object: JSONValue = [
            "n": .integer(number), "previous": (previous?.prefixed).map(JSONValue.string) ?? .null,
            "digest": (digest?.prefixed).map(JSONValue.string) ?? .null, "kind": .string(kind),
            "subject": .string(subject), "node": .string(node),
            "body": body.map { .string(Base64.encode($0)) } ?? .null,
        ]
        return object.serialized() + [0x0a]
    }
}
