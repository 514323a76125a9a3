/// A credential that signed a statement of an evidence pack, in the terms of the record that enrols it
/// (docs/auditing.md, section 11).
struct PackSigner: Hashable {
    /// The public key of 32 bytes; of a passkey SHA-256 of its public key.
    let key: [UInt8]
    /// SHA-256 of a passkey's id and of its relying party; empty for a key.
    let passkey: [Digest]

    init(key: [UInt8]) {
        self.key = key
        passkey = []
    }

    init(_ assertion: PasskeyAssertion) {
        key = Crypto.sha256(assertion.key).bytes
        passkey = [Crypto.sha256(assertion.credential), assertion.relyingParty].compactMap { $0 }
    }

    /// Returns nil if the record enrols no credential.
    init?(enrolledBy record: Record) {
        let fields = record.fields
        guard record.type == "approver.enrolled", let key = fields.base64("key") else { return nil }
        self.key = key
        guard fields.text("kind") == Octets("passkey") else {
            passkey = []
            return
        }
        guard let id = fields.digest("cred"), let party = fields.text("rp") else { return nil }
        passkey = [id, Crypto.sha256(party.bytes)]
    }

    /// The credential alone: two signatures by it are of one signer, whatever key they state.
    var credential: [UInt8] { passkey.first?.bytes ?? key }

    /// Checks that no passkey states another public key, or relying party, than its enrolment.
    static func check(
        _ signers: [PackSigner: String], _ enrolled: Set<PackSigner>
    ) throws(PackFault) {
        let known = Set(enrolled.map(\.credential))
        for (signer, name) in signers.sorted(by: { $0.value < $1.value })
        where !signer.passkey.isEmpty && known.contains(signer.credential) {
            guard enrolled.contains(signer) else {
                throw .file(name, "it states another key of a passkey than the log enrols")
            }
        }
    }
}
