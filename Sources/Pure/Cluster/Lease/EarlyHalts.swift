package import InterlockModel

/// The halts that a node has verified and that its chain lacks: they are in force at once, and leave when their entry is
/// applied (docs/specs/cluster.md, section 5).
///
/// INVARIANT: a halt is in force from when it was taken until its entry is applied, and from then on as the chain says.
/// Kept by `NodeProgramTests`.
package struct EarlyHalts: Sendable {
    /// A halt and what is known of its way into the chain.
    package struct Halt: Sendable {
        package let accepted: AcceptedHalt
        fileprivate let set: HaltSet
        /// The number under which it was pushed to peers.
        package var pushed: Int64?
        /// The time from which this node appends it.
        package var due: BootTime
        package var isAppending = false
        /// The entry as it was signed first, so that a repetition appends the same bytes.
        package var draft: EntryDraft?
    }

    package private(set) var halts: [Digest: Halt] = [:]

    package init() {}

    package var isEmpty: Bool { halts.isEmpty }

    /// - Parameter statement: the digest of the halt's statement.
    /// - Returns: false if it is here already.
    package mutating func add(
        _ halt: AcceptedHalt, _ statement: Digest, due: BootTime
    ) -> Bool {
        guard halts[statement] == nil else { return false }
        var set = HaltSet()
        set.apply(halt)
        halts[statement] = Halt(accepted: halt, set: set, due: due)
        return true
    }

    /// The entry of a halt was applied.
    package mutating func remove(_ statement: Digest) -> Halt? {
        halts.removeValue(forKey: statement)
    }

    package mutating func change(_ statement: Digest, _ body: (inout Halt) -> Void) {
        guard var halt = halts[statement] else { return }
        body(&halt)
        halts[statement] = halt
    }

    /// Returns the halt that stops a call, or nil if no halt does; see `HaltSet.match`.
    package func match(
        agent: AgentName?, owner: Pseudonym?, server: ServerName?, tool: ToolAddress?, run: RunID?
    ) -> HaltOrder? {
        halts.values.compactMap {
            $0.set.match(agent: agent, owner: owner, server: server, tool: tool, run: run)
        }.min { $0.id.text < $1.id.text }
    }
}
