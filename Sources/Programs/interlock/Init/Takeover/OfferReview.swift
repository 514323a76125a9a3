import InterlockAdministration
import InterlockHosts
import InterlockMCP
import InterlockModel
import InterlockPorts

/// The resources and resource templates of a server as the draft has them, each under a name of its own.
struct OfferReview {
    /// The most resources and templates of one server in a draft: people read it.
    private static let most = 200

    private(set) var resources: [DraftPolicy.Resource] = []
    private(set) var templates: [DraftPolicy.Resource] = []
    /// Those that the draft leaves out, one line each.
    private(set) var leftOut: [String] = []
    private var names: Set<ToolName> = []
    private var shapes: Set<[URITemplate.Shape]> = []

    init(_ offers: ServerFeatures) {
        for value in offers.resources {
            add(ListedResource(value, from: .resources), to: \.resources)
        }
        for value in offers.templates {
            add(ListedResource(value, from: .templates), to: \.templates)
        }
    }

    private mutating func add(
        _ listed: ListedResource?, to list: WritableKeyPath<OfferReview, [DraftPolicy.Resource]>
    ) {
        guard let listed else { return leftOut.append("a resource without a name or a URI") }
        do throws(URITemplateFault) {
            let template = try URITemplate(listed.uri)
            guard shapes.insert(template.shape).inserted else { return }
            guard resources.count + templates.count < Self.most else {
                return leftOut.append("`\(listed.uri)`: more than \(Self.most) of the server")
            }
            self[keyPath: list].append(
                DraftPolicy.Resource(name: name(for: listed.name), uri: listed.uri))
        } catch { leftOut.append("`\(listed.uri)` cannot be in a policy: \(error)") }
    }

    /// Makes a name from the one that the server gives, or a number if it has no letter, or is taken.
    private mutating func name(for text: String) -> ToolName {
        let letters = text.utf8.prefix(64).map { byte in
            isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") ? byte : UInt8(ascii: "-")
        }
        let isReadable = letters.contains(where: isLetter)
        var number = 0
        while true {
            let text =
                number == 0 && isReadable
                ? String(decoding: letters, as: UTF8.self) : "resource-\(number)"
            if let name = ToolName(.resource, text), names.insert(name).inserted { return name }
            number += 1
        }
    }
}
