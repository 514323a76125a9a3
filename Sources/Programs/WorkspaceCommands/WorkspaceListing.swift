import InterlockCommandLine
import InterlockCredentials
import InterlockModel
import InterlockPolicyReview
import InterlockWorkspace

/// The changes of a workspace as people read them.
enum WorkspaceListing {
    /// One line for a change, such as `A  src/a.c  file 812 bytes  [executes_later]`. Names are escaped.
    static func line(_ change: WorkspaceChange) -> String {
        var parts = [letter(change.operation), change.path.escaped, state(change)]
        if !change.flags.isEmpty {
            parts.append("[" + change.flags.map(\.rawValue).joined(separator: " ") + "]")
        }
        if change.isOfGit { parts.append("(never applied)") }
        return parts.joined(separator: "  ")
    }

    private static func letter(_ operation: WorkspaceChange.Operation) -> String {
        switch operation {
        case .create: "A"
        case .modify: "M"
        case .replace: "R"
        case .delete: "D"
        }
    }

    private static func state(_ change: WorkspaceChange) -> String {
        switch change.after {
        case .file(let size, _, _, _): "file \(size) bytes"
        case .directory: "directory"
        case .link(let target): "link to \(EscapedBytes.text(target))"
        case .special(let kind): kind.rawValue
        case .hidden, .whiteout: "special"
        case nil: change.kindBefore?.rawValue ?? "entry"
        }
    }

    static func summary(_ diff: WorkspaceDiff) -> String {
        "\(diff.changes.count) \(diff.changes.count == 1 ? "change" : "changes"), \(diff.flagged) with flags"
    }

    /// The lines of `diff -u`, or one line that says why there are none.
    static func text(_ change: WorkspaceChange, old: [UInt8]?, new: [UInt8]?) -> [String] {
        let diff = FileDiff(
            change.path.escaped, from: old, to: new, OpenSSLHashing())
        guard diff.isText else { return ["Binary files differ: \(change.path.escaped)"] }
        let lines = diff.unified
        return lines.isEmpty && old != new
            ? ["Files differ by too many lines: \(change.path.escaped)"] : lines
    }
}
