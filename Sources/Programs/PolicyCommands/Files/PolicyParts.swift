import Glibc
package import InterlockCommandLine
import InterlockPolicy
import InterlockPolicyReview

/// The files of other parts that are next to a policy folder and signed off with it (docs/specs/policy.md, sections
/// 2.1 and 6.3); `suites/` is excluded.
package struct PolicyParts {
    /// The folder that contains the policy folder.
    package let folder: String

    package init(folder: String) { self.folder = folder }

    package static let names = ["approvals", "rules", "safety.yaml", "trust"]
    package static let fileBytes = 16 << 20
    private static let depth = 8

    /// Paths relative to `folder`, sorted. Hidden files are omitted, as in the policy folder. A link or a special
    /// file is refused, because its target could change without a sign-off.
    package func paths(of names: [String] = names) throws(FileFailure) -> [String] {
        var paths: [String] = []
        for name in names where exists(name) { try walk(name, Self.depth, &paths) }
        return paths.sorted()
    }

    private func exists(_ name: String) -> Bool {
        var status = stat()
        return unsafe lstat(folder + "/" + name, &status) == 0
    }

    private func walk(_ path: String, _ depth: Int, _ paths: inout [String]) throws(FileFailure) {
        var status = stat()
        guard unsafe lstat(folder + "/" + path, &status) == 0 else {
            throw FileFailure("read", folder + "/" + path)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            paths.append(path)
            guard paths.count <= RevisionIdentity.mostFiles else {
                throw FileFailure(
                    message: "more than \(RevisionIdentity.mostFiles) files beside the policy")
            }
        case S_IFDIR:
            guard depth > 0 else {
                throw FileFailure(message: "`\(path)` lies deeper than \(Self.depth) folders")
            }
            for name in try File.names(in: folder + "/" + path) where !name.hasPrefix(".") {
                try walk(path + "/" + name, depth - 1, &paths)
            }
        default: throw FileFailure(message: "`\(path)` is neither a file nor a folder")
        }
    }
}
