import Glibc
import InterlockCredentials
import InterlockWorkspace
import InterlockWorkspaceFiles

extension Invariants {
    /// The upper that an agent left is listed exactly as it was made, whatever its names, links, whiteouts and attributes
    /// are: nothing is followed, nothing is opened that is no file or directory, and nothing is left out.
    package static func upper(_ bytes: [UInt8]) {
        guard let made = try? MadeUpper(bytes) else { return }
        defer { made.remove() }
        guard let folder = try? Descriptor(folder: made.root) else {
            preconditionFailure("the directory is there")
        }
        let found: TreeListing
        do { found = try UpperWalk(hashing: OpenSSLHashing()).walk(folder) } catch {
            precondition(made.isTooLong, "a tree is read: \(error)")
            return
        }
        precondition(!made.isTooLong, "a path that is too long is no entry")
        guard let expected = TreeListing(made.expected) else {
            preconditionFailure("each entry was made once")
        }
        precondition(found == expected, "a tree is listed as it was made")
        check(found)
    }

    /// The properties of a listing that the review of changes rests on.
    private static func check(_ upper: TreeListing) {
        guard let again = try? TreeListing(parsing: upper.text) else {
            preconditionFailure("a listing is read again")
        }
        precondition(again == upper, "a listing means what it says")
        let seen = TreeListing.empty.merged(with: upper)
        precondition(
            seen.entries.map(\.path)
                == upper.entries.filter { $0.node != .whiteout }.map(\.path),
            "over nothing everything but whiteouts is seen")
        let changes = WorkspaceTrees(base: .empty, prepared: .empty, upper: upper).changes()
        precondition(
            changes.map(\.path) == seen.entries.map(\.path), "everything that is seen is a change")
        for change in changes {
            switch change.after {
            case .special:
                precondition(
                    change.kind == .special && change.flags.contains(.specialFile),
                    "a special entry is flagged")
            case .link(let target):
                precondition(
                    target.first != UInt8(ascii: "/") || change.flags.contains(.symlinkOutside),
                    "an absolute link is flagged")
            default: break
            }
            precondition(
                !change.path.bytes.contains { $0 < 0x20 || $0 == 0x7f }
                    || change.flags.contains(.controlCharacterInName),
                "a control character in a name is flagged")
        }
    }
}
