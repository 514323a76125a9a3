import Glibc
import InterlockPolicy
import InterlockYAML

/// One deployment is one folder; this knows where everything in it lies.
struct Deployment: Sendable {
    /// Absolute, without a slash at the end.
    let directory: String
    let configuration: Configuration
    /// Files of hosts that are being taken over; those that were are in `hosts.json`.
    var hostFiles: [String] = []

    var state: String { directory + "/state" }
    var keys: String { state + "/keys" }
    var kill: String { state + "/kill" }
    /// What people have agreed to at servers' issuers: refresh tokens.
    var grants: String { state + "/grants" }
    /// Reports of drills, and what a drill makes while it runs.
    var drill: String { state + "/drill" }
    var trustFile: String { kill + "/trust.json" }
    var socket: String { state + "/interlock.sock" }
    /// The bound addresses, written by `serve` for whoever asked for port 0.
    var boundListeners: String { state + "/listeners.json" }
    var policy: String { resolve(configuration.policy.path) }
    /// Beside the policy.
    var lock: String { LockFile.path(beside: policy) }
    var ledger: String { resolve(configuration.ledger.directory) }
    /// Blobs of sealed payloads, by their hash.
    var payloads: String { state + "/payloads" }
    /// A cache of where records stand in the log; it may be removed at any time.
    var index: String { state + "/index.db" }
    var store: String { resolve(configuration.store.path) }
    var secrets: String { resolve(configuration.secrets.directory) }
    /// One of each host that was connected.
    var tokens: String { directory + "/tokens" }

    /// The key that `init` makes for the founding person if none is at hand.
    var founderKey: String { Self.founderKey(in: directory) }
    static func founderKey(in directory: String) -> String { directory + "/founder.key" }

    /// What no child may see: folders of this deployment, and the files of hosts with the secrets of their servers.
    /// Each folder is made if it is not there: what is made later would be seen.
    func hidden() throws(Failure) -> [String] {
        let paths = [state, secrets, tokens]
        for path in paths {
            do throws(FileFailure) { try File.makeFolder(path, mode: 0o700) } catch {
                throw Failure(.cannotCreate, error.message)
            }
        }
        let changes = try HostChanges(in: directory).changes
        let backups = changes.compactMap(\.backup).filter { !$0.hasPrefix(state + "/") }
        return paths
            + (hostFiles + changes.map(\.path) + backups + [founderKey]).filter(File.exists)
    }

    /// A path of the configuration, relative to the deployment folder.
    func resolve(_ path: String) -> String {
        path.hasPrefix("/") ? path : directory + "/" + path
    }

    /// - Throws: exit 66 when there is no deployment, 65 when its configuration is wrong.
    static func open(_ invocation: Invocation) throws(Failure) -> Deployment {
        let directory = try folder(invocation)
        let path = directory + "/" + ConfigurationFile.name
        if File.exists(path) {
            for one in [directory, path] { try FolderOwner.judge(one) }
        }
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(path, limit: 1 << 20)
        } catch {
            guard error.isMissing else { throw Failure(.io, error.message) }
            throw Failure(
                .notFound, "there is no deployment in `\(directory)`",
                help: "make one with `interlock init --dir DIR`, or name it with --dir")
        }
        let reading = readYAML(bytes, file: path)
        guard let root = reading.root, reading.findings.isEmpty else {
            throw Failure(.data, reading.findings.first?.text ?? "\(path):1:1 the file is empty")
        }
        return Deployment(
            directory: directory, configuration: try ConfigurationFile.read(root, file: path))
    }

    /// The folder that the command line or the environment names, made absolute.
    static func folder(_ invocation: Invocation) throws(Failure) -> String {
        let named = invocation["dir"] ?? environment("INTERLOCK_DIR") ?? "."
        guard let path = File.realPath(named) else {
            throw Failure(.notFound, "there is no folder `\(named)`")
        }
        return path
    }
}

/// A variable of the environment; nil when unset or empty.
func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
}
