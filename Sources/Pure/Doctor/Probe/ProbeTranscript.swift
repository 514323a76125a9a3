package import InterlockJSON

/// The requests of the host to the scripted model in one session: the canaries in any part of any request, and the results of the
/// calls of the script.
package struct ProbeTranscript: Sendable, Hashable {
    /// The result of a call as the model reads it.
    package struct Result: Sendable, Hashable {
        package let isError: Bool
        /// The text, cut to `limitBytes`.
        package let text: String

        static let limitBytes = 4096

        package init(isError: Bool, text: String) {
            self.isError = isError
            self.text = text
        }
    }

    package private(set) var requests = 0
    package private(set) var files: Set<ProbeFile> = []
    package private(set) var results: [ProbeCall: Result] = [:]

    package init() {}

    /// Notes a request.
    ///
    /// - Parameters:
    ///   - body: all of its bytes, JSON or not. A canary has no character that JSON escapes.
    ///   - request: the body as JSON, or nil if it is not JSON.
    package mutating func hear(_ body: [UInt8], _ request: JSONValue?, of script: ProbeScript) {
        requests += 1
        let canaries = Self.canaries(in: body)
        for (file, canary) in script.canaries where canaries.contains(canary) { files.insert(file) }
        for found in request.map(Self.results) ?? [] { results[found.call] = found.result }
    }

    /// Returns every text of the form of a canary.
    private static func canaries(in body: [UInt8]) -> Set<String> {
        let prefix = Array(ProbeScript.canaryPrefix.utf8)
        let length = prefix.count + 2 * ProbeScript.canaryBytes
        var found: Set<String> = []
        var rest = body[...]
        while let start = rest.firstIndex(of: prefix[0]) {
            rest = rest[start...]
            if rest.count >= length, rest.starts(with: prefix) {
                found.insert(String(decoding: rest.prefix(length), as: UTF8.self))
            }
            rest = rest.dropFirst()
        }
        return found
    }

    /// Returns the results of the script's calls in the messages of a request.
    static func results(in request: JSONValue) -> [(call: ProbeCall, result: Result)] {
        let parts = (request["messages"]?.array ?? []).flatMap { $0["content"]?.array ?? [] }
        return parts.compactMap { part in
            guard part["type"]?.string == "tool_result",
                let call = part["tool_use_id"]?.string.flatMap(ProbeCall.init(rawValue:))
            else { return nil }
            let text = Self.text(of: part["content"] ?? .null)
            let kept = String(decoding: text.utf8.prefix(Result.limitBytes), as: UTF8.self)
            return (call, Result(isError: part["is_error"]?.bool == true, text: kept))
        }
    }

    private static func text(of content: JSONValue) -> String {
        content.string
            ?? (content.array ?? []).compactMap { $0["text"]?.string }.joined(separator: "\n")
    }
}
