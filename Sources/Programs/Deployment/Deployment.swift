import Glibc
package import InterlockCommandLine
package import InterlockConfiguration
import InterlockCredentials
import InterlockPolicy
package import InterlockStore
import InterlockYAML

/// The folder of one deployment, and the paths of everything in it.
package struct Deployment: Sendable {
    /// The absolute path, without a trailing slash.
    package let directory: String
    package let configuration: Configuration
    /// The hosts' files that are being taken over; `hosts.json` lists those that were.
    package var hostFiles: [String]

    package init(directory: String, configuration: Configuration, hostFiles: [String] = []) {
        self.directory = directory
        self.configuration = configuration
        self.hostFiles = hostFiles
    }

    package var state: String { directory + "/state" }
    package var keys: String { state + "/keys" }
    package var kill: String { state + "/kill" }
    /// The refresh tokens of people's authorizations at servers' issuers.
    package var grants: String { state + "/grants" }
    /// The reports of drills, and the temporary files of a running drill.
    package var drill: String { state + "/drill" }
    /// A folder for each sandboxed run.
    package var runs: String { state + "/runs" }
    /// The folder of proposals of promotions.
    package var promotions: String { state + "/promotions" }
    /// The folder of samples of reviews, and of their documents that wait for signatures.
    package var reviews: String { state + "/reviews" }
    /// The workspaces whose files are untrusted for later runs.
    package var taintedWorkspaces: String { state + "/tainted-workspaces.json" }
    package var trustFile: String { kill + "/trust.json" }
    package var socket: String { state + "/interlock.sock" }
    /// The socket at which supervisors pass on the calls of sandboxed runs.
    package var runsSocket: String { state + "/runs.sock" }
    /// The bound addresses, which `serve` writes for programs that need the port chosen for port 0.
    package var boundListeners: String { state + "/listeners.json" }
    package var policy: String { resolve(configuration.policy.path) }
    /// Every policy that was ever in force in this deployment.
    package var policyArchive: PolicyArchive {
        PolicyArchive(folder: state + "/policies", hashing: OpenSSLHashing())
    }
    package var ledger: String { resolve(configuration.ledger.directory) }
    /// Sealed payloads by their hash.
    package var payloads: String { state + "/payloads" }
    /// A cache of the positions of records in the log. It may be removed at any time.
    package var index: String { state + "/index.db" }
    /// A cache of the runs that trust counts, up to a checkpoint of the log. It may be removed at any time.
    package var collectedRuns: String { state + "/collected-runs" }
    package var store: String { resolve(configuration.store.path) }
    package var secrets: String { resolve(configuration.secrets.directory) }
    /// The folder of the tokens of connected hosts.
    package var tokens: String { directory + "/tokens" }

    /// The key that `init` generates for the founding person if no other key is available.
    package var founderKey: String { Self.founderKey(in: directory) }
    package static func founderKey(in directory: String) -> String { directory + "/founder.key" }

    /// Resolves a path of the configuration relative to the deployment folder.
    package func resolve(_ path: String) -> String {
        path.hasPrefix("/") ? path : directory + "/" + path
    }

    /// - Throws: exit 66 if there is no deployment, 65 if its configuration is invalid.
    package static func open(_ invocation: Invocation) throws(Failure) -> Deployment {
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

    /// Returns true if the command line or the environment names the folder of a deployment.
    package static func isNamed(_ invocation: Invocation) -> Bool {
        invocation.has("dir") || environment("INTERLOCK_DIR") != nil
    }

    /// Returns true if the folder of a deployment is named, or the current folder is one.
    package static func isAtHand(_ invocation: Invocation) -> Bool {
        isNamed(invocation) || File.exists(ConfigurationFile.name)
    }

    /// The absolute path of the folder that the command line or the environment names; by default the current folder.
    package static func folder(_ invocation: Invocation) throws(Failure) -> String {
        let named = invocation["dir"] ?? environment("INTERLOCK_DIR") ?? "."
        guard let path = File.realPath(named) else {
            throw Failure(.notFound, "there is no folder `\(named)`")
        }
        return path
    }
}
