/// Something that is missing from a log, or that people should examine (docs/specs/ledger.md, section 17, `audit
/// gaps`).
package struct LogGap: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A record is not in canonical form.
        case unreadable
        /// A record of a run does not continue the previous one.
        case brokenChain = "broken_chain"
        /// A closing record has no open intent.
        case badClosing = "bad_closing"
        case openIntent = "open_intent"
        /// The result of a call is unknown, and no late outcome followed.
        case unknown
        /// The log was silent for longer than a running gateway can be.
        case missingTick = "missing_tick"
        case lateCosignature = "late_cosignature"
        case clockStep = "clock_step"
    }

    package let kind: Kind
    /// The index of the record at which the gap is detected.
    package let index: UInt64
    /// The time of that record, in microseconds since 1970.
    package let time: Int64
    package let run: String?
    /// One sentence in lower case, without a full stop.
    package let detail: String

    package init(kind: Kind, index: UInt64, time: Int64, run: String?, detail: String) {
        self.kind = kind
        self.index = index
        self.time = time
        self.run = run
        self.detail = detail
    }
}
