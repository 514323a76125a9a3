package import InterlockModel
package import InterlockPorts

/// Every policy that was ever in force here, under `state/policies/`: without it nobody could say later
/// why a call was let through.
///
/// `<policy digest>.json` is the RFC 8785 text that the digest is of; `<bundle digest>.bundle` the files
/// it was compiled from (`PolicyBundle`). Both are named by their own SHA-256, so a file that was changed
/// is not found to be what it is called.
package struct PolicyArchive: PolicyHistoryStore {
    private let folder: String
    private let hashing: any Hashing

    /// A policy has at most 64 MiB of files and its lock 64 MiB; base64 adds a third.
    private static let largestBytes = 192 << 20

    /// - Parameter folder: `state/policies` of the deployment; made when something is kept.
    package init(folder: String, hashing: any Hashing) {
        self.folder = folder
        self.hashing = hashing
    }

    @discardableResult
    package func keep(canonical: [UInt8], bundle: [UInt8]) throws(StoreFailure) -> Bool {
        do throws(SystemError) {
            try Folder.make(folder)
            let isKnown = try write(canonical, ".json")
            _ = try write(bundle, ".bundle")
            return isKnown
        } catch {
            throw StoreFailure(reason: error.description)
        }
    }

    /// The canonical JSON of a policy; nil when it was never kept.
    ///
    /// - Throws: when the file is there and is not what its name says.
    package func canonical(of policy: Digest) throws(StoreFailure) -> [UInt8]? {
        try read(policy, ".json")
    }

    /// What a policy was compiled from, as `PolicyBundle` reads it; nil when it was never kept.
    ///
    /// - Throws: as `canonical(of:)`.
    package func bundle(_ digest: Digest) throws(StoreFailure) -> [UInt8]? {
        try read(digest, ".bundle")
    }

    /// - Returns: whether it was there.
    private func write(_ bytes: [UInt8], _ kind: String) throws(SystemError) -> Bool {
        let path = path(hashing.sha256(bytes), kind)
        // A crash or somebody's hand may have left other bytes there.
        if try Folder.contents(path, limit: Self.largestBytes) == bytes { return true }
        try Folder.replace(path, with: bytes)
        return false
    }

    private func read(_ digest: Digest, _ kind: String) throws(StoreFailure) -> [UInt8]? {
        let path = path(digest, kind)
        let found: [UInt8]?
        do throws(SystemError) {
            found = try Folder.contents(path, limit: Self.largestBytes)
        } catch {
            throw StoreFailure(reason: error.description)
        }
        guard let found else { return nil }
        guard hashing.sha256(found) == digest else {
            throw StoreFailure(reason: "`\(path)` is not what its name says")
        }
        return found
    }

    private func path(_ digest: Digest, _ kind: String) -> String {
        folder + "/" + digest.hex + kind
    }
}
