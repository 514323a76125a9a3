import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockPolicy

/// Signs results and imports with a key that the policy lists in `eval.signers`.
struct ResultSigner {
    private let key: PersonKey

    /// - Parameter choice: a passphrase-encrypted key file, or `agent` for the first listed key in ssh-agent.
    /// - Throws: exit 77 if no such key is listed.
    init(_ choice: String, _ policy: PolicySnapshot) throws(Failure) {
        let keys = try KeyFailure.exits(.notPermitted, try PersonSigner.keys(named: choice))
        let listed = policy.document.eval.signers.map(\.key)
        guard let key = keys.first(where: { listed.contains($0.publicKey) }) else {
            throw Failure(
                .notPermitted, "no such key is in `eval.signers` of the policy",
                help: listed.isEmpty
                    ? "add it: `eval: {signers: [{key: \"ed25519:...\", held_by: []}]}`"
                    : "listed: " + listed.map { "ed25519:\($0)" }.joined(separator: ", "))
        }
        self.key = key
    }

    func sign(
        _ payload: [UInt8], as type: PayloadType = .evalResult
    ) throws(Failure) -> Envelope {
        try KeyFailure.exits(.notPermitted, try key.envelope(type, payload))
    }
}
