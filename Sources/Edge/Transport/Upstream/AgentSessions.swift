import InterlockJSON
import InterlockModel

/// The sessions of agents with one server. An agent may have several, one for each set of capabilities that its calls
/// declare; their number is limited, since callers choose these sets.
struct AgentSessions: Sendable {
    static let mostOfOneAgent = 4

    struct Taken {
        /// The session, or nil if none is free.
        let session: (any UpstreamSession)?
        /// A replaced session that the caller must close.
        var unused: (any UpstreamSession)?
    }

    private struct Entry {
        let session: any UpstreamSession
        var calls = 0
        /// The sequence number of the last call that began.
        var turn: UInt64 = 0
    }

    private var entries: [SessionKey: Entry] = [:]
    private var turns: UInt64 = 0

    subscript(key: SessionKey) -> (any UpstreamSession)? { entries[key]?.session }

    var all: [any UpstreamSession] { entries.values.map(\.session) }

    func all(where applies: (AgentName?) -> Bool) -> [any UpstreamSession] {
        entries.filter { applies($0.key.agent) }.map(\.value.session)
    }

    /// Takes the session for a call; the caller must end the call with `giveBack`.
    mutating func take(_ key: SessionKey, make: () -> any UpstreamSession) -> Taken {
        turns += 1
        if entries[key] != nil {
            entries[key]?.calls += 1
            entries[key]?.turn = turns
            return Taken(session: entries[key]?.session)
        }
        let others =
            key.declared.isEmpty
            ? []
            : entries.filter { $0.key.agent == key.agent && !$0.key.declared.isEmpty }
        var unused: (any UpstreamSession)?
        if others.count >= Self.mostOfOneAgent {
            let idle = others.filter { $0.value.calls == 0 }
            guard let oldest = idle.min(by: { $0.value.turn < $1.value.turn }) else {
                return Taken(session: nil)
            }
            unused = entries.removeValue(forKey: oldest.key)?.session
        }
        let session = make()
        entries[key] = Entry(session: session, calls: 1, turn: turns)
        return Taken(session: session, unused: unused)
    }

    /// - Parameter session: the session that was taken. If it was closed meanwhile, the call count of its successor
    ///   is not changed.
    mutating func giveBack(_ session: any UpstreamSession, _ key: SessionKey) {
        guard entries[key]?.session === session else { return }
        entries[key]?.calls -= 1
    }
}
