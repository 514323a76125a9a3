package import InterlockJSON
package import InterlockModel

/// What people see of a call beside its arguments, in a reviewer's words (specs of approvals, section 7).
/// It holds no text of an agent, a model or an upstream.
package struct ReviewTemplate: Hashable, Sendable {
    package let tool: ToolAddress
    /// In its file.
    package let place: PolicyLocation
    package let target: TemplateText?
    package let quantity: Quantity?
    package let reversal: Reversal?
    package let preview: Preview?
    /// Fields of the preview that are read at the request and again before the call is sent; another
    /// value voids the grant. Sorted.
    package let preconditions: [String]
    package let leavesTo: ArgumentPath?
    /// How often one approval may be used at most, 1 to 10; above 1 only what is reversible.
    package let uses: Int

    package struct Quantity: Hashable, Sendable {
        package let value: ArgumentPath
        package let unit: TemplateText?
        /// Whether the sum of the day is shown too.
        package let hasTotal: Bool
    }

    /// Whether what is done can be undone, and how.
    package struct Reversal: Hashable, Sendable {
        package let isPossible: Bool
        /// May be empty.
        package let how: String
    }

    /// A call of a tool that only reads, made before people are asked.
    package struct Preview: Hashable, Sendable {
        package let tool: ToolAddress
        /// In its file.
        package let place: PolicyLocation
        /// By the name of the argument.
        package let arguments: [String: TemplateText]
        /// Members of its result that are shown. In the order of the file.
        package let show: [String]

        /// - Throws: when the call lacks an argument that the preview needs.
        package func arguments(for call: JSONValue) throws(TemplateGap) -> JSONValue {
            var object: JSONObject = [:]
            for name in arguments.keys.sorted() {
                object[name] = try arguments[name]?.value(from: call)
            }
            return .object(object)
        }
    }

    package static let uses = 1...10

    /// The canonical form, whose digest stands in every review made with it.
    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "type": "review-template", "tool": .string(tool.description),
            "repeat": .integer(Int64(uses)),
            "preconditions": .array(preconditions.map { .string($0) }),
        ]
        object["target"] = target.map { .string($0.description) }
        if let quantity {
            var member: JSONObject = [
                "value": .string(quantity.value.description), "total": .bool(quantity.hasTotal),
            ]
            member["unit"] = quantity.unit.map { .string($0.description) }
            object["quantity"] = .object(member)
        }
        if let reversal {
            object["reversible"] = [
                "is": .bool(reversal.isPossible), "how": .string(reversal.how),
            ]
        }
        if let preview {
            var arguments: JSONObject = [:]
            for name in preview.arguments.keys.sorted() {
                arguments[name] = preview.arguments[name].map { .string($0.description) }
            }
            object["preview"] = [
                "tool": .string(preview.tool.description), "args": .object(arguments),
                "show": .array(preview.show.map { .string($0) }),
            ]
        }
        object["leaves_to"] = leavesTo.map { .string($0.description) }
        return .object(object)
    }

    /// - Throws: never for what was read from a file: its texts have a canonical form.
    package func digest(_ hashing: some Hashing) throws(JSONError) -> Digest {
        hashing.sha256(try json.canonical())
    }

    /// What the template says of one call.
    ///
    /// - Throws: when the call lacks an argument that is named: then it cannot be shown in full.
    package func filled(from arguments: JSONValue) throws(TemplateGap) -> FilledTemplate {
        var amount: JSONValue?
        if let quantity {
            guard let value = quantity.value.value(in: arguments) else {
                throw TemplateGap(quantity.value)
            }
            amount = value
        }
        return FilledTemplate(
            target: try target?.filled(from: arguments), amount: amount,
            unit: try quantity?.unit?.filled(from: arguments), reversal: reversal,
            // Data may leave to nobody: the argument need not be there.
            leavesTo: leavesTo?.value(in: arguments))
    }
}

/// A template with the arguments of one call in it.
package struct FilledTemplate: Hashable, Sendable {
    package let target: String?
    package let amount: JSONValue?
    package let unit: String?
    package let reversal: ReviewTemplate.Reversal?
    package let leavesTo: JSONValue?

    /// As it stands among the facts of a review document: texts alone, as people read them.
    package var facts: JSONObject {
        var facts: JSONObject = [:]
        facts["target"] = target.map { .string($0) }
        facts["quantity"] = amount.map { amount in
            .string(([amount.asShown] + (unit.map { [$0] } ?? [])).joined(separator: " "))
        }
        facts["reversible"] = reversal.map { reversal in
            let word = reversal.isPossible ? "yes" : "no"
            return .string(reversal.how.isEmpty ? word : "\(word); \(reversal.how)")
        }
        facts["leaves_to"] = leavesTo.map { .string($0.asShown) }
        return facts
    }
}
