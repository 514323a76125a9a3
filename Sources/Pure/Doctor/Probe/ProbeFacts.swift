/// The result of `doctor --probe` for one host, before it is judged (docs/specs/coding-agents.md, section 11).
package enum ProbeFacts: Sendable {
    /// The probe was not asked for.
    case notAsked
    /// The probe follows: what is known before it.
    case ahead
    /// No probe of this host exists: the reason.
    case notTested(String)
    /// The probe could not be begun: the reason.
    case impossible(String)
    case ran([ProbeSession])

    /// Is nil if the probe was not asked for, and true if the program of the host was started.
    var isMade: Bool? {
        switch self {
        case .notAsked, .ahead: nil
        case .notTested, .impossible: false
        case .ran: true
        }
    }
}

/// One session of the real host with the scripted model, in a home and a project of its own.
package struct ProbeSession: Sendable {
    /// True if hostile settings of the user and of the project were written before it.
    package let isRewritten: Bool
    package let end: ProgramFacts
    /// True if the marker that the guarded command makes was there at the end.
    package let hasMarker: Bool
    package let transcript: ProbeTranscript

    package init(
        isRewritten: Bool, end: ProgramFacts, hasMarker: Bool, transcript: ProbeTranscript
    ) {
        self.isRewritten = isRewritten
        self.end = end
        self.hasMarker = hasMarker
        self.transcript = transcript
    }
}
