/// A person's finding about a call whose outcome was unknown.
package enum OutcomeFinding: String, Sendable, Hashable, CaseIterable {
    /// The call took effect.
    case ran
    /// The call took no effect.
    case notRun = "not_run"
    /// The call took effect, which was reversed since.
    case undone
    /// The person could not find out; another finding may follow.
    case stillUnknown = "still_unknown"

    /// False if another finding may follow.
    package var isFinal: Bool { self != .stillUnknown }
    /// True if the person must say what was tried.
    package var needsComment: Bool { self == .stillUnknown }
}
