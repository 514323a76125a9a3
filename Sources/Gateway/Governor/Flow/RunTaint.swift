package import InterlockModel

/// The first read by which a run got untrusted content.
package final class UntrustedRead: Sendable {
    /// The call that brought it; nil if no call did.
    package let call: CallID?
    /// The tool, or nil if no call is known, or it was made before this start of the gateway.
    package let address: ToolAddress?
    /// The reason, if no call brought it.
    package let cause: TaintCause?
    /// The run that wrote the files, or whose level is inherited; nil if there is none, or it is not known.
    package let source: RunID?
    /// The time from which the run counts as tainted.
    package let at: Timestamp
    /// True if it was before this start of the gateway.
    package let isRestored: Bool

    package init(call: CallID, address: ToolAddress? = nil, at: Timestamp) {
        self.call = call
        self.address = address
        self.at = at
        cause = nil
        source = nil
        isRestored = address == nil
    }

    package init(
        cause: TaintCause, from source: RunID? = nil, at: Timestamp, isRestored: Bool = false
    ) {
        self.cause = cause
        self.source = source
        self.at = at
        self.isRestored = isRestored
        call = nil
        address = nil
    }

    /// The read in words, for approvers.
    package var words: String {
        let time = at.rfc3339(fractionDigits: 0)
        if let cause {
            return cause.words + (source.map { ", run \($0.text)" } ?? "") + ", at \(time)"
        }
        let source = address.map { "content of \($0)" } ?? "content of an untrusted source"
        return "\(source) was read at \(time)" + (call.map { ", in call \($0.text)" } ?? "")
    }
}

/// The text of a server by which a run became hostile.
package final class MarkedRead: Sendable {
    package let call: CallID
    /// The tool, or nil if the call was made before this start of the gateway.
    package let address: ToolAddress?
    package let at: Timestamp
    /// The kinds of markers in words; empty if they are not known any more, or the text could not be searched.
    package let kinds: [String]
    /// The text around the first marker, which is untrusted; nil if it is not in memory. The report of the call has its
    /// beginning.
    package let passage: String?

    package init(
        call: CallID, address: ToolAddress? = nil, at: Timestamp, kinds: [String] = [],
        passage: String? = nil
    ) {
        self.call = call
        self.address = address
        self.at = at
        self.kinds = kinds
        self.passage = passage
    }

    var withoutPassage: MarkedRead {
        MarkedRead(call: call, address: address, at: at, kinds: kinds)
    }

    /// The reason in words, for approvers.
    fileprivate var words: String {
        let source = address.map { " in what \($0) sent" } ?? ""
        let reason =
            kinds.isEmpty
            ? "a marker of an injection, or content that was not searched"
            : kinds.joined(separator: ", ")
        return "\(reason)\(source) at \(at.rfc3339(fractionDigits: 0)), in call \(call.text)"
    }
}

/// The level of a run that has read untrusted content, and the reasons.
package struct RunTaint: Sendable {
    package let first: UntrustedRead
    package let level: TaintLevel
    /// The text that made the run hostile; nil if there is none, or what the run read was not searched.
    package let mark: MarkedRead?

    init(first: UntrustedRead, level: TaintLevel, mark: MarkedRead? = nil) {
        self.first = first
        self.level = level
        self.mark = mark
    }

    /// The level and its reasons in words, for approvers. They have no text of a server.
    package var words: String {
        let reason =
            switch (level, mark) {
            case (.clean, _), (.untrusted, _):
                first.cause == nil
                    ? "it was searched for markers of injections, and none was found"
                    : "no marker of an injection was found in what was searched"
            case (.hostile, let mark?): mark.words
            case (.hostile, nil): "it was not searched for markers of injections"
            }
        return "\(first.words); level \(level.rawValue) (\(level.name)): \(reason)"
    }
}
