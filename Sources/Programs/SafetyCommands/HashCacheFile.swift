import InterlockCommandLine
import InterlockCredentials
package import InterlockDeployment
import InterlockModel
package import InterlockWorkspaceFiles

/// The digests of one project's files from its last run, or the files in which the last search found nothing. Without it
/// all files are read anew, so no failure matters.
package struct HashCacheFile: Sendable {
    package enum Kind: String, Sendable {
        case hashes
        /// Each file has the digest of the scanner that found nothing.
        case clean
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

    package func write(_ cache: HashCache) {
        try? File.makeFolder(folder, mode: 0o700)
        try? File.write(cache.bytes(hashing: hashing), to: path)
    }
}
