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
        evalStatement(bytes)
        guard let signed = try? SignedEvalResult(parsing: bytes, hashing: hashing) else { return }
        let read = try? SignedEvalResult(parsing: signed.envelope.bytes, hashing: hashing)
        precondition(read == signed, "an envelope of a result is read back")
        precondition(
            signed.signers(among: [], verifiedBy: OpenSSLVerifier()).isEmpty,
            "without keys there is no signer")
    }

    /// An exception ends within a day, and it and a release manifest have one spelling each.
    private static func evalStatement(_ bytes: [UInt8]) {
        guard let envelope = try? Envelope(parsing: bytes) else { return }
        let exception = try? EvalException(envelope)
        let manifest = try? ReleaseManifest(envelope)
        precondition(exception == nil || manifest == nil, "no statement is two of them")
        if let exception {
            precondition(
                (try? exception.canonical()) == envelope.payload, "an exception has one spelling")
            precondition(
                exception.from < exception.until
                    && exception.until - exception.from <= EvalException.longest,
                "an exception ends within a day")
        }
        if let manifest {
            precondition(
                (try? manifest.canonical()) == envelope.payload, "a manifest has one spelling")
            precondition(
                ReleaseManifest.isCredential(manifest.credential), "the id of a token is bounded")
        }
    }
}
