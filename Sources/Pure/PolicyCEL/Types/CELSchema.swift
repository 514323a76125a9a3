package import InterlockJSON

/// Reads what a tool's input schema states about its arguments: their type and maximum size
/// (docs/specs/policy.md, section 5.2). Only what holds for every valid document counts; keywords that
/// merely restrict values are ignored.
package enum CELSchema {
    package struct Arguments: Sendable, Hashable {
        package let type: CELType
        package let extent: CELExtent

        package init(type: CELType, extent: CELExtent) {
            self.type = type
            self.extent = extent
        }

        /// The arguments of a tool without a schema.
        package static let untyped = Arguments(type: .dyn, extent: .unstated)
    }

    /// - Throws: `.schema` if a known keyword has a wrong shape, a `$ref` leads outside of the schema or
    ///   nowhere, or the schema does not describe an object.
    package static func arguments(of inputSchema: JSONObject) throws(CELProblem) -> Arguments {
        var reader = SchemaReader(inputSchema)
        let described = try reader.read(.object(inputSchema), depth: 0).ofObject
        let isObject = described.type.may { kind in
            switch kind {
            case .object, .map: true
            default: false
            }
        }
        guard isObject else {
            throw CELProblem(
                .schema, at: 0, "the schema describes \(described.type.text), not an object")
        }
        return Arguments(type: described.type, extent: described.extent)
    }

    package static func argumentsType(
        of inputSchema: JSONObject
    ) throws(CELProblem) -> CELType { try arguments(of: inputSchema).type }
}
