import InterlockKeys
import InterlockLedger
import InterlockStore

/// The log of a deployment, read from its files: no running gateway is asked.
struct AuditLog {
    let reader: LedgerReader
    private let deployment: Deployment

    init(_ invocation: Invocation) throws(Failure) {
        deployment = try Deployment.open(invocation)
        reader = LedgerReader(
            directory: deployment.ledger, payloads: deployment.state + "/payloads",
            hashing: OpenSSLHashing())
    }

    var guardFile: String { deployment.resolve(deployment.configuration.ledger.checkpointCopy) }

    /// A key from the command line, else this deployment's own.
    func key(_ invocation: Invocation) throws(Failure) -> VerifierKey {
        guard let text = invocation["vkey"] else {
            return try LedgerSetup(deployment, try NodeKeys.opened(deployment)).verifierKey()
        }
        guard let key = VerifierKey(text, hashing: OpenSSLHashing()) else {
            throw Failure(.usage, "`\(text)` is no verifier key")
        }
        return key
    }
}

/// Runs what reads a log; its failure becomes an exit code.
func reading<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let failure as LedgerFailure { throw Failure(failure) }
}
