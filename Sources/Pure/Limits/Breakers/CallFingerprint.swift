/// Tells calls apart without keeping them: a keyed hash of tool and canonical arguments. Whoever does not know the key
/// cannot find two calls with one mark; if chance does, a run is slowed down too early.
package struct CallFingerprint: Sendable, Hashable {
    package let bits: UInt64
    package init(bits: UInt64) { self.bits = bits }
}

/// A call as breakers see it.
package struct WatchedCall: Sendable {
    /// Of tool and arguments.
    package let mark: CallFingerprint
    /// Of the tool alone.
    package let tool: CallFingerprint
    /// Of each argument with its name, in the order of names.
    package let arguments: [CallFingerprint]
    package let isRead: Bool
    /// How often the same result may come back; nil: as the settings say.
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

    /// The same tool with exactly one argument changed, added or left out.
    func isVariant(of other: WatchedCall) -> Bool {
        guard tool == other.tool, mark != other.mark,
            !(arguments.isEmpty && other.arguments.isEmpty)
        else { return false }
        let (mine, theirs) = (Set(arguments), Set(other.arguments))
        return mine.subtracting(theirs).count <= 1 && theirs.subtracting(mine).count <= 1
    }
}
