package import InterlockJSON
package import InterlockModel

/// One entry of a server's list of resources or resource templates: the server's own text, unreviewed and bounded in
/// size.
package struct ListedResource: Sendable, Equatable {
    /// The URI, or template of RFC 6570, as the server writes it.
    package let uri: String
    package let isTemplate: Bool
    /// The server's own name for it, at most 256 bytes.
    package var name: String { shown["name"]?.string ?? "" }
    private let shown: JSONObject

    private static let longestName = 256
    private static let longestText = 4096

    /// - Returns: nil if the value is not a valid entry; it is then not listed.
    package init?(_ value: JSONValue, from list: FeatureListMethod) {
        isTemplate = list == .templates
        guard let uri = value[isTemplate ? "uriTemplate" : "uri"]?.string,
            (1...ResourceURI.longest).contains(uri.utf8.count),
            let name = Self.text(value["name"], Self.longestName)
        else { return nil }
        self.uri = uri
        var shown: JSONObject = ["name": name]
        shown["title"] = Self.text(value["title"], Self.longestName)
        shown["description"] = Self.text(value["description"], Self.longestText)
        shown["mimeType"] = Self.text(value["mimeType"], Self.longestName)
        if !isTemplate, let size = value["size"]?.integer, size >= 0 {
            shown["size"] = .integer(size)
        }
        if let annotations = value["annotations"]?.object,
            annotations.serialized().count <= Self.longestText
        {
            shown["annotations"] = .object(annotations)
        }
        self.shown = shown
    }

    /// Returns the entry for a client of this version.
    ///
    /// - Parameter server: the server's name at `/mcp`, where URIs contain it, or nil to keep URIs unchanged.
    package func shown(in version: ProtocolVersion, routedBy server: ServerName?) -> JSONObject {
        var object = shown
        if !version.hasTitlesAndStructuredContent { object["title"] = nil }
        if !version.hasAnnotationsAndAudio { object["annotations"] = nil }
        object[isTemplate ? "uriTemplate" : "uri"] = .string(
            server.map { RoutedURI(server: $0, original: uri).text } ?? uri)
        return object
    }

    private static func text(_ value: JSONValue?, _ longest: Int) -> JSONValue? {
        guard let text = value?.string, text.utf8.count <= longest else { return nil }
        return .string(text)
    }
}
