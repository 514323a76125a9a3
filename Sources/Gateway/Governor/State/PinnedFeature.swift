package import InterlockJSON
package import InterlockMCP
package import InterlockModel

/// A tool, resource or prompt as it was reviewed.
package enum PinnedFeature: Sendable {
    case tool(PinnedTool)
    case prompt(PinnedPrompt)
    /// Of a resource the policy's own entry is what was reviewed: the digest is of its URI.
    case resource(Digest)

    package var digest: Digest {
        switch self {
        case .tool(let tool): tool.digest
        case .prompt(let prompt): prompt.digest
        case .resource(let digest): digest
        }
    }

    /// As leaves hold it.
    package var digestText: String {
        if case .tool(let tool) = self { tool.digestText } else { digest.base64 }
    }

    /// What is wrong with the arguments; nil when they fit.
    package func violation(of arguments: JSONValue) -> String? {
        switch self {
        case .tool(let tool): tool.violation(of: arguments)
        case .prompt(let prompt): prompt.definition.violation(of: arguments.object ?? [:])
        case .resource: nil
        }
    }

    /// What is wrong with a result that is no error; nil when it fits.
    package func violation(of result: OfferResult) -> String? {
        guard case .tool(let tool) = self, case .tool(let result) = result else { return nil }
        return tool.violation(of: result)
    }
}

/// One prompt as it was reviewed: as the lock has it or, without a lock, as it was first seen.
package struct PinnedPrompt: Sendable {
    package let definition: PromptDefinition
    package let digest: Digest
}
