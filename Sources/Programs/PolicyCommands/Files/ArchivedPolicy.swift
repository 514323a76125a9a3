package import InterlockModel
package import InterlockPolicy
import InterlockYAML

/// A policy of the past, compiled anew from the files that were kept of it.
package enum ArchivedPolicy {
    /// - Parameters:
    ///   - bytes: a `PolicyBundle`.
    ///   - policy: the digest that the policy had.
    /// - Returns: nil if the files do not compile, or make another policy than the one with the digest.
    package static func compiled(
        _ bytes: [UInt8], as policy: Digest, at now: Timestamp
    ) -> PolicySnapshot? {
        compiled(bytes, at: now).flatMap { $0.digest == policy ? $0 : nil }
    }

    /// - Returns: nil if the files of the bundle do not compile.
    package static func compiled(_ bytes: [UInt8], at now: Timestamp) -> PolicySnapshot? {
        guard let bundle = try? PolicyBundle(parsing: bytes) else { return nil }
        var lock = LockUse.absent
        if let written = bundle.lock {
            guard let read = try? LockFile.parse(written, path: PolicyLock.fileName) else {
                return nil
            }
            lock = .read(read)
        }
        let reading = PolicyReader.read(
            bundle.files, findings: [], keepsTrees: false, namesCanaries: true)
        return (try? LoadedPolicy(reading, lock: lock, at: now))?.snapshot
    }
}
