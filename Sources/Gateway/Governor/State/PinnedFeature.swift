package import InterlockJSON
package import InterlockMCP
package import InterlockModel
package import InterlockPolicy

/// A tool, resource or prompt in its reviewed form.
package enum PinnedFeature: Sendable {
    case tool(PinnedTool)
    case prompt(PinnedPrompt)
    /// A resource, whose reviewed form is the policy's own entry: the digest of its URI.
    case resource(Digest)
    /// A tool of hosts, which is the same for each: the digest of its name and version here.
    case host(Digest)

    package var digest: Digest {
        switch self {
        case .tool(let tool): tool.digest
        case .prompt(let prompt): prompt.digest
        case .resource(let digest), .host(let digest): digest
        }
    }

    /// The digest as in records.
    package var digestText: String {
        if case .tool(let tool) = self { tool.digestText } else { digest.base64 }
    }

    /// True if lists leave it out, because its names or schemas have a value that agents must not read.
    var isLeftOut: Bool {
        switch self {
        case .tool(let tool): tool.verdict.isLeftOut
        case .prompt(let prompt): prompt.verdict.isLeftOut
        case .resource, .host: false
        }
    }

    /// Returns the violation of the arguments, or nil if they fit.
    ///
    /// - Parameter allowsExtra: true if the policy admits members that a tool's schema does not name.
    package func violation(
        of arguments: JSONValue, allowsExtra: Bool = false
    ) -> ArgumentViolation? {
        switch self {
        case .tool(let tool): tool.violation(of: arguments, allowsExtra: allowsExtra)
        case .prompt(let prompt):
            prompt.definition.violation(of: arguments.object ?? [:])
                .map { ArgumentViolation(.other, $0) }
        case .resource, .host: nil
        }
    }

    /// Returns the arguments without optional nulls that a tool's schema does not take, or nil if there are none.
    package func withoutOptionalNulls(_ arguments: JSONValue) -> JSONValue? {
        guard case .tool(let tool) = self else { return nil }
        return tool.withoutOptionalNulls(arguments)
    }

    /// Returns the violation of a result that is not an error, or nil if it fits.
    ///
    /// - Parameter data: the obligations that were applied to it, or nil if none were.
    package func violation(of result: OfferResult, under data: DataObligations? = nil) -> String? {
        guard case .tool(let tool) = self, case .tool(let result) = result else { return nil }
        return tool.violation(of: result, under: data)
    }

    /// Returns the violation of the arguments, or nil if they fit or the policy admits what the schema does not name.
    package func violation(
        of arguments: JSONValue, at address: ToolAddress, under policy: PolicySnapshot
    ) -> ArgumentViolation? {
        violation(of: arguments, allowsExtra: policy.allowsExtraArguments(address))
    }
}

/// The reason why arguments do not fit the reviewed form of a feature.
package struct ArgumentViolation: Sendable {
    /// The raw value is the reason of the refusal.
    package enum Kind: String, Sendable {
        /// The arguments have a member that the schema of a tool does not name.
        case extraField = "extra-field"
        case other = "violation"
    }

    package let kind: Kind
    /// The violation in words for the model; it quotes names and values of the server's schema.
    package let text: String

    init(_ kind: Kind, _ text: String) {
        (self.kind, self.text) = (kind, text)
    }
}

/// One prompt in its reviewed form: from the lock or, without a lock, as first seen.
package struct PinnedPrompt: Sendable {
    package let definition: PromptDefinition
    package let digest: Digest
    /// The search of its texts for lists.
    let verdict = EntryVerdict()
}
