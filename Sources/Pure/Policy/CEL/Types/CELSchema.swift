package import InterlockJSON

/// What a tool's input schema says about its arguments: their type and how large they can be (specs of
/// the policy, 5.2). Only what holds for every valid document counts; keywords that merely restrict
/// values are passed over.
package enum CELSchema {
    package struct Arguments: Sendable, Hashable {
        package let type: CELType
        package let extent: CELExtent

        /// Where there is no schema.
        package static let untyped = Arguments(type: .dyn, extent: .unstated)
    }

    /// - Throws: `.schema` when a known keyword has a wrong shape, a `$ref` leads outside of the schema
    ///   or nowhere, or no object is described.
    package static func arguments(
        of inputSchema: JSONObject
    ) throws(CELProblem) -> Arguments {
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
