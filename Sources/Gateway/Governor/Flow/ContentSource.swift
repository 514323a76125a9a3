package import InterlockJSON
package import InterlockModel
package import InterlockPolicy
package import InterlockSafety

/// The authors of what the calls of one tool bring a run (docs/specs/output-safety.md, section 7).
///
/// INVARIANT: content is trusted only if the policy says so, by the review of its server or by a trusted field; and what
/// may repeat an untrusted field is untrusted. Kept by `ContentSourceTests`, `DeclaredFlowTests`.
package struct ContentSource: Sendable {
    /// True if the organisation wrote the content, but for the untrusted fields.
    private let isTrusted: Bool
    private let fields: FieldAuthors

    /// - Parameter isInternal: true if the review of the server says that its content is the organisation's own.
    package init(_ flow: ToolFlow, isInternal: Bool) {
        isTrusted = !flow.isByOutsiders(onInternalServer: isInternal)
        fields = FieldAuthors(
            trusted: flow.trustedFields.map(\.names), untrusted: flow.untrustedFields.map(\.names))
    }

    /// True if all that a call brings is the organisation's own.
    package var isTrustedWhole: Bool { isTrusted && !fields.hasUntrusted }

    /// Returns the parts of an answer. Fields are those of `structuredContent`; the answer's texts may repeat them, and
    /// an answer without it has no fields, so both are untrusted if any field is.
    package func parts(ofAnswer answer: JSONValue) -> FieldAuthors.Split {
        guard !fields.isEmpty, case .object(var result) = answer,
            let structured = result["structuredContent"], result["isError"]?.bool != true
        else { return parts(ofMessage: answer) }
        result["structuredContent"] = nil
        return parts(ofMessage: .object(result)) + fields.split(structured, isTrusted: isTrusted)
    }

    /// Returns the parts of a message that comes before an answer. It has no fields.
    package func parts(ofMessage message: JSONValue) -> FieldAuthors.Split {
        isTrustedWhole
            ? FieldAuthors.Split(trusted: [message]) : FieldAuthors.Split(untrusted: [message])
    }
}

extension PolicySnapshot {
    /// Returns the authors of what the calls of a tool bring.
    package func contentSource(of address: ToolAddress) -> ContentSource {
        ContentSource(flow(of: address), isInternal: isInternal(address.server))
    }
}

extension ToolFlow {
    /// The declared keys, or nil if none are declared.
    package var keyPaths: ValuePaths? {
        keys.map { paths in ValuePaths(paths.map(\.names), .caseless) }
    }
}
