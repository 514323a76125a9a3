package import InterlockCluster
package import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
package import InterlockDeployment
import InterlockLogReading
import InterlockModel

/// The keys of a node's own: that of its log, with which it signs entries, and those of its cosignatures, its tokens and its
/// connections to other nodes.
package struct NodeIdentity {
    let name: NodeName
    /// The key that signs entries.
    let log: Ed25519PrivateKey
    /// The key that signs the node's epochs.
    let halts: Ed25519PrivateKey
    private let witness: Ed25519PrivateKey
    private let token: Ed25519PrivateKey
    private let peer: Ed25519PrivateKey

    /// Opens the keys of a deployment; those that it lacks as one node alone are made.
    ///
    /// - Throws: exit 65 if `cluster.node` is not set, or a signer holds the log's key.
    init(_ deployment: Deployment) throws(Failure) {
        name = try Self.name(in: deployment)
        let keys = try NodeKeys.opened(deployment)
        let own = try keys.heldLogKeys()
        guard own.pending == nil else {
            throw Failure(
                .data, "a rotation of the log's key was broken off",
                help: "finish it: interlock audit key rotate, as it was called before")
        }
        log = own.current
        halts = keys.halts
        token = keys.token
        do throws(KeyFailure) {
            witness = try WitnessKey.openOrMake(in: deployment.keys, entropy: SystemEntropy())
            peer = try PeerKey.openOrMake(in: deployment.keys, entropy: SystemEntropy())
        } catch { throw Failure(error) }
    }

    /// The name of the node that `interlock.yaml` has.
    package static func name(in deployment: Deployment) throws(Failure) -> NodeName {
        guard let name = NodeName(deployment.configuration.cluster.node) else {
            throw Failure(
                .data,
                "`cluster.node` is not set in `\(deployment.directory)/\(ConfigurationFile.name)`",
                help: "write the node's name there, which is that of its login at the database")
        }
        return name
    }

    /// The keys as people sign them.
    var keys: MemberKeys {
        MemberKeys(
            name: name, log: log.publicKey, witness: witness.publicKey, token: token.publicKey,
            tls: MemberKeys.tls(of: peer.publicKey, hashing: OpenSSLHashing()))
    }

    /// Returns the file with this statement and the proof of each key.
    func prove(
        _ statement: MemberFile.Statement, signedBy permit: Ed25519PrivateKey? = nil
    ) throws(Failure) -> MemberFile {
        try MemberFile.made { () throws(FormError) in
            let message = try MemberFile(statement).message
            return try MemberFile(
                statement,
                proofs: [log, witness, token, peer].map { .key($0.publicKey, $0.sign(message)) },
                signatures: permit.map { [.key($0.publicKey, $0.sign(message))] } ?? [])
        }
    }

    /// Returns the entry that this node wants to append.
    func draft(
        _ content: EntryContent, subject: String = "", org: String, at now: Timestamp
    ) throws(Failure) -> EntryDraft {
        let statement = ControlStatement(org: org, at: now, node: name, content: content)
        do throws(FormError) {
            return try EntryDraft(statement, subject: subject, key: log.publicKey) { message in
                log.sign(message)
            }
        } catch { throw Failure(.data, "the entry cannot be written: \(error)") }
    }
}
