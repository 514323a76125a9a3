package import InterlockCredentials
import InterlockLedger
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
}
