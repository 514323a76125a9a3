import InterlockJSON

/// The names of the files of a pack (docs/evidence.md, "The container").
package enum PackFileName {
    package static let manifest = "manifest.dsse.json"
    package static let readme = "README.md"
    package static let agents = "agents.json"
    package static let roles = "roles.json"
    package static let people = "people.json"
    package static let exceptions = "exceptions.json"
    package static let inventory = "inventory.json"
    package static let reportMarkdown = "report.md"
    package static let reportHTML = "report.html"
    package static let releaseTests = "tests/release.json"
    package static let deploymentTests = "tests/deployment.json"
    package static let verifierNote = "verifier/README"

    /// The longest name, in bytes: that of the archive's field.
    package static let longest = 99
    /// The most files and folders of a pack.
    package static let most = 131_072

    package static func control(_ id: ControlID) -> String { "controls/\(id.rawValue).json" }
    package static func framework(_ id: String) -> String { "frameworks/\(id).json" }

    /// Returns true if a pack of these files has the file, or one in the folder, which ends in `/`.
    package static func has(_ name: String, _ names: [String]) -> Bool {
        names.contains { name.hasSuffix("/") ? $0.hasPrefix(name) : sameBytes($0, name) }
            || sameBytes(name, manifest)
    }

    /// Returns true if the name is one that a container can hold: 1 to 99 characters of printable ASCII without space
    /// and `\`, of which no part between `/` is empty, `.` or `..`.
    package static func isValid(_ name: String) -> Bool {
        guard (1...longest).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x5c })
        else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0 != "." && $0 != ".."
        }
    }
}
