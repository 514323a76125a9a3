import InterlockJSON
import InterlockWorkspace

extension Invariants {
    /// A listing, a journal and a name have one text each. A cleaned configuration of Git is read as it was meant, and
    /// cleaning it again changes nothing.
    package static func workspace(_ bytes: [UInt8]) {
        if let listing = try? TreeListing(parsing: bytes) {
            precondition(listing.text == bytes, "a listing is written as it was read")
            precondition(
                listing.merged(with: .empty).entries.allSatisfy { $0.node != .hidden },
                "what is hidden is not seen")
        }
        if let journal = try? ApplyJournal(parsing: bytes) {
            precondition(bytes.starts(with: journal.head), "a journal is written as it was read")
        }
        let text = EscapedBytes.text(bytes)
        precondition(EscapedBytes.bytes(text) == bytes, "an escaped text is read again")
        precondition(
            text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f },
            "an escaped text has no control characters")
        if let path = WorkspacePath(bytes) {
            precondition(WorkspacePath(escaped: path.escaped) == path, "a path is read again")
            precondition(path.parent.contains(path), "a path lies in its parent")
            if !path.parent.isRoot {
                precondition(path.parent < path, "a parent comes first")
            }
        }
        guard let configuration = try? GitConfiguration(parsing: bytes) else { return }
        let cleaned = configuration.cleaned
        guard let again = try? GitConfiguration(parsing: cleaned.text) else {
            preconditionFailure("a cleaned configuration is read")
        }
        precondition(again == cleaned, "a cleaned configuration means what it says")
        precondition(again.cleaned == cleaned, "cleaning is done once")
        let refused: Set<ExactText> = [
            "hookspath", "fsmonitor", "sshcommand", "insteadof", "helper",
        ]
        for variable in cleaned.variables {
            let name = String(decoding: variable.name, as: UTF8.self)
            precondition(
                !refused.contains(name) && !variable.section.starts(with: "include".utf8),
                "nothing that starts a program is left")
        }
    }
}
