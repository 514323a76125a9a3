package import InterlockJSON
package import InterlockMCP
package import InterlockModel
package import InterlockPolicy

/// One tool in its reviewed form: from the lock or, without a lock, as first seen.
package final class PinnedTool: Sendable {
    package let definition: ToolDefinition
    package let digest: Digest
    /// The digest as in records.
    package let digestText: String
    /// The number of bytes of the reviewed members as JSON.
    let byteCount: Int
    /// The search of its texts for lists.
    let verdict = EntryVerdict()
    private let input: CompiledSchema
    private let output: CompiledSchema?
    /// The output schema as the filters of the policy leave it; nil if the tool declares none.
    private let filtered: FilteredOutputs?

    /// - Throws: `SchemaError` if a schema cannot be used.
    init(
        _ definition: ToolDefinition, digest: Digest, patterns: any PatternCompiler
    ) throws(SchemaError) {
        self.definition = definition
        self.digest = digest
        digestText = digest.base64
        byteCount = definition.pinned.serialized().count
        input = try CompiledSchema(.object(definition.inputSchema), patterns: patterns)
        if let schema = definition.outputSchema {
            output = try CompiledSchema(.object(schema), patterns: patterns)
            filtered = FilteredOutputs(of: schema, patterns)
        } else {
            output = nil
            filtered = nil
        }
    }

    /// Returns the violation of the arguments, or nil if they fit.
    ///
    /// - Parameter allowsExtra: true if the policy admits members that the schema does not name.
    package func violation(
        of arguments: JSONValue, allowsExtra: Bool = false
    ) -> ArgumentViolation? {
        input.validateArguments(arguments.object ?? [:], allowsExtra: allowsExtra)
            .map { violation in
                ArgumentViolation(
                    violation.cause == .extraField ? .extraField : .other, violation.description)
            }
    }

    /// See `CompiledSchema.withoutOptionalNulls`.
    package func withoutOptionalNulls(_ arguments: JSONValue) -> JSONValue? {
        arguments.object.flatMap(input.withoutOptionalNulls).map(JSONValue.object)
    }

    /// Returns the output schema of what the obligations leave of results, or nil if there is none in this form.
    func outputSchema(under data: DataObligations) -> JSONObject? {
        filtered?.schema(under: data)
    }

    /// Validates `structuredContent` if the tool declares an output schema.
    ///
    /// - Parameter data: the obligations that were applied to the result, or nil if none were.
    package func violation(of result: ToolResult, under data: DataObligations? = nil) -> String? {
        guard let output else { return nil }
        guard let content = result.structuredContent else { return "there is no structuredContent" }
        guard let data, data.changesResults, let filtered else {
            return output.validate(content)?.description
        }
        return filtered.violation(of: content, under: data)
    }
}
