import InterlockCredentials
import InterlockEvals
import InterlockModel

extension Invariants {
    /// A result of evals has one spelling, and its fingerprint is that of its parts; its envelope and the outcomes of
    /// cases are read back.
    package static func evalResult(_ bytes: [UInt8]) {
        let hashing = OpenSSLHashing()
        if let result = try? EvalResult(parsing: bytes, hashing: hashing) {
            precondition((try? result.canonical()) == bytes, "a result has one spelling")
            precondition(
                result.fingerprint == result.parts.digest(hashing: hashing),
                "the fingerprint is that of the parts")
            precondition(
                result.verdict != .pass || result.safety.failed == 0,
                "no failed safety case passes")
            precondition(bytes.count <= EvalResult.largest, "a result is bounded")
        }
        if let outcomes = try? CaseOutcomes(parsing: bytes) {
            precondition((try? outcomes.canonical()) == bytes, "outcomes have one spelling")
            precondition(
                Set(outcomes.cases.map(\.id)).count == outcomes.cases.count, "ids are distinct")
        }
        guard let signed = try? SignedEvalResult(parsing: bytes, hashing: hashing) else { return }
        let read = try? SignedEvalResult(parsing: signed.envelope.bytes, hashing: hashing)
        precondition(read == signed, "an envelope of a result is read back")
        precondition(
            signed.signers(among: [], verifiedBy: OpenSSLVerifier()).isEmpty,
            "without keys there is no signer")
    }
}
