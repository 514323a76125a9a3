package import InterlockLedger
import InterlockModel
import Synchronization

/// Keys of payloads for commands that read: nothing is written, no lock is taken, and a bucket that is
/// being rewritten is read once more.
package final class BucketReader: PayloadKeySource {
    private let keys: String
    /// Opening a bucket takes every key of its day, and records that follow one another are of one day.
    private let last = Mutex<OpenedBucket?>(nil)

    /// - Parameter keys: `state/keys`.
    package init(_ keys: String) { self.keys = keys }

    package func key(of name: PayloadName) -> PayloadKeyResponse {
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

    /// The day's bucket as the disk has it now: what was opened before is used only where the files have
    /// the same bytes still, so that an erasure is seen by the next question.
    private func bucket(of day: CivilDate) throws(KeyFailure) -> DayBucket {
        let wrapping = try WrappingKeyPair(keys).all
        // Before it is opened: what is kept is never older than the bytes that it is kept for.
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

/// A bucket, and what it was opened from.
private struct OpenedBucket {
    struct Source: Equatable {
        let day: CivilDate
        let wrapping: [[UInt8]]
        let file: [UInt8]
    }

    let source: Source
    let bucket: DayBucket
}
