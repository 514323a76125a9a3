package import InterlockJSON

/// Recognizes a tool that requests input in the other era only, from its error when it cannot: in the modern era the
/// SDKs refuse to send requests of their own, and in the legacy ones a result that requests input is invalid. What the
/// server says chooses the era of later calls alone; the call that failed is never sent again for it.
package enum InputEra {
    /// The words of the official Python SDK and of FastMCP.
    private static let refusals: [(era: Era, words: String)] = [
        (.modern, "server-initiated requests"), (.legacy, "returned an invalid result"),
    ]

    /// - Parameters:
    ///   - error: the message of an error that a call in `era` ended with.
    /// - Returns: the era in which the tool can request input, or nil if the error says nothing of it.
    package static func other(than era: Era, after error: String) -> Era? {
        guard refusals.contains(where: { $0.era == era && error.contains($0.words) }) else {
            return nil
        }
        return era == .legacy ? .modern : .legacy
    }

    /// - Parameter result: a tool's result; only one that is an error says anything.
    package static func other(than era: Era, after result: JSONObject) -> Era? {
        guard result["isError"] == true, let content = result["content"]?.array else { return nil }
        for block in content.prefix(4) {
            if let text = block["text"]?.string, let found = other(than: era, after: text) {
                return found
            }
        }
        return nil
    }
}
