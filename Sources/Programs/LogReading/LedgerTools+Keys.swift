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
        var former: FormerSigner?
        if let key = keys.former, let last = keys.rotations.last {
            former = FormerSigner(signer(key), until: last.until)
        }
        self.init(
            hashing: OpenSSLHashing(), signer: signer(keys.current), verifier: OpenSSLVerifier(),
            clock: SystemClock(), former: former, earlier: keys.earlier)
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
        var former: FormerSigner?
        if let key = keys.former, let last = keys.rotations.last {
            former = FormerSigner(signer(key), until: last.until)
        }
        self.init(
            hashing: OpenSSLHashing(), signer: signer(keys.current), verifier: OpenSSLVerifier(),
            clock: SystemClock(), former: former, earlier: keys.earlier, remote: remote)
    }
}
