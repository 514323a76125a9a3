import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
package import InterlockModel
package import InterlockSandbox

/// The files by which Claude Code asks its hook inside a sandbox, as the steps of the sandbox make them: two launches with
/// the same value have the same hooks. They are read from outside; nothing inside can change them, as the launcher makes
/// them anew in a tree that is mounted read-only.
package struct ManagedHooks: Sendable, Hashable {
    /// SHA-256 over the settings, the file that names the gateway, and the adapter.
    package let digest: Digest

    private static let folders = ["/etc/claude-code", "/etc/interlock"]
    private static let settings = "/etc/claude-code/managed-settings.json"
    private static let limits = JSONLimits(depth: 16, bytes: 1 << 20, values: 10_000)
    /// The largest adapter, in bytes.
    private static let mostBytes = 256 << 20

    /// - Throws: `hooks` if the sandbox has no settings with such hooks, or the adapter is no file of this machine.
    package init(of sandbox: AgentSandbox) throws(RunRefusal) {
        var files: [String: JSONValue] = [:]
        var settings: [UInt8]?
        for case .file(let target, let mode, let content) in sandbox.tree
        where Self.folders.contains(where: { PathRelation.isWithin(target, $0) }) {
            let digest = OpenSSLHashing().sha256(content).base64
            files[target] = ["mode": .integer(Int64(mode)), "content": .string(digest)]
            if sameBytes(target, Self.settings) { settings = content }
        }
        guard let settings, let command = Self.command(in: settings) else {
            throw Self.refusal("the sandbox has no hooks of Claude Code")
        }
        guard let source = Self.source(of: command, in: sandbox.tree) else {
            throw Self.refusal("the sandbox does not show `\(command)`")
        }
        do throws(FileFailure) {
            let adapter = try File.readRegular(source, limit: Self.mostBytes, followsLink: false)
            files[command] = [
                "source": .string(source),
                "content": .string(OpenSSLHashing().sha256(adapter).base64),
            ]
        } catch { throw Self.refusal("the adapter: \(error.message)") }
        let all = JSONObject(distinct: files.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        digest = OpenSSLHashing().sha256(JSONValue.object(all).serialized())
    }

    /// Returns the path of the program that is asked about every tool; nil if any hook of `PreToolUse` is another, or lets
    /// the tool run when it fails.
    private static func command(in bytes: [UInt8]) -> String? {
        guard let value = try? JSONValue(parsing: bytes, limits: limits),
            value["allowManagedHooksOnly"]?.bool == true,
            let entries = value["hooks"]?["PreToolUse"]?.array, !entries.isEmpty
        else { return nil }
        var found: String?
        for entry in entries {
            for hook in entry["hooks"]?.array ?? [] {
                guard hook["type"]?.string == "command", hook["onFailure"]?.string == "block",
                    let path = hook["command"]?.string?.split(separator: " ").first.map(
                        String.init),
                    path.hasPrefix("/"), found == nil || found == path
                else { return nil }
                found = path
            }
        }
        return found
    }

    /// Returns the path outside of a path inside.
    private static func source(of path: String, in tree: [SandboxTreeStep]) -> String? {
        var found: (target: String, source: String)?
        for case .bind(let source, let target, false, _) in tree
        where PathRelation.isWithin(path, target)
            && target.utf8.count >= (found?.target.utf8.count ?? 0)
        {
            found = (target, source)
        }
        return found.map { $0.source + path.dropFirst($0.target.count) }
    }

    private static func refusal(_ message: String) -> RunRefusal {
        RunRefusal(RunExit.refused, "hooks", "--resume-deferred: \(message)")
    }
}
