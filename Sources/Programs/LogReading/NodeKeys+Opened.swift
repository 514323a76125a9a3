package import InterlockCommandLine
import InterlockConfiguration
package import InterlockCredentials
package import InterlockDeployment

extension NodeKeys {
    /// Loads the node's keys; refused if other users can access them or the state folder, and if `ledger.signer` says
    /// another place of the log's key than where it is.
    package static func opened(_ deployment: Deployment) throws(Failure) -> NodeKeys {
        let keys: NodeKeys
        do throws(KeyFailure) {
            try StateFolder.check(deployment.state)
            keys = try NodeKeys.load(from: deployment.keys)
        } catch {
            guard error.code == .missing, error.help == nil else { throw Failure(error) }
            throw Failure(.notFound, error.reason, help: "`interlock init` makes a deployment")
        }
        let isWithSigner = !deployment.configuration.ledger.signer.isEmpty
        guard isWithSigner == (keys.ownLogKeys == nil) else {
            throw isWithSigner
                ? Failure(
                    .data, "`ledger.signer` is set, but `\(deployment.keys)` has the log's key",
                    help: "interlock signer move --keys FOLDER")
                : Failure(
                    .data, "the log's key was moved to a signer, but `ledger.signer` is not set",
                    help: "name the signer's socket there, or call interlock signer return")
        }
        return keys
    }

    /// The private keys of the log, for work that no signer does.
    ///
    /// - Throws: exit 65 if a signer holds them.
    package func heldLogKeys() throws(Failure) -> LogKeys {
        guard let keys = ownLogKeys else {
            throw Failure(
                .data, "a signer holds the log's key, and signs nothing of this command",
                help:
                    "take it back (interlock signer return), repeat the command, and move it again")
        }
        return keys
    }
}
