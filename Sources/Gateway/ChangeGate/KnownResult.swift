import InterlockEvals
import InterlockJSON
import InterlockModel

/// A result on record, with the keys whose signatures under it verify.
struct KnownResult: Sendable {
    let signed: SignedEvalResult
    private let keys: Set<PublicKey>

    init(_ signed: SignedEvalResult, verifiedBy verifier: any SignatureVerifier) {
        self.signed = signed
        keys = Set(signed.envelope.verifiedKeys(verifier))
    }

    /// Reads an entry of a verified control log.
    ///
    /// - Throws: also if the entry is about another agent or fingerprint than its subject says.
    init(
        _ entry: ControlEntry, hashing: any Hashing, verifiedBy verifier: any SignatureVerifier
    ) throws(FormError) {
        let signed = try SignedEvalResult(try entry.signedStatement(), hashing: hashing)
        self.init(signed, verifiedBy: verifier)
        guard sameBytes(entry.subject, subject) else {
            throw FormError.badMember("subject", "the agent and fingerprint of the result")
        }
    }

    var result: EvalResult { signed.result }

    /// The subject of its entry in the control log.
    var subject: String { "\(result.agent.text) \(result.fingerprint.prefixed)" }

    /// Returns the keys among `listed` that signed it.
    func signers(among listed: [EvalKey]) -> [EvalKey] {
        listed.filter { keys.contains($0.key) }
    }
}
