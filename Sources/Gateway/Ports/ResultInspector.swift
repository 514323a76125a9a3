package import InterlockModel
package import InterlockSafety

/// Searches the texts of a tool's result for values that an agent must not read, and those of the arguments of a call
/// for values that it must not send (docs/specs/output-safety.md, section 4; docs/specs/coding-agents.md, section 7).
/// Contract:
/// - It may be called from any thread, many times at once, and does not block the caller's.
/// - Texts are searched as if each were a line of one document, so that a value over several of them is found.
/// - Findings that block are reported one by one, others as numbers by class, and that something was not decoded. Without
///   an answer the caller treats the result as one with a finding.
package protocol ResultInspector: Sendable {
    /// The digest of the rules, for records.
    var rules: Digest { get }

    /// The text of the digest of the rules, as records have it.
    var rulesText: String { get }

    /// A number that grows when the values of the broker or the canaries change: texts that were clean need no other
    /// search while it stays.
    var generation: UInt64 { get }

    /// Answers without a wait, if the texts are few enough and everything that the search needs is at hand.
    ///
    /// - Parameter bytes: the UTF-8 bytes of the texts together.
    /// - Returns: nil if only `inspect` can answer.
    func inspectAtOnce(_ texts: [String], bytes: Int) -> ResultInspection?

    /// Answers after the texts of the same agent that wait already. Agents take turns, so that many or costly texts of one
    /// delay the next of another by a bounded part. If the caller's task is cancelled, texts that wait leave the queue at
    /// once, a search that has begun ends early, and the answer is `late`.
    ///
    /// - Parameter agent: the agent that gets or sends the texts.
    func inspect(_ texts: [String], for agent: AgentName) async -> ResultInspection

    /// Returns the parts of canaries and of values of the broker that are in the texts, without a wait. Takes some
    /// nanoseconds for a byte.
    ///
    /// - Returns: nil if the values are not known, or the texts have more of them than is searched: nothing may be sent then.
    func parts(in texts: [String]) -> [ValuePart]?

    /// Reads anew what changes while the gateway runs, such as the values of the broker. Called every second; returns at
    /// once.
    func refresh()
}

extension ResultInspector {
    package var rulesText: String { rules.base64 }
}

package enum ResultInspection: Sendable, Hashable {
    case clean
    /// Nothing was found in what was searched; something encoded was not decoded within the limits.
    case undecodable
    /// Values were found that are recorded and take nothing out of the texts.
    case marked(MarkedValues, isUndecodable: Bool = false)
    /// One finding or more, in the order of the document; `isUndecodable` says that something encoded was not decoded
    /// within the limits, too, and `marks` are the values that are recorded alone.
    case found([ResultFinding], isUndecodable: Bool = false, marks: MarkedValues = [:])
    case failed(ResultInspectionFailure)
}

extension ResultInspection {
    /// True if nothing was found that must be replaced or withheld.
    package var isClean: Bool {
        switch self {
        case .clean, .undecodable, .marked: true
        case .found, .failed: false
        }
    }

    /// The numbers of values that are recorded alone, by class; of texts with another finding they are not reported.
    package var marks: [SecretClass: Int] {
        switch self {
        case .marked(let marks, _): marks.counts
        case .clean, .undecodable, .found, .failed: [:]
        }
    }

    /// True if something encoded was not decoded within the limits, whether or not something was found.
    package var isUndecodable: Bool {
        switch self {
        case .undecodable: true
        case .found(_, let isUndecodable, _), .marked(_, let isUndecodable): isUndecodable
        case .clean, .failed: false
        }
    }
}

/// A value in a result, by its rule and its extent; never the value.
package struct ResultFinding: Sendable, Hashable {
    package enum Extent: Sendable, Hashable {
        /// The index of a text, and UTF-8 bytes of it.
        case part(text: Int, bytes: Range<Int>)
        /// The value is in several texts, or its end is not seen.
        case everywhere
    }

    /// Counts, in records, what was not decoded; there is nothing to replace.
    package static let undecodable = ResultFinding(
        rule: .undecodable, secretClass: .undecodable, extent: .everywhere)

    package let rule: RuleID
    package let secretClass: SecretClass
    package let extent: Extent
    /// The canary that was found; nil for another finding.
    package let planted: PlantedValueName?
    /// False for a value of the broker that other text may have by chance.
    package let isDistinct: Bool

    package init(
        rule: RuleID, secretClass: SecretClass, extent: Extent, planted: PlantedValueName? = nil,
        isDistinct: Bool = true
    ) {
        (self.rule, self.secretClass, self.extent) = (rule, secretClass, extent)
        (self.planted, self.isDistinct) = (planted, isDistinct)
    }
}

extension ResultFinding {
    /// True for the number of a card, an account or a person, which a policy can accept.
    package var isOfNumber: Bool { SecretClassSet.numbers.contains(secretClass) }
}

/// The reason why a result was not inspected. The raw value is the code in records.
package enum ResultInspectionFailure: String, Sendable, Hashable, CaseIterable {
    /// The texts have more bytes than are searched.
    case tooLarge = "too_large"
    /// The search took too long, or was cancelled.
    case late
    /// Too many results wait, or too many of one agent.
    case busy
    /// The engine failed, or the rules or the values of the broker cannot be read.
    case scanner
}
