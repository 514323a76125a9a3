import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockWorkspaceFiles

/// The digests of one project's files from its last run. Without it all files are read anew, so no failure matters.
struct HashCacheFile: Sendable {
    private let folder: String
    private let path: String
    private let hashing = OpenSSLHashing()

    /// - Parameter project: the absolute path of the project.
    init(_ deployment: Deployment, project: String) {
        folder = deployment.state + "/hashes"
        path = folder + "/" + hashing.sha256(Array(project.utf8)).hex
    }

    func read() -> HashCache {
        let bytes = try? File.readRegular(path, limit: HashCache.mostBytes, followsLink: false)
        return HashCache(bytes ?? [], hashing: hashing)
    }

    func write(_ cache: HashCache) {
        try? File.makeFolder(folder, mode: 0o700)
        try? File.write(cache.bytes(hashing: hashing), to: path)
    }
}
