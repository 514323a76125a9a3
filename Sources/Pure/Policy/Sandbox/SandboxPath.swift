import InterlockModel

/// The rules for paths that a sandbox may show (docs/specs/sandbox.md, section 4). They judge text alone; links and
/// sockets are found when a run starts.
package enum SandboxPath {
    /// The home of an agent inside.
    package static let home = "/home/agent"
    /// The longest path, in bytes.
    package static let longest = 4_095

    /// The trees of the host of which no sandbox shows a part.
    private static let systemTrees = ["/proc", "/sys", "/dev", "/boot"]
    /// The trees of which a server may be given a part, such as a file of settings, and an agent none.
    private static let privateTrees = ["/run", "/var/run", "/root"]
    /// The names under which programs keep credentials.
    private static let credentialNames = [".ssh", ".aws", ".gnupg", ".kube", ".docker"]

    /// The reason why an agent may not read a path of the host, without the path itself; nil if it may.
    package static func refusal(ofReading path: String) -> String? {
        formRefusal(of: path) ?? rootRefusal(of: path)
            ?? treeRefusal(of: path, systemTrees + privateTrees)
            ?? (path == "/home" ? "it has the home directories of all users" : nil)
            ?? homeRefusal(of: path) ?? credentialRefusal(of: path)
    }

    /// The reason why a stdio server may not be given a path of the host; nil if it may.
    ///
    package static func refusal(ofServerPath path: String) -> String? {
        rootRefusal(of: path) ?? treeRefusal(of: path, systemTrees) ?? coverRefusal(of: path)
            ?? homeRefusal(of: path) ?? credentialRefusal(of: path)
    }

    /// The reason why a path inside cannot be a folder of the agent that outlives a run; nil if it can.
    package static func refusal(ofCache path: String) -> String? {
        if let reason = formRefusal(of: path) { return reason }
        guard path.hasPrefix(home + "/") else {
            return "a cache lies below `\(home)` inside, and is never a folder of the host"
        }
        return credentialRefusal(of: path)
    }

    private static func formRefusal(of path: String) -> String? {
        guard path.hasPrefix("/") else { return "it is not an absolute path" }
        guard path.utf8.count <= longest, path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            return "it has control characters or more than \(longest) bytes"
        }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard path == "/" || parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            return "it has an empty, `.` or `..` component, or a slash at the end"
        }
        return nil
    }

    private static func rootRefusal(of path: String) -> String? {
        components(of: path).isEmpty ? "it is the whole tree of the host" : nil
    }

    private static func treeRefusal(of path: String, _ trees: [String]) -> String? {
        trees.first { path == $0 || path.hasPrefix($0 + "/") }
            .map { "no part of `\($0)` is shown" }
    }

    private static func coverRefusal(of path: String) -> String? {
        let plain = "/" + components(of: path).joined(separator: "/")
        return CoveredFolders.common.contains { $0.utf8.elementsEqual(plain.utf8) }
            ? "no sandbox shows the whole folder" : nil
    }

    private static func homeRefusal(of path: String) -> String? {
        let parts = components(of: path)
        return parts.count == 2 && parts[0] == "home" ? "it is a home directory as such" : nil
    }

    private static func credentialRefusal(of path: String) -> String? {
        let parts = components(of: path)
        if let name = credentialNames.first(where: { name in parts.contains { $0 == name } }) {
            return "programs keep credentials in `\(name)`"
        }
        let isCloud = zip(parts, parts.dropFirst()).contains { $0 == ".config" && $1 == "gcloud" }
        return isCloud ? "programs keep credentials in `.config/gcloud`" : nil
    }

    private static func components(of path: String) -> [Substring] {
        path.split(separator: "/").filter { $0 != "." }
    }
}
