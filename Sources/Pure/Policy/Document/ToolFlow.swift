package import InterlockSafety

/// The statements of a tool's entry about the flow of values (docs/specs/output-safety.md, section 7).
package struct ToolFlow: Sendable, Hashable {
    /// The authors of what a tool returns.
    package enum Source: String, Sendable, CaseIterable {
        /// Outsiders, also where the server is internal.
        case untrusted
        /// The organisation, as the review of the server says; for tools of internal servers alone.
        case `internal`
    }

    /// Is nil if the entry does not say, and the review of the server decides.
    package var source: Source?
    /// True if a call passes data out of the organisation, also one that only reads.
    package var sends = false
    /// The arguments that decide where an effect lands, each with all below it, sorted; or nil if every string and
    /// number is one. A call without a value at any of them counts as made by the model.
    package var keys: [FieldPath]?
    /// The words or stems, in lower case, of which a request that means this tool has one in a regular form; sorted.
    /// Empty if none are stated, and never empty by a list without words.
    package var intent: [String] = []
    /// The fields of a structured result, each with all below it, that differ from their source; sorted, and no path is
    /// in both lists. The longest path that leads to a value decides about it.
    package var trustedFields: [FieldPath] = []
    package var untrustedFields: [FieldPath] = []
    /// The arguments, each with all below it, in which a call may have values of a class that deny it elsewhere; sorted.
    package var accepted: [SecretClass: [FieldPath]] = [:]
    /// The fields of a result, each with all below it, whose values of a class reach the agent; sorted. `textsOfResult`
    /// is all its texts.
    package var returned: [SecretClass: [FieldPath]] = [:]

    /// The path of texts that are no JSON.
    package static let textsOfResult = "content"

    package static let none = ToolFlow()

    package init() {}

    /// Returns true if outsiders wrote what the tool returns, apart from its trusted fields.
    ///
    /// - Parameter isInternal: true if the review of its server says that its content is the organisation's own.
    package func isByOutsiders(onInternalServer isInternal: Bool) -> Bool {
        !isInternal || source == .untrusted
    }

    /// Returns true if outsiders wrote some of what the tool returns.
    package func hasOutsideContent(onInternalServer isInternal: Bool) -> Bool {
        isByOutsiders(onInternalServer: isInternal) || !untrustedFields.isEmpty
    }
}
