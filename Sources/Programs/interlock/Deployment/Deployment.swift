import Glibc
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockPolicy
import InterlockStore
import InterlockYAML

/// The folder of one deployment, and the paths of everything in it.
struct Deployment: Sendable {
    /// The absolute path, without a trailing slash.
    let directory: String
    let configuration: Configuration
    /// The hosts' files that are being taken over; `hosts.json` lists those that were.
    var hostFiles: [String] = []

    var state: String { directory + "/state" }
    var keys: String { state + "/keys" }
    var kill: String { state + "/kill" }
    /// The refresh tokens of people's authorizations at servers' issuers.
    var grants: String { state + "/grants" }
    /// The reports of drills, and the temporary files of a running drill.
    var drill: String { state + "/drill" }
    var trustFile: String { kill + "/trust.json" }
    var socket: String { state + "/interlock.sock" }
    /// The bound addresses, which `serve` writes for programs that need the port chosen for port 0.
    var boundListeners: String { state + "/listeners.json" }
    var policy: String { resolve(configuration.policy.path) }
    /// The lock, next to the policy.
    var lock: String { LockFile.path(beside: policy) }
    /// Every policy that was ever in force in this deployment.
    var policyArchive: PolicyArchive {
        PolicyArchive(folder: state + "/policies", hashing: OpenSSLHashing())
    }
    var ledger: String { resolve(configuration.ledger.directory) }
    /// Sealed payloads by their hash.
    var payloads: String { state + "/payloads" }
    /// A cache of the positions of records in the log. It may be removed at any time.
    var index: String { state + "/index.db" }
    var store: String { resolve(configuration.store.path) }
    var secrets: String { resolve(configuration.secrets.directory) }
    /// The folder of the tokens of connected hosts.
    var tokens: String { directory + "/tokens" }

    /// The key that `init` generates for the founding person if no other key is available.
    var founderKey: String { Self.founderKey(in: directory) }
    static func founderKey(in directory: String) -> String { directory + "/founder.key" }

    /// The paths that no child process may access: folders of this deployment, and the hosts' files with their
    /// servers' secrets. Creates missing folders, because a folder that is created later would be accessible.
    func hidden() throws(Failure) -> [String] {
        let paths = [state, secrets, tokens]
        for path in paths {
            try FileFailure.exits(.cannotCreate, try File.makeFolder(path, mode: 0o700))
        }
        let changes = try HostChanges(in: directory).changes
        let backups = changes.compactMap(\.backup).filter { !$0.hasPrefix(state + "/") }
        return paths
            + (hostFiles + changes.map(\.path) + backups + [founderKey]).filter(File.exists)
    }

    /// Resolves a path of the configuration relative to the deployment folder.
    func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : directory + "/" + path }

    /// - Throws: exit 66 if there is no deployment, 65 if its configuration is invalid.
    static func open(_ invocation: Invocation) throws(Failure) -> Deployment {
        let directory = try folder(invocation)
        let path = directory + "/" + ConfigurationFile.name
        if File.exists(path) {
            for one in [directory, path] { try FolderOwner.judge(one) }
        }
        let bytes: [UInt8]
        do throws(FileFailure) { bytes = try File.readRegular(path, limit: 1 << 20) } catch {
            guard error.isMissing else { throw Failure(.io, error.message) }
            throw Failure(
                .notFound, "there is no deployment in `\(directory)`",
                help: "make one with `interlock init --dir DIR`, or name it with --dir")
        }
        let reading = readYAML(bytes, file: path)
        guard let root = reading.root, reading.findings.isEmpty else {
            throw Failure(.data, reading.findings.first?.text ?? "\(path):1:1 the file is empty")
        }
        do throws(ConfigurationError) {
            return Deployment(
                directory: directory, configuration: try ConfigurationFile.read(root, file: path))
        } catch { throw Failure(.data, error.message, help: error.help) }
    }

    /// The absolute path of the folder that the command line or the environment names; by default the current folder.
    static func folder(_ invocation: Invocation) throws(Failure) -> String {
        let named = invocation["dir"] ?? environment("INTERLOCK_DIR") ?? "."
        guard let path = File.realPath(named) else {
            throw Failure(.notFound, "there is no folder `\(named)`")
        }
        return path
    }
}
