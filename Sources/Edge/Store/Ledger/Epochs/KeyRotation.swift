import InterlockJSON
package import InterlockLedger
package import InterlockModel
import InterlockPorts

/// Records a key rotation (docs/specs/ledger.md, section 7) while only the old key signs and no other process writes.
/// After a crash, a repeated call records the same rotation only once.
package struct KeyRotation: Sendable {
    private let configuration: LedgerConfiguration
    private let tools: LedgerTools

    /// - Parameter tools: the tools with the old key.
    package init(_ configuration: LedgerConfiguration, _ tools: LedgerTools) {
        self.configuration = configuration
        self.tools = tools
    }

    /// Appends `key.rotate`; the record is durable and published on return.
    /// - Parameters:
    ///   - cause: `planned` or `compromise`.
    ///   - prepare: called once the log's lock is held; returns the new key, which must be durable already.
    /// - Returns: the time of the record.
    /// - Throws: `configuration` if the log names a key that is not available here; any error of `prepare`.
    package func record(cause: String, prepare: () throws -> any NoteSigner) async throws
        -> Timestamp
    {
        guard tools.remote == nil else {
            throw LedgerFailure(.configuration, "the log's key is with a signer")
        }
        let log = try WriteAheadLog.open(configuration, tools)
        defer { log.close() }
        let origin = configuration.origin
        guard let old = tools.keys(of: origin).first else {
            throw LedgerFailure(.configuration, "`\(origin)` is no name of a log")
        }
        let newest = try newestRotation()
        let signer = try prepare()
        guard
            let new = VerifierKey(
                name: origin, publicKey: signer.publicKey, hashing: tools.hashing)
        else { throw LedgerFailure(.configuration, "the new key is no key") }
        if let newest {
            if newest.vkey == new.description { return newest.at }
            guard newest.vkey == old.description else {
                throw LedgerFailure(
                    .configuration, "the log was rotated to `\(newest.vkey)`, which is not here")
            }
        }
        let at = tools.clock.wall
        let signature = signer.sign(KeySuccession.statement(origin: origin, old: old))
        do throws(LedgerRefusal) {
            _ = try await log.append(
                RecordDraft(
                    .keyRotate, run: nil,
                    fields: [
                        "vkey": .string(new.description), "why": .string(cause),
                        "sig": .string(Base64.encode(signature)),
                    ]))
        } catch {
            throw LedgerFailure(.io, "the log took no record of it: \(error.code)")
        }
        return at
    }

    /// Returns the log's last `key.rotate`.
    private func newestRotation() throws(LedgerFailure) -> (vkey: String, at: Timestamp)? {
        let reader = LedgerReader(configuration, hashing: tools.hashing)
        var found: (vkey: String, at: Timestamp)?
        try reader.scan { entry in
            if let record = entry.record, record.type == RecordType.keyRotate.rawValue,
                let vkey = record.text("vkey"), let moment = record["ts"]?.integer
            {
                found = (vkey, Timestamp(microseconds: moment))
            }
            return true
        }
        return found
    }
}
