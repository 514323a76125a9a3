package import InterlockJSON
package import InterlockModel

/// The exact id of a model, such as `claude-opus-4-1` or `vendor/model:8b`. It has no room for free text, as it is part
/// of records.
package struct ModelID: Hashable, Sendable {
    package let text: String

    package static let longest = 128

    /// - Returns: nil unless there are 1 to 128 of `A-Z a-z 0-9 . _ - : / @ [ ]`.
    package init?(_ text: String) {
        guard (1...Self.longest).contains(text.utf8.count),
            text.utf8.allSatisfy({
                (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
                    || "._-:/@[]".utf8.contains($0)
            })
        else { return nil }
        self.text = text
    }
}

/// The prompt context of a request to a model: the part of it that is on record before it is sent.
package struct ModelPrompt: Hashable, Sendable {
    /// SHA-256 of the request's body as it is sent.
    package let digest: Digest
    /// The bytes of the body.
    package let size: Int64
    /// The model that the body names, or nil if it is no JSON or names none.
    package let model: ModelID?

    package init(digest: Digest, size: Int64, model: ModelID?) {
        self.digest = digest
        self.size = size
        self.model = model
    }

    /// The limits of a request's body. The size is the largest that a provider accepts.
    package static let limits = JSONLimits(bytes: 32 << 20, largeIntegers: .keep)

    /// Returns the model that a body in JSON names.
    ///
    /// - Throws: `bad-request` if the body is not JSON, or could be read in two ways.
    package static func model(in body: [UInt8]) throws(EgressRefusal) -> ModelID? {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: body, limits: limits) } catch {
            throw EgressRefusal(.badRequest, "the body is not valid JSON")
        }
        return value["model"]?.string.flatMap { ModelID($0) }
    }
}

/// The statements of a provider about the tokens of one request, each nil if it made none.
package struct ModelUsage: Hashable, Sendable {
    /// Tokens of the prompt. Some providers count cached ones here, others apart.
    package var input: Int64?
    package var output: Int64?
    /// Tokens that were read from the provider's cache.
    package var cacheRead: Int64?
    /// Tokens that were written to it.
    package var cacheWritten: Int64?

    package init() {}

    package static let counts: ClosedRange<Int64> = 0...(1 << 53 - 1)
}

/// The result of a request to a model.
package struct ModelAnswer: Hashable, Sendable {
    /// The status of HTTP, 100 to 999.
    package let status: Int
    /// SHA-256 of the answer's body as far as it was passed on.
    package let digest: Digest
    /// The model and the tokens that the answer states.
    package let statement: ModelStatement

    package init(status: Int, digest: Digest, statement: ModelStatement) {
        self.status = status
        self.digest = digest
        self.statement = statement
    }
}

/// The model and the tokens that an answer states. A later statement of one answer takes the place of an earlier one,
/// because streams repeat their counts with the latest value.
package struct ModelStatement: Hashable, Sendable {
    package var model: ModelID?
    package var usage = ModelUsage()

    package init() {}

    /// Reads one JSON document of an answer: a whole answer, or the data of one event. The places are those of
    /// Anthropic's messages (`usage`, `message.usage`) and of OpenAI's completions and responses (`usage`,
    /// `response.usage`); nothing is read where a model's text could be.
    package mutating func read(_ document: JSONValue) {
        for object in [document["message"], document["response"], document] {
            guard let object, object.object != nil else { continue }
            if let id = object["model"]?.string.flatMap({ ModelID($0) }) { model = id }
            if let counts = object["usage"], counts.object != nil { read(counts: counts) }
        }
    }

    private mutating func read(counts: JSONValue) {
        func count(_ names: String...) -> Int64? {
            names.lazy.compactMap { counts[$0]?.integer }.first { ModelUsage.counts.contains($0) }
        }
        func detail(_ names: String...) -> Int64? {
            names.lazy.compactMap { counts[$0]?["cached_tokens"]?.integer }
                .first { ModelUsage.counts.contains($0) }
        }
        usage.input = count("input_tokens", "prompt_tokens") ?? usage.input
        usage.output = count("output_tokens", "completion_tokens") ?? usage.output
        usage.cacheRead =
            count("cache_read_input_tokens")
            ?? detail("input_tokens_details", "prompt_tokens_details") ?? usage.cacheRead
        usage.cacheWritten = count("cache_creation_input_tokens") ?? usage.cacheWritten
    }
}
