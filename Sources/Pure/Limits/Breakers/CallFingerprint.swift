/// A keyed hash of tool and canonical arguments, which identifies equal calls without storing them. Two calls with one
/// mark cannot be constructed without the key; a chance collision throttles a run too early.
package struct CallFingerprint: Sendable, Hashable {
    package let bits: UInt64
    package init(bits: UInt64) { self.bits = bits }
}

/// A call as the breakers see it.
package struct WatchedCall: Sendable {
    /// The mark of tool and arguments.
    package let mark: CallFingerprint
    /// The mark of the tool only.
    package let tool: CallFingerprint
    /// The marks of each argument with its name, in the order of names.
    package let arguments: [CallFingerprint]
    package let isRead: Bool
    /// The number of times that the same result may return, or nil for the setting's default.
    package let poll: Int?

    package init(
        mark: CallFingerprint, tool: CallFingerprint, arguments: [CallFingerprint], isRead: Bool,
        poll: Int? = nil
    ) {
        self.mark = mark
        self.tool = tool
        self.arguments = arguments
        self.isRead = isRead
        self.poll = poll
    }

    /// Returns whether `other` is a call of the same tool with exactly one argument changed, added or removed.
    func isVariant(of other: WatchedCall) -> Bool {
        guard tool == other.tool, mark != other.mark,
            !(arguments.isEmpty && other.arguments.isEmpty)
        else { return false }
        let (mine, theirs) = (Set(arguments), Set(other.arguments))
        return mine.subtracting(theirs).count <= 1 && theirs.subtracting(mine).count <= 1
    }
}
