package import InterlockJSON
package import InterlockModel

/// The information that people see about a call in addition to its arguments, in a reviewer's words
/// (docs/specs/approvals.md, section 7). It contains no text of an agent, a model or an upstream.
///
/// INVARIANT: what a template shows is part of what is signed, and a call whose preconditions have changed is not
/// sent. Kept by `TemplateTests`, `test_templates.py`.
package struct ReviewTemplate: Hashable, Sendable {
    package let tool: ToolAddress
    /// The location in its file.
    package let place: PolicyLocation
    package let target: TemplateText?
    package let quantity: Quantity?
    package let reversal: Reversal?
    package let preview: Preview?
    /// Fields of the preview that are read at the request and again before the call is sent; a different
    /// value voids the grant. Sorted.
    package let preconditions: [String]
    package let leavesTo: ArgumentPath?
    /// The maximum number of uses of one approval, 1 to 10; above 1 only for reversible calls.
    package let uses: Int

    package struct Quantity: Hashable, Sendable {
        package let value: ArgumentPath
        /// The unit in words, a former form. Units that the tool's entry declares take precedence (decision 0061).
        package let unit: TemplateText?
        /// The location of `unit`, or nil without one.
        package let unitPlace: PolicyLocation?
        /// True if the sum of the day is shown too.
        package let hasTotal: Bool
    }

    /// The statement of whether and how a call can be undone.
    package struct Reversal: Hashable, Sendable {
        package let isPossible: Bool
        /// The way to undo it, which may be empty.
        package let how: String
    }

    /// A call of a tool that only reads, made before people are asked.
    package struct Preview: Hashable, Sendable {
        package let tool: ToolAddress
        /// The location in its file.
        package let place: PolicyLocation
        /// The arguments, by name.
        package let arguments: [String: TemplateText]
        /// The members of its result that are shown, in the order of the file.
        package let show: [String]

        /// - Throws: if the call lacks an argument that the preview needs.
        package func arguments(for call: JSONValue) throws(TemplateGap) -> JSONValue {
            var object: JSONObject = [:]
            for name in arguments.keys.sorted() {
                object[name] = try arguments[name]?.value(from: call)
            }
            return .object(object)
        }
    }

    package static let uses = 1...10

    /// The canonical form, whose digest is in every review that is made with the template.
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

    /// - Throws: never for a template that was read from a file, because its texts have a canonical form.
    package func digest(_ hashing: some Hashing) throws(JSONError) -> Digest {
        hashing.sha256(try json.canonical())
    }

    /// The template with the arguments of one call.
    ///
    /// - Parameter units: the units that the entry of the tool declares.
    /// - Throws: if the call lacks an argument that the template names, so that it cannot be shown in full.
    package func filled(
        from arguments: JSONValue, units: ToolUnits
    ) throws(TemplateGap) -> FilledTemplate {
        var amount: FilledQuantity?
        if let quantity {
            guard let value = quantity.value.value(in: arguments) else {
                throw TemplateGap(quantity.value)
            }
            amount = FilledQuantity(
                value: value, declared: units[quantity.value]?.amount(in: arguments),
                unit: try quantity.unit?.filled(from: arguments))
        }
        return FilledTemplate(
            target: try target?.filled(from: arguments), amount: amount, reversal: reversal,
            // The argument need not exist, because data may leave to no recipient.
            leavesTo: leavesTo?.value(in: arguments))
    }
}

/// A template with the arguments of one call filled in.
package struct FilledTemplate: Hashable, Sendable {
    package let target: String?
    package let amount: FilledQuantity?
    package let reversal: ReviewTemplate.Reversal?
    package let leavesTo: JSONValue?

    /// The facts for a review document: texts only, as people read them.
    package var facts: JSONObject {
        var facts: JSONObject = [:]
        facts["target"] = target.map { .string($0) }
        facts["quantity"] = amount.map { .string($0.text) }
        facts["reversible"] = reversal.map { reversal in
            let word = reversal.isPossible ? "yes" : "no"
            return .string(reversal.how.isEmpty ? word : "\(word); \(reversal.how)")
        }
        facts["leaves_to"] = leavesTo.map { .string($0.asShown) }
        return facts
    }
}

/// The quantity of one call.
package struct FilledQuantity: Hashable, Sendable {
    package let value: JSONValue
    /// The value in the declared unit, or nil if the tool's entry declares none.
    package let declared: FormattedAmount?
    /// The unit in the template's words, or nil if it states none.
    package let unit: String?

    package init(value: JSONValue, declared: FormattedAmount?, unit: String?) {
        self.value = value
        self.declared = declared
        self.unit = unit
    }

    package var text: String {
        if let declared { return declared.text }
        return value.asShown + (unit.map { " \($0)" } ?? " (unit not declared)")
    }
}
