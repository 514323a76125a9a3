/// The times between two self-tests of a deployment (docs/specs/evidence.md, section 5).
package enum SelfTestInterval {
    /// The bounds in seconds: an hour to a week.
    package static let bounds = 3600...604_800
}
