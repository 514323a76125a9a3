package import InterlockModel
package import InterlockPorts

/// Every policy that was ever in force here, under `state/policies/`, so that past decisions remain explainable.
///
/// `<policy digest>.json` is the RFC 8785 text that the digest covers; `<bundle digest>.bundle` holds the files it was
/// compiled from (`PolicyBundle`). Each file is named by its own SHA-256, so a modified file is detected when it is
/// read.
package struct PolicyArchive: PolicyHistoryStore, PolicySources {
    private let folder: String
    private let hashing: any Hashing

    /// A policy has at most 64 MiB of files and its lock at most 64 MiB; base64 adds a third.
    private static let largestBytes = 192 << 20

    /// - Parameter folder: `state/policies` of the deployment; created when the first policy is stored.
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

    /// Returns the canonical JSON of a policy, or nil if it was never stored.
    ///
    /// - Throws: an error if the file exists but does not match its name.
    package func canonical(of policy: Digest) throws(StoreFailure) -> [UInt8]? {
        try read(policy, ".json")
    }

    /// Returns the sources of a policy in the format of `PolicyBundle`, or nil if they were never stored.
    ///
    /// - Throws: an error if the file exists but does not match its name.
    package func bundle(_ digest: Digest) throws(StoreFailure) -> [UInt8]? {
        try read(digest, ".bundle")
    }

    /// - Returns: true if the file existed with these bytes.
    private func write(_ bytes: [UInt8], _ kind: String) throws(SystemError) -> Bool {
        let path = path(hashing.sha256(bytes), kind)
        // A crash or a manual edit may have left other bytes there.
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
