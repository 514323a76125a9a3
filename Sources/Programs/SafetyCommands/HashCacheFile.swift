import InterlockCommandLine
import InterlockCredentials
package import InterlockDeployment
import InterlockModel
import InterlockWorkspace
package import InterlockWorkspaceFiles

/// The digests of one project's files from its last run, or the files or objects in which the last search found nothing. Without it
/// all files are read anew, so no failure matters.
package struct HashCacheFile: Sendable {
    package enum Kind: String, Sendable {
        case hashes
        /// Each file has the digest of the scanner that found nothing.
        case clean
        /// The names of a history's contents, of `CleanObjects`.
        case history
    }

    private let folder: String
    private let path: String
    private let hashing = OpenSSLHashing()

    /// - Parameter project: the absolute path of the project.
    package init(_ deployment: Deployment, project: String, _ kind: Kind = .hashes) {
        folder = deployment.state + "/hashes"
        let name = hashing.sha256(Array(project.utf8)).hex
        path = folder + "/" + name + (kind == .hashes ? "" : "-" + kind.rawValue)
    }

    package func read() -> HashCache {
        let bytes = try? File.readRegular(path, limit: HashCache.mostBytes, followsLink: false)
        return HashCache(bytes ?? [], hashing: hashing)
    }

    package func write(_ cache: HashCache) { write(cache.bytes(hashing: hashing)) }

    func readObjects(of scanner: Digest) -> CleanObjects {
        let bytes = try? File.readRegular(path, limit: CleanObjects.mostBytes, followsLink: false)
        return CleanObjects(bytes ?? [], scanner: scanner, hashing: hashing)
    }

    func write(_ objects: CleanObjects) { write(objects.bytes(hashing: hashing)) }

    private func write(_ bytes: [UInt8]) {
        try? File.makeFolder(folder, mode: 0o700)
        try? File.write(bytes, to: path)
    }
}
