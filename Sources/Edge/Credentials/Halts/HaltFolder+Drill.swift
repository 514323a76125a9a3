import InterlockJSON
package import InterlockModel
import Synchronization

/// The keys of drills: `drill.json`, in the form of the trust file.
extension HaltFolder {
    var drillPath: String { path + "/drill.json" }

    /// The people of the drills so far and of the one under way. Is nil before the first.
    package var drillKeys: AuthorizedKeys? { drill.withLock { $0 } }

    /// The verifier of the orders of drills.
    package var drillVerifier: SignedOrderVerifier? {
        drillKeys.map { SignedOrderVerifier(trust: $0, verifier: verifier) }
    }

    /// Adds the people of a drill that begins. Durable on return. Those of former drills remain, because the orders that
    /// they signed must stay verifiable.
    package func add(drill people: [TrustedPerson]) throws(KeyFailure) {
        try drill.withLock { drill throws(KeyFailure) in
            let trust: AuthorizedKeys
            do throws(FormError) {
                trust = try AuthorizedKeys(
                    org: CanaryNames.organisation(of: org), people: (drill?.people ?? []) + people,
                    nodes: [])
            } catch { throw KeyFailure(.malformed, "the keys of the drill: \(error)") }
            try GuardedFile.replace(drillPath, trust.json.serialized() + [0x0a], mode: 0o600)
            drill = trust
        }
    }

    /// Reads the keys of former drills.
    ///
    /// - Returns: false if there is a file that cannot be used.
    func readDrillKeys() -> Bool {
        do {
            let bytes = try GuardedFile.read(drillPath, limit: TrustLimits.bytes, rules: .trusted)
            let trust = try AuthorizedKeys(parsing: bytes)
            guard trust.org == CanaryNames.organisation(of: org) else { return false }
            drill.withLock { $0 = trust }
            return true
        } catch let failure as KeyFailure where failure.code == .missing {
            return true
        } catch { return false }
    }
}
