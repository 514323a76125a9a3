import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockPorts
import InterlockSchemas

/// The document of the API (OpenAPI 3.1), generated from the table of operations that serves requests.
package enum OpenAPI {
    static let document: JSONValue = {
        var schemas: JSONObject = [:]
        var paths: JSONObject = [:]
        for operation in Operation.published {
            var path = paths[operation.path.text]?.object ?? [:]
            path[operation.method == .get ? "get" : "post"] = .object(
                described(operation, &schemas))
            paths[operation.path.text] = .object(path)
        }
        return [
            "openapi": "3.1.0", "info": info, "servers": [["url": .string(PeopleAPI.prefix)]],
            "paths": .object(paths),
            "components": ["schemas": .object(schemas), "securitySchemes": securitySchemes],
        ]
    }()

    /// The text of `docs/openapi.json`.
    package static var text: String { IndentedJSON.text(document) }

    private static let info: JSONValue = [
        "title": "Interlock", "version": "1",
        "description": .string(about),
    ]

    private static let about = """
        What the console's pages can, as JSON, on the people plane. Sign in at `/sign-in` with a key of your own; each \
        request brings the cookie of that session and a proof by its key (`docs/api.md`), and each POST the form token of \
        `getSession` as well. A service brings its token in \
        `Authorization` instead, where an operation says `service_token`, and only reads. Errors are problem details \
        (RFC 9457). A POST with `Idempotency-Key` is done once: sent again within 24 hours and before a restart it is \
        answered alike; with another body or path it is refused (422), and while the first is being answered too \
        (409). 256 answers of one person are kept, and 8 MiB in all; signed orders take no key, since each is done \
        once by its own id. What is malformed as HTTP, and a body of unannounced length above 64 KiB, is refused as plain text.
        """

    private static let securitySchemes: JSONValue = [
        "service_token": [
            "type": "http", "scheme": "bearer",
            "description":
                "Of a service, by `interlock tokens issue`: it sees what people with its role see.",
        ],
        "session": [
            "type": "apiKey", "in": "cookie", "name": .string(HostCookie.session.name),
            "description": "Who is signed in.",
        ],
        "proof": [
            "type": "apiKey", "in": "header", "name": .string(SessionProof.header),
            "description":
                "`v1.<nonce>.<identifier>.<signature>` by the key of the session, over this request alone.",
        ],
        "form_token": [
            "type": "apiKey", "in": "header", "name": .string(PeopleAPI.formTokenHeader),
            "description": "`form_token` of `getSession`: no other page can know it.",
        ],
    ]

    private static func described(
        _ operation: Operation, _ schemas: inout JSONObject
    ) -> JSONObject {
        var object: JSONObject = [
            "operationId": .string(operation.name), "summary": .string(operation.summary),
            "security": security(of: operation),
        ]
        let parameters = parameters(of: operation, &schemas)
        if !parameters.isEmpty { object["parameters"] = .array(parameters) }
        if let body = operation.body {
            let schema = JSONValue.object(body.schema(isClosed: true, &schemas))
            object["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": schema]],
            ]
        }
        object["responses"] = .object(responses(of: operation, &schemas))
        return object
    }

    private static func security(of operation: Operation) -> JSONValue {
        if operation.isOpen { return [] }
        if operation.isForServices {
            return [["session": [], "proof": []], ["service_token": []]]
        }
        return operation.method == .get
            ? [["session": [], "proof": []]] : [["session": [], "proof": [], "form_token": []]]
    }

    private static func parameters(
        of operation: Operation, _ schemas: inout JSONObject
    ) -> [JSONValue] {
        var all: [JSONValue] = []
        for case .place(let name) in operation.path.parts {
            let shape = name == "approval" ? JSONSchemaType.text(.approval) : .text(.plain(1...128))
            all.append(parameter(.init(name, shape, "Of the path."), in: "path", &schemas))
        }
        for member in operation.query { all.append(parameter(member, in: "query", &schemas)) }
        if operation.takesKey {
            let key = JSONSchemaType.Member(
                "Idempotency-Key",
                .text(TextShape("a key", characters: 1...255, pattern: "^[!-~]{1,255}$")),
                "A name for this request, new for each.", isOptional: true)
            all.append(parameter(key, in: "header", &schemas))
        }
        return all
    }

    private static func parameter(
        _ member: JSONSchemaType.Member, in place: JSONValue, _ schemas: inout JSONObject
    ) -> JSONValue {
        [
            "name": .string(member.name), "in": place, "required": .bool(!member.isOptional),
            "description": .string(member.note),
            "schema": .object(member.shape.schema(isClosed: true, &schemas)),
        ]
    }

    private static func responses(
        of operation: Operation, _ schemas: inout JSONObject
    ) -> JSONObject {
        var responses: JSONObject = [:]
        switch (operation.handler, operation.answer) {
        case (.events, _), (.report, _):
            responses["200"] = [
                "description": "Server-sent events.",
                "content": ["text/event-stream": ["schema": ["type": "string"]]],
            ]
        case (.file, _):
            responses["200"] = [
                "description": "A file.",
                "content": [
                    HTTPResponse.fileType: ["schema": ["type": "string", "format": "binary"]]
                ],
            ]
        case (.answer, nil), (.reading, nil), (.local, _):
            responses["204"] = ["description": "Done."]
        case (.answer, let answer?), (.reading, let answer?):
            let schema = JSONValue.object(answer.schema(isClosed: false, &schemas))
            responses["200"] = [
                "description": "Done.", "content": ["application/json": ["schema": schema]],
            ]
        }
        let problem = JSONValue.object(Problem.form.shape.schema(isClosed: false, &schemas))
        for kind in operation.everyProblem {
            let status = String(kind.status)
            let before = responses[status]?["description"]?.string.map { $0 + " " } ?? ""
            responses[status] = [
                "description": .string(before + "`\(kind.rawValue)`: \(kind.title)."),
                "content": [Problem.mediaType: ["schema": problem]],
            ]
        }
        // The server rejects malformed HTTP in plain text, before an operation is found.
        if let malformed = responses["400"], var content = malformed["content"]?.object {
            content["text/plain"] = ["schema": ["type": "string"]]
            responses["400"] = [
                "description": malformed["description"] ?? "", "content": .object(content),
            ]
        }
        return responses
    }
}

/// A value on many lines, for files that people compare.
private enum IndentedJSON {
    static func text(_ value: JSONValue) -> String { text(value, "") + "\n" }

    private static func text(_ value: JSONValue, _ indent: String) -> String {
        let inner = indent + "  "
        switch value {
        case .object(let object) where !object.isEmpty:
            let members = object.members.map {
                inner + written(.string($0.key)) + ": " + text($0.value, inner)
            }
            return "{\n" + members.joined(separator: ",\n") + "\n" + indent + "}"
        case .array(let elements) where elements.contains { $0.object != nil }:
            let lines = elements.map { inner + text($0, inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n" + indent + "]"
        default: return written(value)
        }
    }

    private static func written(_ value: JSONValue) -> String {
        String(decoding: value.serialized(), as: UTF8.self)
    }
}
