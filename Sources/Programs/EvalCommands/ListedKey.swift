import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel

/// A key of the command line that the policy lists in `eval`: signs results (`signers`) or release manifests
/// (`attesters`).
struct ListedKey {
    private let key: PersonKey

    /// - Parameters:
    ///   - choice: a passphrase-encrypted key file, or `agent` for the first listed key in ssh-agent.
    ///   - listed: the keys of `member`.
    ///   - member: the member of `eval` in the policy.
    /// - Throws: exit 77 if no such key is listed.
    init(_ choice: String, among listed: [EvalKey], _ member: String) throws(Failure) {
        let keys = try KeyFailure.exits(.notPermitted, try PersonSigner.keys(named: choice))
        guard let key = keys.first(where: { one in listed.contains { $0.key == one.publicKey } })
        else {
            let held = keys.map { "ed25519:\($0.publicKey)" }.joined(separator: ", ")
            let known = listed.map { "ed25519:\($0.key)" }.joined(separator: ", ")
            throw Failure(
                .notPermitted, "no such key is in `eval.\(member)` of the policy",
                help: listed.isEmpty
                    ? "list one as `eval: {\(member): [{key: \"KEY\", held_by: [EMAIL]}]}`: \(held)"
                    : "at hand: \(held); listed: \(known)")
        }
        self.key = key
    }

    func sign(_ type: PayloadType, _ payload: [UInt8]) throws(Failure) -> Envelope {
        try KeyFailure.exits(.notPermitted, try key.envelope(type, payload))
    }
}
