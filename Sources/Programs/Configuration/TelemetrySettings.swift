import InterlockCredentials
import InterlockPolicy

/// The settings of `telemetry`.
package struct TelemetrySettings: Sendable {
    /// Is nil if no traces are exported.
    package var otlp: CollectorSettings?
    package var privateOrigins: [String] = []
    package var authorities = ""
}

/// The settings of `telemetry.otlp`.
package struct CollectorSettings: Sendable, Equatable {
    package struct Header: Sendable, Equatable {
        /// The name in lower case.
        package let name: String
        /// The name of the secret that is the value.
        package let secret: String
    }

    /// The whole URL of the collector's endpoint for traces.
    package let url: String
    package let headers: [Header]

    package static let mostHeaders = 8

    /// Headers that the client itself writes, or that would change what the body is.
    private static let reserved = [
        "accept", "connection", "content-encoding", "content-length", "content-type", "expect",
        "host", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// Returns nil for `{}`.
    fileprivate static func read(_ node: YAMLNode) throws(Setting.ValueError) -> CollectorSettings?
    {
        let fields = try Fields(
            node, of: "a collector", ["url", "headers"], expected: "a collector as `{url, headers}`"
        )
        guard !fields.isEmpty else { return nil }
        let url = try fields.url("url")
        guard let node = fields["headers"] else { return CollectorSettings(url: url, headers: []) }
        return CollectorSettings(url: url, headers: try headers(node))
    }

    private static func headers(_ node: YAMLNode) throws(Setting.ValueError) -> [Header] {
        let expected =
            "a collector with at most \(mostHeaders) `headers`, each in lower case with the name of a secret, never the secret itself"
        var headers: [Header] = []
        for entry in try node.entries(expected, most: mostHeaders) {
            guard isName(entry.key), !reserved.contains(entry.key),
                !headers.contains(where: { $0.name == entry.key }),
                let secret = entry.value.scalarText, SecretProvider.isName(secret)
            else { throw Setting.ValueError(expected: "\(expected); found `\(entry.key)`") }
            headers.append(Header(name: entry.key, secret: secret))
        }
        return headers
    }

    /// Returns true for 1 to 64 lower-case letters, digits and `-`.
    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
            }
    }
}

extension Section {
    static let telemetry = Section(
        "telemetry", "traces of calls, read from the log and sent to a collector of OpenTelemetry",
        .collector(
            "otlp", \.telemetry.otlp,
            "the endpoint for traces (OTLP by HTTP with JSON), such as https://collector.example/v1/traces, and secrets that are sent in headers; `{}`: none are sent"
        ),
        .origins(
            "private_origins", \.telemetry.privateOrigins,
            "origins of collectors that may have private addresses"),
        .path(
            "ca", \.telemetry.authorities,
            "what signs the certificates of those collectors besides what the system knows, in PEM")
    )
}

extension Setting {
    /// `{url: "https://collector.example/v1/traces", headers: {authorization: otlp-token}}`
    fileprivate static func collector(
        _ name: String, _ path: Path<CollectorSettings?>, _ about: String
    ) -> Setting {
        Setting(
            name, path, about, form: "`{url, headers}`",
            text: { settings in
                guard let settings else { return "{}" }
                let headers = settings.headers.map { "\($0.name): \($0.secret)" }
                return "{url: \"\(settings.url)\", headers: \(Notation.map(headers))}"
            }, read: CollectorSettings.read)
    }
}
