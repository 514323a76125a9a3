package import InterlockLedger
import InterlockModel
import Synchronization

/// Payload keys for commands that read: writes nothing, takes no lock, and reads a bucket that is being rewritten
/// once more.
package final class BucketReader: PayloadKeySource {
    private let keys: String
    /// The last opened bucket. Opening one decrypts every key of its day, and consecutive records are of one day.
    private let last = Mutex<OpenedBucket?>(nil)

    /// - Parameter keys: `state/keys`.
    package init(_ keys: String) { self.keys = keys }

    /// Returns true if this user can read the wrapping key, so that a key that is missing is not merely hidden.
    package var isReadable: Bool { (try? WrappingKeyPair(keys))?.all.isEmpty == false }

    package func key(of name: PayloadName) -> PayloadKeyResponse {
        for _ in 0..<2 {
            do throws(KeyFailure) {
                return try answer(name)
            } catch {
                // An erasure changes the wrapping key and the bucket one after the other.
                continue
            }
        }
        return .missing
    }

    private func answer(_ name: PayloadName) throws(KeyFailure) -> PayloadKeyResponse {
        switch try bucket(of: name.owner.day) {
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

    /// The day's bucket as it is on disk. The cached bucket is used only if the files have the same bytes, so that
    /// the next call sees an erasure.
    private func bucket(of day: CivilDate) throws(KeyFailure) -> DayBucket {
        let wrapping = try WrappingKeyPair(keys).all
        // Read before the bucket is opened, so that the cached bucket is never older than these bytes.
        let source = OpenedBucket.Source(
            day: day, wrapping: wrapping.map(\.bytes),
            file: try GuardedFile.read(
                BucketFolder.path(keys, day), limit: BucketFile.maximumBytes, rules: .secret))
        if let last = last.withLock({ $0 }), last.source == source { return last.bucket }
        let bucket = try BucketFolder.read(keys, day, wrapping)
        last.withLock { $0 = OpenedBucket(source: source, bucket: bucket) }
        return bucket
    }
}

/// A bucket and the bytes that it was opened from.
private struct OpenedBucket {
    struct Source: Equatable {
        let day: CivilDate
        let wrapping: [[UInt8]]
        let file: [UInt8]
    }

    let source: Source
    let bucket: DayBucket
}
