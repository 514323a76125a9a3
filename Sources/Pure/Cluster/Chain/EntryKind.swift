/// The kinds of entry that widen what is allowed, or that people alone may decide. Each carries the statements of
/// people that its file asks for (docs/specs/cluster.md, section 3).
package enum WideningKind: String, Sendable, CaseIterable {
    /// The end of halts.
    case release
    /// People, roles and credentials, as they are from this entry on.
    case person
    case elevation
    /// The policy revision that was signed off.
    case revision
    /// The admission of a node, or its retirement.
    case member
    case quarantineEnd = "quarantine.end"
    case pauseEnd = "pause.end"
    /// A promotion of an agent, which ends its demotion.
    case promotion
}

/// The kinds of entry that only restrict or consume. The signature of one node suffices.
package enum NarrowingKind: String, Sendable, CaseIterable {
    case halt
    /// One use of an approved request.
    case use
    /// The end of a request: denied, expired, revoked, or used up.
    case end
    case elevationEnd = "elevation.end"
    case tokenEnd = "token.end"
    case runEnd = "run.end"
    case quarantine, pause, demotion
    /// The end of an incarnation of a node that was silent for too long.
    case expelled
    /// The digest of the state, by which entries that are no longer needed can be dropped.
    case snapshot
}

/// The kind of an entry. A program that does not know a kind cannot judge the entry, so it cannot pass it.
package enum EntryKind: Hashable, Sendable {
    /// The first entry: the organisation, its people and its first node. Its digest is given to new nodes by hand.
    case genesis
    case widening(WideningKind)
    case narrowing(NarrowingKind)

    /// The text in the store and in the signed statement.
    package var text: String {
        switch self {
        case .genesis: "genesis"
        case .widening(let kind): kind.rawValue
        case .narrowing(let kind): kind.rawValue
        }
    }

    package init?(text: String) {
        if let kind = WideningKind(rawValue: text) {
            self = .widening(kind)
        } else if let kind = NarrowingKind(rawValue: text) {
            self = .narrowing(kind)
        } else if text == "genesis" {
            self = .genesis
        } else {
            return nil
        }
    }

    package static let all =
        [EntryKind.genesis] + WideningKind.allCases.map(EntryKind.widening)
        + NarrowingKind.allCases.map(EntryKind.narrowing)

    /// True of halts and releases, which number the epochs.
    package var isEpoch: Bool {
        switch self {
        case .widening(.release), .narrowing(.halt): true
        case .genesis, .widening, .narrowing: false
        }
    }
}
