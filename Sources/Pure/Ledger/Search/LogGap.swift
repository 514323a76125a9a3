/// Something that a log should have and has not, or that people should look at (section 17 of the
/// ledger's spec, `audit gaps`).
package struct LogGap: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A record that is in no canonical form.
        case unreadable
        /// A run's record does not continue the one before.
        case brokenChain = "broken_chain"
        /// A closing record without its open intent.
        case badClosing = "bad_closing"
        case openIntent = "open_intent"
        /// Nobody knows whether the call happened, and no late outcome told it.
        case unknown
        /// The log was silent for longer than a running gateway ever is.
        case missingTick = "missing_tick"
        case lateCosignature = "late_cosignature"
        case clockStep = "clock_step"
    }

    package let kind: Kind
    /// The record at which it shows.
    package let index: UInt64
    /// By that record's clock, in microseconds since 1970.
    package let time: Int64
    package let run: String?
    /// One sentence, lower case, without a full stop.
    package let detail: String

    package init(kind: Kind, index: UInt64, time: Int64, run: String?, detail: String) {
        self.kind = kind
        self.index = index
        self.time = time
        self.run = run
        self.detail = detail
    }
}
