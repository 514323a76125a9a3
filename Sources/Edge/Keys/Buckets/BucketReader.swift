package import InterlockLedger
import InterlockModel

/// Keys of payloads for commands that read: nothing is written, no lock is taken, and a bucket that is
/// being rewritten is read once more.
package struct BucketReader: PayloadKeySource {
    private let keys: String

    /// - Parameter keys: `state/keys`.
    package init(_ keys: String) { self.keys = keys }

    package func key(of name: PayloadName) -> PayloadKeyAnswer {
        for _ in 0..<2 {
            do throws(KeyFailure) {
                return try answer(name)
            } catch {
                // An erasure changes wrapping key and bucket one after the other.
                continue
            }
        }
        return .missing
    }

    private func answer(_ name: PayloadName) throws(KeyFailure) -> PayloadKeyAnswer {
        let wrapping = try WrappingKeyPair(keys).all
        switch try BucketFolder.read(keys, name.owner.day, wrapping) {
        case .absent: return .missing
        case .destroyed: return .erased
        case .present(let bucket):
            switch bucket.answer(name.owner) {
            case .missing: return .missing
            case .erased: return .erased
            case .key(let key): return .key(payloadKey(of: name, runKey: key))
            }
        }
    }
}
