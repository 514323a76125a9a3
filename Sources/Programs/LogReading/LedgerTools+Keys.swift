package import InterlockCredentials
package import InterlockLedger
import InterlockModel
package import InterlockStore

extension LedgerTools {
    /// The tools of a node for its log of that name.
    package init(_ keys: LogKeys, origin: String) {
        func signer(_ key: Ed25519PrivateKey) -> LogKey {
            LogKey(name: origin, publicKey: key.publicKey) { key.sign($0) }
        }
        self.init(
            signer(keys.current), former: keys.former.map(signer), of: LogPublicKeys(keys),
            remote: nil)
    }

    /// The tools of a node whose private keys are elsewhere.
    ///
    /// - Parameter remote: the process that signs, or nil for a log that is only read.
    package init(publicKeys keys: LogPublicKeys, origin: String, remote: (any LogSigner)? = nil) {
        func signer(_ key: PublicKey) -> LogKey {
            LogKey(name: origin, publicKey: key) { _ in
                preconditionFailure("the log's key is not in this process")
            }
        }
        self.init(
            signer(keys.current), former: keys.former.map(signer), of: keys, remote: remote)
    }

    private init(
        _ current: LogKey, former: LogKey?, of keys: LogPublicKeys, remote: (any LogSigner)?
    ) {
        var overlap: FormerSigner?
        if let former, let end = keys.overlapEnd { overlap = FormerSigner(former, until: end) }
        self.init(
            hashing: OpenSSLHashing(), signer: current, verifier: OpenSSLVerifier(),
            clock: SystemClock(), former: overlap, earlier: keys.earlier, remote: remote)
    }
}
