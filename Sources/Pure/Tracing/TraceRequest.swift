import InterlockJSON

/// The body of `POST /v1/traces` (OTLP 1.9, HTTP with JSON).
package struct TraceRequest: Sendable {
    private let spans: [CallSpan]
    private let origin: String
    private let program: String

    /// - Parameters:
    ///   - origin: the name of the log that the spans are of.
    ///   - program: the version of the program that exports.
    package init(_ spans: [CallSpan], origin: String, program: String) {
        self.spans = spans
        self.origin = origin
        self.program = program
    }

    package var body: [UInt8] {
        let resource: JSONValue = [
            "attributes": [
                Self.attribute(SpanConventions.serviceName, "interlock"),
                Self.attribute(SpanConventions.serviceVersion, program),
                Self.attribute(SpanConventions.serviceInstance, origin),
            ]
        ]
        let scope: JSONValue = [
            "name": .string(SpanConventions.scope), "version": .string(program),
            "attributes": [
                Self.attribute(SpanConventions.conventions, SpanConventions.version)
            ],
        ]
        let ofScope: JSONValue = ["scope": scope, "spans": .array(spans.map(\.json))]
        let ofResource: JSONValue = ["resource": resource, "scopeSpans": [ofScope]]
        let request: JSONValue = ["resourceSpans": [ofResource]]
        return request.serialized()
    }

    static func attribute(_ key: String, _ value: String) -> JSONValue {
        ["key": .string(key), "value": ["stringValue": .string(value)]]
    }
}
